// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where SIP is listened for: a literal address, a port, and UDP, TCP or both, or TLS.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package enum Transport: String, Sendable, Hashable, CaseIterable {
        case udp, tcp, tls

        /// Where none is named.
        static let usual: [Transport] = [.udp, .tcp]
    }

    /// Without brackets.
    package var host: String
    package var isIPv6: Bool
    package var port: Int
    /// UDP first.
    package var transports: [Transport]

    /// From `192.0.2.7:5060`, `[2001:db8::7]:5060`, `0.0.0.0:5060 udp`, `0.0.0.0:5061 tls`; nil when it is none of these.
    package init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let colon = parts[0].lastIndex(of: ":"),
            let port = Int(parts[0][colon...].dropFirst()), (1...65_535).contains(port),
            parts[0][colon...].dropFirst().utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        var host = parts[0][..<colon]
        let isBracketed = host.first == "[" && host.last == "]" && host.count > 2
        if isBracketed { host = host.dropFirst().dropLast() }
        guard let bytes = AddressBlock.bytes(String(host)), (bytes.count == 16) == isBracketed else { return nil }
        var transports = Transport.usual
        if parts.count == 2 {
            guard let only = Transport(rawValue: String(parts[1])) else { return nil }
            transports = [only]
        }
        self.host = String(host)
        self.isIPv6 = isBracketed
        self.port = port
        self.transports = transports
    }

    package var description: String {
        let address = (isIPv6 ? "[\(host)]" : host) + ":\(port)"
        return transports.count == 1 ? address + " \(transports[0].rawValue)" : address
    }
}

extension SettingKind<ListenAddress> {
    static let listenAddress = SettingKind.plain(
        "\"HOST:PORT\" with a literal address, such as \"0.0.0.0:5060\" or \"[::]:5060\"; \" udp\", \" tcp\" "
            + "or \" tls\" behind it takes that one alone",
        write: { $0.description.tomlText }
    ) { content in
        if case .string(let text) = content, text.utf8.count <= 80 { ListenAddress(text) } else { nil }
    }
}
