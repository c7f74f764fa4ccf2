// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@Suite struct AddressTests {
    @Test func `blocks know who belongs to them`() throws {
        let local = try AddressBlock("127.0.0.0/8")
        #expect(local.contains("127.0.0.1") && local.contains("127.255.255.255") && local.contains("::ffff:127.0.0.1"))
        #expect(
            !local.contains("128.0.0.1") && !local.contains("::1") && !local.contains("localhost")
                && !local.contains(""))
        let six = try AddressBlock("2001:db8::/33")
        #expect(six.contains("2001:db8:7fff::1") && !six.contains("2001:db8:8000::1") && !six.contains("127.0.0.1"))
        #expect(try AddressBlock("192.0.2.7").contains("192.0.2.7"))
        #expect(try !AddressBlock("192.0.2.7").contains("192.0.2.6"))
        #expect(try AddressBlock("0.0.0.0/0").contains("203.0.113.5"))
        #expect(try AddressBlock("10.0.0.0/8").description == "10.0.0.0/8")
    }

    @Test(arguments: [
        "", "/", "1.2.3.4/", "1.2.3.4/33", "1.2.3/8", "::/129", "1.2.3.4/8/8", "1.2.3.4/-1", "1.2.3.4/+8", "a.b",
        "::1%lo/64", "1.2.3.4/٣",
    ])
    func `what is no block is refused`(_ text: String) {
        #expect(throws: AddressBlock.Misread.self) { try AddressBlock(text) }
    }

    @Test func `listen addresses are literal`() throws {
        let both = try #require(ListenAddress("[2001:db8::7]:5060"))
        #expect(both.isIPv6 && both.host == "2001:db8::7" && both.transports == [.udp, .tcp])
        #expect(ListenAddress("0.0.0.0:5070 tcp")?.transports == [.tcp])
        #expect(ListenAddress("0.0.0.0:5070 tcp")?.description == "0.0.0.0:5070 tcp")
        for text in [
            "", ":5060", "0.0.0.0", "0.0.0.0:0", "0.0.0.0:65536", "::1:5060", "[::1]", "[127.0.0.1]:5060", "host:5060",
            "0.0.0.0:5060 ssl", "0.0.0.0:5060  udp", "0.0.0.0:+5060", "[]:5060", "0.0.0.0: 5060",
        ] {
            #expect(ListenAddress(text) == nil, "\(text)")
        }
    }
}
