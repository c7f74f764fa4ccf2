// SPDX-License-Identifier: Apache-2.0
// RFC 4632 (CIDR).

package import SDP

/// Who may call: networks in CIDR notation ("127.0.0.0/8", "2001:db8::/32"; a plain address is a network of one).
package struct AddressList: Sendable, Hashable {
    private struct Network: Sendable, Hashable {
        var address: IPAddress
        var bits: Int
    }

    private let networks: [Network]

    /// The box itself and nobody else.
    package static let loopback = AddressList(
        networks: [
            IPAddress("127.0.0.0").map { Network(address: $0, bits: 8) },
            IPAddress("::1").map { Network(address: $0, bits: 128) },
        ].compactMap { $0 })

    /// - Throws: `SIPError.addressList` with the first text that is no network.
    package init(_ texts: [String]) throws(SIPError) {
        var networks: [Network] = []
        for text in texts {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard let first = parts.first, let address = IPAddress(first), parts.count <= 2 else {
                throw .addressList(text)
            }
            let most = address.family == .ipv4 ? 32 : 128
            guard let bits = parts.count == 2 ? Int(parts[1]) : most, (0...most).contains(bits) else {
                throw .addressList(text)
            }
            networks.append(Network(address: address, bits: bits))
        }
        self.networks = networks
    }

    private init(networks: [Network]) { self.networks = networks }

    /// An IPv4 address that came in through an IPv6 socket counts as IPv4.
    package func contains(_ address: IPAddress) -> Bool {
        let address = address.unmapped
        return networks.contains { $0.address.shares($0.bits, with: address) }
    }
}
