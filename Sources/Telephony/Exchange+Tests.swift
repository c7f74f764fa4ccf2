// SPDX-License-Identifier: Apache-2.0
// ITU-T O.6 (1020 Hz reference test frequency; 1004 Hz in North America), at 0 dBm0.

/// Numbers with which somebody tries his line: the box itself answers.
extension Exchange {
    func callTest(_ test: TestNumber, from id: CallID) {
        calls[id]?.owner = .house(.trying(test))
        tell("call.test", ["call": "\(id)", "test": test.rawValue])
        step(id, .answer)
    }

    /// The one who tries is there.
    func begin(_ test: TestNumber, for id: CallID) {
        switch test {
        case .echo:
            guard let port = calls[id]?.port, let mix = media.openMix() else {
                tell("call.test", ["call": "\(id)", "test": test.rawValue, "outcome": "no mix is free"])
                return step(id, .hangUp(.temporaryFailure))
            }
            calls[id]?.echoMix = mix
            media.echo(port, true)
            media.add(.port(port), to: mix)
            media.listen(port, to: mix)
        case .milliwatt:
            let tone = ToneSegment(options.milliwattHz, 0, levelDBm0: 0, milliseconds: 0)
            startPlayback(.tones([tone], repeats: true), loop: false, delayMilliseconds: 0, of: id)
        case .ownNumber:
            startPlayback(
                .speech(text: ownWords(of: id), voice: options.voice), loop: false, delayMilliseconds: 500, of: id)
        }
    }

    private func ownWords(of id: CallID) -> String {
        let number = Self.spoken(calls[id]?.info.callerNumber ?? "")
        let addresses = options.ownAddresses().map { "The address of this box is \(Self.spoken($0))." }
        let who = number.isEmpty ? "This telephone has no number." : "The number of this telephone is \(number)."
        return ([who] + addresses).joined(separator: " ")
    }

    /// Digit by digit, and dots as words.
    static func spoken(_ text: String) -> String {
        text.map { character in
            switch character {
            case ".": "dot"
            case ":": "colon"
            default: String(character)
            }
        }.joined(separator: " ")
    }
}
