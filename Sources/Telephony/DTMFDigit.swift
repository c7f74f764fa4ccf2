// SPDX-License-Identifier: Apache-2.0
// ITU-T Q.23 (the sixteen signals), RFC 4733 section 3.2 (their event codes).

/// One of the sixteen DTMF signals; the raw value is its RFC 4733 event code.
package enum DTMFDigit: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    case zero, one, two, three, four, five, six, seven, eight, nine, star, pound, a, b, c, d

    private static let characters: [Character] = Array("0123456789*#ABCD")

    package init?(_ character: Character) {
        let upper = character.uppercased()
        guard let index = Self.characters.firstIndex(where: { String($0) == upper }),
            let digit = DTMFDigit(rawValue: UInt8(index))
        else { return nil }
        self = digit
    }

    package var character: Character { Self.characters[Int(rawValue)] }
}

/// Where a digit was recognised, the most trustworthy first. Once a higher source has been heard on a call, the lower ones
/// are silent there, so that each digit counts once.
package enum DigitSource: UInt8, Sendable, Hashable, Codable, Comparable, BitwiseCopyable {
    case telephoneEvent, info, keys, inBand

    package static func < (a: DigitSource, b: DigitSource) -> Bool { a.rawValue < b.rawValue }
}
