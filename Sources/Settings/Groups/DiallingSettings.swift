// SPDX-License-Identifier: Apache-2.0

package import Patterns

/// `[dialling]`: what a phone on a line of the box can dial. In this order: emergency numbers, extensions, rooms.
package struct DiallingSettings: SettingGroup {
    /// A file of tones.d without ".toml".
    package var country = "de"
    package var emergency = ["112", "911", "999"]
    package var interdigitSeconds = 4.0
    package var roomPattern: Pattern? = try? Pattern("[0-9]{1,8}")

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
            "What a phone dials that is a room's number, as a whole, and no extension."),
    ]
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
