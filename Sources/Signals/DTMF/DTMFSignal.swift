// SPDX-License-Identifier: Apache-2.0
// ITU-T Q.23 (frequencies), RFC 4733 section 3.2 (event codes).

/// The sixteen signals by their RFC 4733 event code: 0 … 9, 10 '*', 11 '#', 12 … 15 'A' … 'D'.
package enum DTMFSignal {
    package static let rows: [Double] = [697, 770, 852, 941]
    package static let columns: [Double] = [1209, 1336, 1477, 1633]

    /// Codes in the order of the keypad, row by row.
    static let keypad: [UInt8] = [1, 2, 3, 12, 4, 5, 6, 13, 7, 8, 9, 14, 10, 0, 11, 15]

    /// The code of a place on the keypad; no array here, it is asked on the mix thread.
    @inline(__always)
    static func code(ofKey key: Int) -> UInt8? {
        switch key {
        case 0: 1
        case 1: 2
        case 2: 3
        case 3: 12
        case 4: 4
        case 5: 5
        case 6: 6
        case 7: 13
        case 8: 7
        case 9: 8
        case 10: 9
        case 11: 14
        case 12: 10
        case 13: 0
        case 14: 11
        case 15: 15
        default: nil
        }
    }

    /// Row and column frequency of a code in Hz; nil above 15.
    package static func frequencies(ofCode code: UInt8) -> (row: Double, column: Double)? {
        guard let place = keypad.firstIndex(of: code) else { return nil }
        return (rows[place / 4], columns[place % 4])
    }

    /// The code of an ASCII character; nil when it is none of the sixteen.
    @inline(__always)
    static func code(ofCharacter character: Int32) -> UInt8? {
        switch character {
        case 0x30...0x39: UInt8(truncatingIfNeeded: character - 0x30)
        case 0x2A: 10
        case 0x23: 11
        case 0x41...0x44: UInt8(truncatingIfNeeded: character - 0x41 + 12)
        default: nil
        }
    }
}
