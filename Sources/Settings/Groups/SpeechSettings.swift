// SPDX-License-Identifier: Apache-2.0

/// `[speech]`: the program that turns text into speech.
package struct SpeechSettings: SettingGroup {
    /// A program and its arguments, run without a shell, with `{voice}`, `{text}` and `{output}` in them.
    package var command = ["espeak-ng", "-v", "{voice}", "-w", "{output}", "{text}"]
    package var voice = "en"
    package var cacheMegabytes = 64

    package init() {}

    static let keys: [SettingKey<SpeechSettings>] = [
        SettingKey(
            "command", \.command, .speechCommand,
            "Program and arguments, run without a shell. {text} is what to say, {voice} the voice, {output} the "
                + "WAV file to write."),
        SettingKey(
            "voice", \.voice,
            .text("the name of a voice: letters, digits, '-', '_', '+' (up to 64)", maximum: 64) { text in
                text.first != "-"
                    && text.utf8.allSatisfy { byte in
                        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                            || [43, 45, 46, 47, 95].contains(byte)
                    }
            },
            "Voice for texts whose scenario names none."),
        SettingKey(
            "cache_megabytes", \.cacheMegabytes, .integer(1...100_000), unit: "MB",
            "Disk space for speech that has been rendered; the oldest goes first."),
    ]
}

extension SettingKind<[String]> {
    fileprivate static let speechCommand =
        list(.text("a text", maximum: 1_024), 1...64, of: "texts", unique: false).checked { command in
            let known = ["voice", "text", "output"]
            for argument in command {
                for name in placeholders(argument) where !known.contains(name) {
                    return ("{\(name)} is not known here".printable, "write {text}, {voice} or {output}")
                }
            }
            if let program = command.first, !placeholders(program).isEmpty {
                return (
                    "the program itself has a placeholder", "write the name of the program first, such as \"espeak-ng\""
                )
            }
            for name in ["text", "output"] where !command.contains(where: { placeholders($0).contains(name) }) {
                return ("no argument has {\(name)}", "add an argument with {\(name)}")
            }
            return nil
        }

    /// What stands in braces.
    private static func placeholders(_ argument: String) -> [String] {
        argument.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap { piece in
            piece.firstIndex(of: "}").map { String(piece[..<$0]) }
        }
    }
}
