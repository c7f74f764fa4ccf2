// SPDX-License-Identifier: Apache-2.0
// RFC 8489 sections 5 (header), 14.1 and 14.2 (MAPPED-ADDRESS, XOR-MAPPED-ADDRESS). Binding only, no credentials.

package import SDP

/// The question "whence do you see me?" and its answer.
package enum STUNMessage {
    static let cookie: [UInt8] = [0x21, 0x12, 0xA4, 0x42]

    /// A Binding request.
    /// - Parameter transaction: twelve random bytes.
    package static func request(_ transaction: [UInt8]) -> [UInt8] { [0x00, 0x01, 0x00, 0x00] + cookie + transaction }

    /// The address in a Binding success response to that request; nil for everything else. Never traps.
    package static func mappedAddress(in bytes: [UInt8], transaction: [UInt8]) -> IPAddress? {
        guard bytes.count >= 20, bytes[0] == 0x01, bytes[1] == 0x01, Array(bytes[4..<8]) == cookie,
            Array(bytes[8..<20]) == transaction
        else { return nil }
        let length = Int(bytes[2]) << 8 | Int(bytes[3])
        guard length % 4 == 0, 20 + length <= bytes.count else { return nil }
        var index = 20
        var plain: IPAddress?
        while index + 4 <= 20 + length {
            let type = Int(bytes[index]) << 8 | Int(bytes[index + 1])
            let size = Int(bytes[index + 2]) << 8 | Int(bytes[index + 3])
            let value = index + 4
            guard value + size <= 20 + length else { return nil }
            if type == 0x0020, let found = address(bytes[value..<value + size], mask: cookie + transaction) {
                return found
            }
            if type == 0x0001 { plain = address(bytes[value..<value + size], mask: []) }
            index = value + (size + 3) & ~3
        }
        return plain
    }

    private static func address(_ value: ArraySlice<UInt8>, mask: [UInt8]) -> IPAddress? {
        let bytes = Array(value)
        guard bytes.count >= 4 else { return nil }
        let count = bytes[1] == 1 ? 4 : bytes[1] == 2 ? 16 : 0
        guard count > 0, bytes.count == 4 + count else { return nil }
        let plain = (0..<count).map { bytes[4 + $0] ^ (mask.isEmpty ? 0 : mask[$0]) }
        if count == 4 { return IPAddress(plain.map(String.init).joined(separator: ".")) }
        let groups = (0..<8).map { String(Int(plain[2 * $0]) << 8 | Int(plain[2 * $0 + 1]), radix: 16) }
        return IPAddress(groups.joined(separator: ":"))
    }
}
