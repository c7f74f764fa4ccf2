// SPDX-License-Identifier: Apache-2.0
// What EchoSheetTests and EchoVoiceSheetTests let cancellers hear.

import Foundation
import Testing

@testable import Signals

/// Two people, a line's echo and its noise: 14 s.
struct EchoScene {
    /// What is played, what is spoken at the near end, and the line's own noise.
    var far: [Double]
    var talk: [Double]
    var noise: [Double]
    /// From the sixth second on somebody speaks at the near end, or the line is another one.
    static let change = 48_000
    static let count = 8000 * 14
    var talkLength: Int

    init() throws {
        let speech = try #require(
            Laboratory.speech(
                "Good morning, I would like to know whether the room is free on Thursday, and who has the key. Thank you.",
                voice: "en"), "no espeak-ng")
        let other = try #require(
            Laboratory.speech(
                "Well, that depends on many things, does it not? Let us see what we can do.", voice: "en+f4"),
            "no espeak-ng")
        let gain = Laboratory.peak(dBm0: -16) / 1.414 / Laboratory.rms(speech)
        var generator = SeededGenerator(state: 2)
        talk = (0..<Self.count).map { index in
            let place = index - Self.change
            return other.indices.contains(place) ? Double(other[place]) * gain : 0
        }
        far = (0..<Self.count).map { Double(speech[$0 % speech.count]) * gain }
        noise = Laboratory.noise(Self.count, rms: Laboratory.peak(dBm0: -68) / 1.414, generator: &generator)
        talkLength = other.count
    }

    /// The near voice: at most 4 s of it.
    var voice: Range<Int> { Self.change..<(Self.change + min(talkLength, 32_000)) }

    static func power(_ values: ArraySlice<Double>) -> Double {
        values.reduce(0) { $0 + $1 * $1 } / Double(max(1, values.count))
    }

    static func decibels(_ above: Double, _ below: Double) -> Double {
        10 * log10(max(above, 1e-9) / max(below, 1e-9))
    }

    static func clipped(_ values: [Double]) -> [Int16] {
        values.map { Int16(max(-32_768, min(32_767, $0.rounded()))) }
    }

    static func coded(_ samples: [Int16]) -> [Int16] {
        samples.map { G711.expand(G711.compress(Int($0), .a), .a) }
    }

    /// What comes in while both speak.
    func both(_ echo: [Double]) -> [Int16] {
        Self.clipped((0..<Self.count).map { echo[$0] + noise[$0] + talk[$0] })
    }

    func measure(_ rival: EchoRival, _ echo: [Double], next: [Double]) -> EchoFigures {
        let far = Self.clipped(far)
        func run(_ near: [Double]) -> [Double] { rival.cancel(far: far, near: Self.clipped(near)) }
        func loss(_ left: [Double], _ seconds: Double, within: Double = 0.2) -> Double {
            let range = Int((seconds - within) * 8000)..<Int((seconds + within) * 8000)
            return Self.decibels(Self.power(self.far[range]), Self.power(left[range]))
        }
        let plain = zip(echo, noise).map { $0 + $1 }
        var figures = EchoFigures()
        let left = run(plain)
        figures.begun = loss(left, 0.3, within: 0.1)
        (figures.start, figures.second, figures.settled) = (loss(left, 0.5), loss(left, 1), loss(left, 5))
        let coded = Self.coded(Self.clipped(plain))
        figures.coded = loss(rival.cancel(far: far, near: coded), 5)
        // A filter that knew the line exactly would leave the noise and the code's steps.
        figures.ceiling = loss(zip(coded, echo).map { Double($0) - $1 }, 5)
        let change = Self.change
        figures.changed = loss(
            run((0..<Self.count).map { ($0 < change ? echo[$0] : next[$0]) + noise[$0] }),
            Double(change) / 8000 + 1)
        let double = rival.cancel(far: far, near: both(echo))
        // The filter takes DC away, which turns phases: compared with the same voice when nothing is played.
        let silence = [Int16](repeating: 0, count: Self.count)
        let alone = rival.cancel(far: silence, near: Self.clipped(zip(noise, talk).map { $0 + $1 }))
        let damage = voice.map { double[$0] - alone[$0] }
        figures.voice = Self.decibels(Self.power(alone[voice]), Self.power(damage[...]))
        let end = Double(change + talkLength) / 8000
        if end + 2.5 < Double(Self.count) / 8000 {
            (figures.after, figures.later) = (loss(double, end + 1), loss(double, end + 2))
            figures.forgotten = figures.settled - figures.after
        }
        return figures
    }
}

/// Decibels; NaN: not measured.
struct EchoFigures {
    var begun = 0.0, start = 0.0, second = 0.0, settled = 0.0, coded = 0.0, ceiling = 0.0, changed = 0.0, voice = 0.0
    var after = Double.nan, later = Double.nan, forgotten = Double.nan

    static let head = [
        "0.3 s", "0.5 s", "1 s", "5 s", "5 s, A-law", "(perfect, A-law)", "1 s after another line",
        "near voice in double talk", "1 s after double talk", "2 s after", "forgotten in double talk",
    ]

    var cells: [Double] {
        [begun, start, second, settled, coded, ceiling, changed, voice, after, later, forgotten]
    }
}
