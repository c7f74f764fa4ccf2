// SPDX-License-Identifier: Apache-2.0

/// What a room can be called: whoever is in one can be reached by commands and pages under that name.
package enum RoomName {
    /// `name`: as people say it ("111"); 1 to 64 bytes, no control characters and nothing that stands for one (U+FFFD), no '#',
    /// which ends a number on every keypad, no part of a path.
    package static func isFit(_ name: String) -> Bool {
        let hasControls = name.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
        let hasMarks = name.unicodeScalars.contains { $0 == "/" || $0 == "#" || $0 == "\u{FFFD}" }
        return (1...64).contains(name.utf8.count) && !hasControls && !hasMarks && name != "." && name != ".."
    }
}
