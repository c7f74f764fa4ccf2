// SPDX-License-Identifier: Apache-2.0
// Telcordia GR-30 / TIA-777 (Bell 202), ETSI EN 300 659-3 (parameters), BT SIN 242, NTT's number display.

/// Who calls, as a line told it. Texts come from outside: printable ASCII and Latin-1 only, capped.
package struct CallerID: Sendable, Hashable {
    /// How it was told.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case bell202
        case v23
        /// Number display of Japan (V.23 with parity and CRC).
        case v23JP = "v23-jp"
        case dtmf
    }

    package enum Absence: Sendable, Hashable {
        /// The caller does not want to be shown.
        case withheld
        /// The network does not know.
        case unavailable
    }

    package var kind: Kind
    /// Digits, '+', '*', '#'; empty when absent.
    package var number = ""
    package var name = ""
    /// Month, day, hour, minute as eight digits; empty when absent.
    package var date = ""
    package var absence: Absence?
    /// Level of the signal.
    package var levelDBm0: Float = -99

    package init(kind: Kind) { self.kind = kind }

    static let longestNumber = 32
    static let longestName = 64

    static func number(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes.prefix(longestNumber)
        where (0x30...0x39).contains(byte) || byte == 0x2A || byte == 0x23 || byte == 0x2B {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return text
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes.prefix(longestName) where (0x20...0x7E).contains(byte) || byte >= 0xA0 {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return text.split(separator: " ").joined(separator: " ")
    }
}
