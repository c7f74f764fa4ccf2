// SPDX-License-Identifier: Apache-2.0
// RFC 3986 section 2.1 (percent-encoding).

import Telephony

/// A piece of a request's path.
enum PathPart {
    /// Without percent-encoding; nil when that is broken, too long, or no UTF-8.
    static func decode(_ piece: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var source = piece.utf8.makeIterator()
        while let byte = source.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = source.next().flatMap(hexadecimal), let low = source.next().flatMap(hexadecimal) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes.count <= 256 ? String(validating: bytes, as: UTF8.self) : nil
    }

    /// A room as people say it ("111") or its conference id ("conf_111").
    static func room(_ text: String) throws(ControlFailure) -> String {
        guard RoomName.isFit(DialPlan.roomName(ofConference: text)) else {
            throw ControlFailure(error: "this is no name of a room", remedy: "partyline rooms shows the rooms")
        }
        return text
    }

    static func identifier(_ text: String, _ noun: String) throws(ControlFailure) -> String {
        let isFit = text.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [45, 46, 95].contains($0)
        }
        guard (1...64).contains(text.utf8.count), isFit else {
            throw ControlFailure(
                error: "this is no name of a \(noun)",
                remedy: "write what the reports show: letters, digits, '-', '_' and '.'")
        }
        return text
    }

    /// The name of a file in a folder of ours; none that is hidden or unfinished.
    static func file(_ text: String) throws(ControlFailure) -> String {
        guard (1...128).contains(text.utf8.count), text.first != ".", !text.hasSuffix(".part"),
            (try? identifier(String(text.prefix(64)), "file")) != nil,
            text.utf8.count <= 64 || (try? identifier(String(text.dropFirst(64)), "file")) != nil
        else {
            throw ControlFailure(
                error: "this is no name of a recording", remedy: "partyline recordings shows them", status: 404)
        }
        return text
    }

    /// An IP address or a network; whoever takes it looks closer.
    static func address(_ text: String) throws(ControlFailure) -> String {
        let isFit = text.utf8.allSatisfy { hexadecimal($0) != nil || [UInt8(ascii: ":"), 46, 47].contains($0) }
        guard (2...64).contains(text.utf8.count), isFit else {
            throw ControlFailure(error: "this is no address", remedy: "partyline bans shows the addresses")
        }
        return text
    }

    static func hasControls(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
