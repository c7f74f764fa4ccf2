// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A program that turns text into a WAV file, as a list of arguments with `{text}`, `{voice}` and `{output}` in them, for
/// example `espeak-ng -v {voice} -w {output} {text}`. It is run without a shell: a text can be nothing but a text.
package struct SpeechCommand: Sendable, Hashable {
    package var template: [String]
    /// Longest time that it may take.
    package var seconds = 10.0

    package static let mostCharacters = 1500
    /// What it writes: three minutes at 44.1 kHz, more than that text takes.
    static let mostFileBytes = 16 << 20

    package init(_ template: [String]) { self.template = template }

    /// A text as it is handed over: no control characters, and no '-' in front (a program would take it for an option).
    static func clean(_ text: String) throws(PromptError) -> String {
        guard text.unicodeScalars.count <= mostCharacters else {
            throw .textTooLong(characters: text.unicodeScalars.count, most: mostCharacters)
        }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            scalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        let words = String(scalars).split(separator: " ").joined(separator: " ")
        guard !words.isEmpty else { throw .emptyText }
        return words.hasPrefix("-") ? " " + words : words
    }

    static func check(voice: String) throws(PromptError) {
        let isGood =
            !voice.isEmpty && voice.utf8.count <= 64 && !voice.hasPrefix("-") && !voice.contains("..")
            && voice.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || [43, 45, 46, 47, 95].contains(byte)
            }
        guard isGood else { throw .badVoice(voice) }
    }

    /// Renders a cleaned text. The file at `output` is removed again.
    func speak(_ text: String, voice: String, output: String) async throws(PromptError) -> WAVAudio {
        guard let program = template.first, !program.isEmpty else { throw .noSpeechCommand }
        let arguments = template.dropFirst().map { Self.filled($0, ["text": text, "voice": voice, "output": output]) }
        defer { unlink(output) }
        switch await ChildProcess.run(program, arguments, seconds: seconds) {
        case .exited(0): break
        case .exited(127): throw .speechCommandMissing(program)
        case .exited(let code): throw .speechCommandFailed(program, reason: "it ended with code \(code)")
        case .killed(let signal): throw .speechCommandFailed(program, reason: "signal \(signal) ended it")
        case .tooSlow: throw .speechTooSlow(program, seconds: seconds)
        case .notStarted(let number):
            throw number == ENOENT
                ? .speechCommandMissing(program) : .speechCommandFailed(program, reason: PromptFolder.reason(number))
        }
        do {
            return try WAVAudio(PromptFolder.bytes(of: output, most: Self.mostFileBytes))
        } catch let error as PromptError {
            throw .speechCommandFailed(program, reason: "it wrote no usable file (\(error))")
        } catch {
            throw .speechCommandFailed(
                program, reason: "what it wrote is no whole WAV file; is the disk full, or is it another format?")
        }
    }

    /// Replaces each placeholder once, from left to right: what a text brings along is not looked at again.
    static func filled(_ argument: String, _ values: [String: String]) -> String {
        var result = ""
        var rest = Substring(argument)
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            let after = rest.index(after: open)
            if let close = rest[after...].firstIndex(of: "}"), let value = values[String(rest[after..<close])] {
                result += value
                rest = rest[rest.index(after: close)...]
            } else {
                result += "{"
                rest = rest[after...]
            }
        }
        return result + rest
    }
}
