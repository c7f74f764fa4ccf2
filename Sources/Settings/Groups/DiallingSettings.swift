// SPDX-License-Identifier: Apache-2.0

package import Patterns
package import Telephony

/// `[dialling]`: what a phone on a line of the box can dial. In this order: emergency numbers, extensions, rooms.
package struct DiallingSettings: SettingGroup {
    /// A file of tones.d without ".toml".
    package var country = "de"
    package var emergency = ["112", "911", "999"]
    package var interdigitSeconds = 4.0
    package var roomPattern: Pattern? = try? Pattern("[0-9]{1,8}")
    package var echoTest = "*43"
    package var milliwatt = "*44"
    package var ownNumber = "*65"
    /// The bell for calls from outside and for those of rooms and scripts, ms on and off in turn; empty: the country's.
    package var outsideRing: [Int] = []
    package var groupRing: [Int] = []

    /// What a phone dials to try its line.
    package var testNumbers: [String: TestNumber] {
        var numbers: [String: TestNumber] = [:]
        for (number, test) in testRows { numbers[number] = test }
        return numbers
    }

    /// Row by row, as they stand in the file.
    package var testRows: [(number: String, test: TestNumber)] {
        [(echoTest, .echo), (milliwatt, .milliwatt), (ownNumber, .ownNumber)].filter { $0.0 != "off" }
    }

    package init() {}

    static let keys: [SettingKey<DiallingSettings>] = [
        SettingKey(
            "country", \.country,
            .text("the name of a file in tones.d without \".toml\", such as \"de\"", maximum: 16) { text in
                text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
            },
            "Tones that the phones hear and emergency numbers of the country: tones.d/COUNTRY.toml."),
        SettingKey(
            "emergency", \.emergency, .list(.digits(2...6), 0...32, of: "numbers"), unit: "numbers",
            "Emergency numbers besides those of the country. They come before everything else, on every phone, "
                + "without '#', and can never be rooms or extensions."),
        SettingKey(
            "interdigit_seconds", \.interdigitSeconds, .number(1...30), unit: "s",
            "A number is complete after so much silence; '#' ends it at once."),
        SettingKey(
            "room_pattern", \.roomPattern, .optional(.pattern), unit: "regular expression",
            "What a phone dials that is a room's number, as a whole, and no extension. No room has another number, whoever asks "
                + "for one: at the greeting, in a script, by its id."),
        SettingKey(
            "echo_test", \.echoTest, .testNumber,
            "Who dials this hears himself, a moment later. As with the next two, \"off\" switches it off."),
        SettingKey(
            "milliwatt", \.milliwatt, .testNumber,
            "Gives a tone of 0 dBm0 to set levels by: 1020 Hz, in North America 1004 Hz."),
        SettingKey(
            "own_number", \.ownNumber, .testNumber, "Speaks the number of the phone and the address of this box."),
        SettingKey(
            "outside_ring_ms", \.outsideRing, .list(.integer(20...20_000), 0...8, of: "times", unique: false),
            unit: "ms",
            "The bell of the phones on lines for calls from outside, on and off in turn; empty: as in the country. "
                + "[400, 200, 400, 4000] rings twice."),
        SettingKey(
            "group_ring_ms", \.groupRing, .list(.integer(20...20_000), 0...8, of: "times", unique: false), unit: "ms",
            "The same for calls of rooms and scripts."),
    ]
}

extension SettingKind<String> {
    fileprivate static let testNumber = text("digits and '*', such as \"*43\", or \"off\"", maximum: 8) { text in
        text == "off" || text.utf8.allSatisfy { (48...57).contains($0) || $0 == 42 }
    }
}

extension SettingKind<Pattern> {
    static let pattern = SettingKind(
        words: "a regular expression in quotes, such as '[0-9]{3}'",
        read: { value, misfits in
            guard case .string(let text) = value.content, !text.isEmpty, text.printable == text else {
                misfits.error(
                    value.place, "\(value.words) does not fit here", "write a regular expression, such as '[0-9]{3}'")
                return nil
            }
            do {
                return try Pattern(text)
            } catch PatternError.invalid(let offset, let reason) {
                misfits.error(
                    value.place, "\(text.quoted) is no regular expression: \(reason), at offset \(offset)",
                    "correct it there (single quotes keep backslashes: '\\d+')")
            } catch {
                misfits.error(value.place, "\(error)", "write a shorter pattern")
            }
            return nil
        },
        write: { $0.text.tomlText })
}
