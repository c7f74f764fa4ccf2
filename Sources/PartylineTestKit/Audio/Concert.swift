// SPDX-License-Identifier: Apache-2.0

/// An hour to be listened to, made once for all tests: half of it speech, half music. 8 kHz. Any thread; the first who asks waits
/// some seconds.
package enum Concert {
    package struct Hour: Sendable {
        package var speech: [Int16]
        package var music: [Int16]
    }

    package struct Silent: Error, CustomStringConvertible {
        package var description: String { "espeak-ng is not installed" }
    }

    private static let made = Result { try make() }

    package static func hour() throws -> Hour { try made.get() }

    private static let voices = [
        "en", "en+f3", "de", "de+f2", "fr", "it+f4", "es", "ru", "pl+m3", "sv+f5", "tr", "pt+f1",
    ]

    private static let words =
        """
        I called you about the room on Monday but nobody answered so I thought we could talk it over now what do you think \
        about the plan for next week and who is going to tell them that the number has changed again since the summer \
        yes no maybe one two three four five six seven eight nine zero hello are you still there I can hear you very well
        """.split(separator: " ").map(String.init)

    private static func make() throws -> Hour {
        var generator = SplitMix(seed: 77)
        var speech: [Int16] = []
        for voice in voices {
            var text = ""
            for _ in 0..<330 { text += (words.randomElement(using: &generator) ?? "") + " " }
            guard let spoken = SpokenText.samples(text, voice: voice) else { throw Silent() }
            // Each voice at another level, until there are 150 s of it.
            let gain = Double.random(in: 0.15...1, using: &generator)
            var part: [Int16] = []
            while part.count < 150 * 8000 { part += spoken.map { Int16(Double($0) * gain) } }
            speech += part.prefix(150 * 8000)
        }
        var music = Music(seed: 11)
        return Hour(speech: speech, music: music.play(seconds: 1_800))
    }
}
