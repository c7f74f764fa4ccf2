// SPDX-License-Identifier: Apache-2.0
// ITU-T E.180 (tones), Q.23 (DTMF); levels in dBm0: a full-scale sine is +3.14 dBm0.

import Glibc

/// One piece of a tone: up to two frequencies (0: none), each at the same level, for a time (0: without end).
package struct Tone: Sendable, Hashable {
    package var frequency1Hz: Double
    package var frequency2Hz: Double
    /// Level of each frequency; `twistDB` is added to the second one.
    package var levelDBm0: Double
    package var twistDB: Double
    package var milliseconds: Int
    /// The first frequency is modulated with this one, 90 % deep; 0: is not.
    package var modulationHz = 0.0
    /// Left out from the second time on, where tones repeat; such tones stand first.
    package var isOnce = false

    package init(
        _ frequency1Hz: Double, _ frequency2Hz: Double = 0, levelDBm0: Double, twistDB: Double = 0, milliseconds: Int
    ) {
        self.frequency1Hz = frequency1Hz
        self.frequency2Hz = frequency2Hz
        self.levelDBm0 = levelDBm0
        self.twistDB = twistDB
        self.milliseconds = milliseconds
    }

    /// The digit of an RFC 4733 event code; nil above 15. High tone 2 dB stronger, as telephones send it.
    package static func digit(_ code: UInt8, milliseconds: Int = 100, levelDBm0: Double = -10) -> Tone? {
        guard let (row, column) = DTMFSignal.frequencies(ofCode: code) else { return nil }
        return Tone(row, column, levelDBm0: levelDBm0, twistDB: 2, milliseconds: milliseconds)
    }

    package static func silence(milliseconds: Int) -> Tone { Tone(0, 0, levelDBm0: -99, milliseconds: milliseconds) }
}

/// Makes tones sample by sample: phase continuous from segment to segment, faded over 2 ms where a frequency begins or ends.
/// Segments are worked out and copied in `init` (control side); `fill` is plain arithmetic for any one thread.
package final class ToneGenerator {
    package let sampleRate: Int
    /// Samples until the end; nil when it goes on for ever.
    package let length: Int64?
    /// All has been made.
    package private(set) var isFinished = false

    private let segments: UnsafeMutablePointer<Segment>
    private let count: Int
    private let repeats: Bool
    /// Where a repetition begins.
    private let restart: Int
    private let fade: Int
    private var index = 0
    private var place = 0
    /// The turning vectors of both frequencies.
    private var first = SIMD2<Double>(1, 0)
    private var second = SIMD2<Double>(1, 0)

    /// At most this many segments are taken.
    package static let mostSegments = 4096

    private struct Segment: BitwiseCopyable {
        var turn1 = SIMD2<Double>(1, 0)
        var turn2 = SIMD2<Double>(1, 0)
        var level1 = 0.0
        var level2 = 0.0
        /// Of the second turning vector, where it modulates the first.
        var depth = 0.0
        /// Int.max: without end.
        var samples = Int.max
        /// The tone before, or after, is another one.
        var fadesIn = true
        var fadesOut = true

        var isSilent: Bool { level1 == 0 && level2 == 0 }
    }

    /// Frequencies beyond the Nyquist frequency (or not numbers) are silent.
    package init(_ tones: [Tone], repeats: Bool, sampleRate: Int) {
        precondition(sampleRate > 0)
        self.sampleRate = sampleRate
        let tones = tones.prefix(Self.mostSegments).filter { $0.milliseconds >= 0 }
        count = tones.count
        fade = max(1, sampleRate / 500)
        segments = .allocate(capacity: max(1, count))
        segments.initialize(repeating: Segment(), count: max(1, count))
        var total: Int64? = 0
        for (place, tone) in tones.enumerated() {
            var segment = Segment()
            (segment.turn1, segment.level1) = Self.turn(tone.frequency1Hz, tone.levelDBm0, sampleRate)
            (segment.turn2, segment.level2) = Self.turn(tone.frequency2Hz, tone.levelDBm0 + tone.twistDB, sampleRate)
            if tone.modulationHz > 0 {
                (segment.turn2, segment.level2) = (Self.turn(tone.modulationHz, 0, sampleRate).0, 0)
                segment.depth = 0.9
            }
            let milliseconds = min(tone.milliseconds, 86_400_000)
            segment.samples = milliseconds == 0 ? Int.max : max(1, milliseconds * sampleRate / 1000)
            total = segment.samples == Int.max ? nil : total.map { $0 + Int64(segment.samples) }
            segments[place] = segment
        }
        restart = tones.prefix(while: \.isOnce).count
        // A hundred thousand loops of nothing would hang the loop below.
        self.repeats = repeats && restart < count
        length = self.repeats ? nil : total
        isFinished = count == 0
        for place in 0..<count {
            let following = place + 1 < count ? place + 1 : self.repeats ? restart : -1
            guard following >= 0 else { continue }
            let same =
                segments[place].turn1 == segments[following].turn1
                && segments[place].turn2 == segments[following].turn2
                && segments[place].level1 == segments[following].level1
                && segments[place].level2 == segments[following].level2
                && segments[place].depth == segments[following].depth
            segments[place].fadesOut = !same
            segments[following].fadesIn = !same
        }
    }

    deinit { segments.deallocate() }

    private static func turn(_ hertz: Double, _ levelDBm0: Double, _ sampleRate: Int) -> (SIMD2<Double>, Double) {
        guard hertz > 0, hertz < Double(sampleRate) / 2, levelDBm0 > -90 else { return (SIMD2(1, 0), 0) }
        let angle = 2 * Double.pi * hertz / Double(sampleRate)
        return (SIMD2(cos(angle), sin(angle)), 32_767 * pow(10, (min(levelDBm0, 3.14) - 3.14) / 20))
    }

    /// Makes the next samples; after the end silence. Returns how many belong to the tones.
    package func fill(_ samples: UnsafeMutablePointer<Int16>, count wanted: Int) -> Int {
        var made = 0
        while made < wanted, !isFinished {
            let segment = segments[index]
            let step = min(wanted - made, segment.samples - place)
            make(segment, samples + made, step)
            made += step
            place += step
            if place >= segment.samples { advance() }
        }
        if made < wanted { (samples + made).update(repeating: 0, count: wanted - made) }
        return made
    }

    /// From the start again.
    package func rewind() {
        index = 0
        place = 0
        first = SIMD2(1, 0)
        second = SIMD2(1, 0)
        isFinished = count == 0
    }

    private func advance() {
        place = 0
        index += 1
        if index == count {
            index = restart < count ? restart : 0
            isFinished = !repeats
        }
    }

    private func make(_ segment: Segment, _ target: UnsafeMutablePointer<Int16>, _ length: Int) {
        if segment.isSilent {
            target.update(repeating: 0, count: length)
            return
        }
        // Rounding lets the vectors' lengths wander: put right once per call.
        first /= (first.x * first.x + first.y * first.y).squareRoot()
        second /= (second.x * second.x + second.y * second.y).squareRoot()
        let fadeEnd = segment.samples == Int.max ? Int.max : segment.samples - fade
        for offset in 0..<length {
            var value = first.y * segment.level1 * (1 + segment.depth * second.y) + second.y * segment.level2
            let at = place + offset
            if segment.fadesIn, at < fade { value *= Double(at) / Double(fade) }
            if segment.fadesOut, at > fadeEnd { value *= Double(segment.samples - at) / Double(fade) }
            target[offset] = Int16(max(-32_768, min(32_767, value.rounded())))
            first = turned(first, segment.turn1)
            second = turned(second, segment.turn2)
        }
    }

    @inline(__always)
    private func turned(_ vector: SIMD2<Double>, _ turn: SIMD2<Double>) -> SIMD2<Double> {
        SIMD2(vector.x * turn.x - vector.y * turn.y, vector.y * turn.x + vector.x * turn.y)
    }
}
