// SPDX-License-Identifier: Apache-2.0

import CLinux
package import RTP

extension TransportAddress {
    /// A literal IPv4 or IPv6 address ("192.0.2.1", "2001:db8::1"), never a name: nil then.
    package init?(_ text: String, port: UInt16) {
        guard text.utf8.count < 64 else { return nil }
        var address = partyline_address()
        guard partyline_parse_address(text, &address) == 1 else { return nil }
        address.port = port
        self.init(address)
    }

    /// The usual spelling without the port.
    package var host: String {
        var address = partyline_address(self)
        var text: [UInt8] = .init(repeating: 0, count: 64)
        text.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                guard let base = characters.baseAddress else { return }
                partyline_format_address(&address, base)
            }
        }
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// "192.0.2.1:5004", "[2001:db8::1]:5004".
    package var description: String { isIPv4 ? "\(host):\(port)" : "[\(host)]:\(port)" }

    /// The address of this machine from which packets to `self` leave: what our SDP names. Nil: no way there.
    package var localCounterpart: TransportAddress? {
        var remote = partyline_address(self)
        if remote.port == 0 { remote.port = 9 }
        var local = partyline_address()
        guard partyline_local_address(&remote, &local) == 0 else { return nil }
        return TransportAddress(local).with(port: 0)
    }

    init(_ address: partyline_address) {
        self.init(high: 0, low: 0, port: address.port, scope: address.scope)
        withUnsafeBytes(of: address.bytes) { bytes in
            high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
            low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }
}

extension partyline_address {
    init(_ address: TransportAddress) {
        self.init()
        withUnsafeMutableBytes(of: &bytes) { target in
            target.storeBytes(of: address.high.bigEndian, as: UInt64.self)
            target.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        port = address.port
        scope = address.scope
    }
}
