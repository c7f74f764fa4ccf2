// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import WebFetch

@Suite struct AddressFenceTests {
    private func bytes(_ text: String) -> [UInt8] {
        var wide = in6_addr()
        var narrow = in_addr()
        if inet_pton(AF_INET6, text, &wide) == 1 { return withUnsafeBytes(of: &wide) { Array($0) } }
        guard inet_pton(AF_INET, text, &narrow) == 1 else { return [] }
        return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + withUnsafeBytes(of: &narrow) { Array($0) }
    }

    @Test(arguments: [
        "127.0.0.1", "127.255.255.255", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::", "::1",
        "::ffff:127.0.0.1", "fe80::1", "fc00::1", "fdff::1", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::1",
        "2001:db8::1", "2001::1", "::127.0.0.1", "3fff::1", "100::1",
    ])
    func `addresses that are not public are refused`(_ address: String) {
        #expect(!AddressFence().allows(bytes(address)))
    }

    @Test(arguments: [
        "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2606:4700::1", "2a00::1",
        "64:ff9b::808:808",
    ])
    func `public ones are allowed`(_ address: String) {
        #expect(AddressFence().allows(bytes(address)))
    }

    @Test func `what the settings allow is allowed, and nothing beside it`() throws {
        let lan = try #require(AddressFence.Block([192, 168, 4, 0], prefix: 22))
        let local = try #require(AddressFence.Block([UInt8](repeating: 0, count: 15) + [1], prefix: 128))
        let fence = AddressFence(allowed: [lan, local])
        #expect(fence.allows(bytes("192.168.7.255")))
        #expect(!fence.allows(bytes("192.168.8.0")))
        #expect(fence.allows(bytes("::1")))
        #expect(!fence.allows(bytes("::2")))
        #expect(AddressFence.Block([1, 2], prefix: 3) == nil)
        #expect(!fence.allows([]))
    }
}
