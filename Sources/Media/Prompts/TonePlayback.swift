// SPDX-License-Identifier: Apache-2.0

import Signals
import Telephony

/// Tones as samples, with the place from which they repeat.
struct TonePlayback: Sendable {
    let audio: WAVAudio
    let loopStart: Int?

    /// All that is written out at once.
    static let mostSeconds = 600

    init(_ segments: [ToneSegment], repeats: Bool) throws(PromptError) {
        let tones = segments.prefix(ToneGenerator.mostSegments).map(Tone.init)
        guard let first = tones.first else { throw .noTones }
        // One and the same tone again and again is a tone without end.
        let isSteady =
            repeats
            && tones.allSatisfy {
                $0.frequency1Hz == first.frequency1Hz && $0.frequency2Hz == first.frequency2Hz
                    && $0.levelDBm0 == first.levelDBm0 && $0.modulationHz == first.modulationHz
            }
        let endless = isSteady ? 0 : tones.firstIndex { $0.milliseconds == 0 }
        let before = tones[..<(endless ?? tones.count)]
        let seconds = before.reduce(0) { $0 &+ max(0, min($1.milliseconds, 86_400_000)) } / 1000
        guard seconds <= Self.mostSeconds else { throw .tonesTooLong(seconds: seconds, most: Self.mostSeconds) }
        let highest = tones.reduce(0) { max($0, $1.frequency1Hz, $1.frequency2Hz) }
        let rate = highest < 3400 ? 8000 : 16_000
        var shown = Array(before)
        var tail = 0
        if let endless {
            var tone = tones[endless]
            tone.milliseconds = 0
            shown.append(tone)
            tail = Self.loopLength(tone, rate: rate)
        }
        let generator = ToneGenerator(shown, repeats: false, sampleRate: rate)
        func length(_ tones: ArraySlice<Tone>) -> Int {
            tones.reduce(0) { $0 + (($1.milliseconds < 0) ? 0 : max(1, $1.milliseconds * rate / 1000)) }
        }
        let lead = length(before)
        // What is played once stands before the loop, unless nothing else is there.
        let once = length(before.prefix(while: \.isOnce))
        let repeatsFrom = repeats && (once < lead || lead == 0) ? once : nil
        // The first 20 ms of an endless tone hold its fade; the loop starts behind.
        let settle = endless == nil ? 0 : rate / 50
        var samples = [Int16](repeating: 0, count: lead + settle + tail)
        _ = generator.fill(&samples, count: samples.count)
        audio = WAVAudio(sampleRate: rate, samples: samples)
        loopStart = endless != nil ? lead + settle : repeatsFrom
    }

    /// Samples after which both frequencies are at the start of a cycle again (as nearly as 10 s allow).
    private static func loopLength(_ tone: Tone, rate: Int) -> Int {
        for seconds in 1...10 {
            let isWhole = [tone.frequency1Hz, tone.frequency2Hz, tone.modulationHz].allSatisfy { hertz in
                guard hertz.isFinite else { return true }
                let cycles = hertz * Double(seconds)
                return abs(cycles - cycles.rounded()) < 1e-6
            }
            if isWhole { return seconds * rate }
        }
        return 10 * rate
    }
}

extension Tone {
    init(_ segment: ToneSegment) {
        self.init(
            segment.frequency1Hz, segment.frequency2Hz, levelDBm0: segment.levelDBm0, milliseconds: segment.milliseconds
        )
        modulationHz = segment.modulationHz
        isOnce = segment.isOnce
    }
}
