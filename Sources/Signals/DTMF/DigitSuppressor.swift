// SPDX-License-Identifier: Apache-2.0

/// Keeps digits out of what the room hears: mutes as soon as the audio looks like two tones of the keypad, long before a
/// detector is sure, and lets go at once when it was none.
///
/// Data sheet (measured in DigitSuppressorTests): at most 15 ms of a digit leak (typically 10, less when frames are long:
/// the part of the suspicious window that is still in the frame is muted too); speech: under 0.1 % of 10 ms frames touched;
/// silent again up to 7.5 ms after the digit's end; fades of 1 ms. A suspicion that no detector confirms within 60 ms is
/// dropped until the two tones are gone. Tones from -38 dBm0 on, twist up to 12 dB, noise 14 dB below.
/// Known weakness: a digit under speech that is as loud leaks; a chord of exactly two such tones (music) is muted for 60 ms.
///
/// Made on the control side, used by one thread, allocates nothing after `init`.
package final class DigitSuppressor {
    package let sampleRate: Int
    /// Whether audio is being muted.
    package private(set) var isMuting = false
    /// Samples (at `sampleRate`) muted since the start.
    package private(set) var mutedSamples: Int64 = 0

    /// Knows how long which digit has been there.
    private(set) var witness = ToneWitness()
    private var probe = TwoToneProbe()
    private let factor: Int
    /// A begun hop of 8 kHz samples.
    private let hop: UnsafeMutablePointer<Int16>
    private var hopCount = 0
    private var heard = 0
    private var isDistrusted = false
    private var misses = 0
    /// A digit was not out of the question in the last call.
    private(set) var isSuspicious = false
    private var gain: Float = 1
    private let gainStep: Float

    private static let enterLikeness: Float = 0.955
    private static let stayLikeness: Float = 0.85
    /// Mean square of -38 dBm0 (full-scale sine: +3.14 dBm0, mean square 2^29).
    private static let floor: Float = 41_300
    private static let confirmHops = 24

    package init(sampleRate: Int) {
        self.sampleRate = sampleRate
        factor = max(1, sampleRate / 8000)
        gainStep = 1000 / Float(sampleRate)
        hop = .allocate(capacity: TwoToneProbe.hop)
        hop.initialize(repeating: 0, count: TwoToneProbe.hop)
    }

    deinit { hop.deallocate() }

    /// Works on one frame in place. `narrow`: the same audio at 8 kHz (may be `samples` itself). `isConfirmed`: a detector
    /// hears a digit now. Without `removes` it only listens.
    package func process(
        _ samples: UnsafeMutablePointer<Int16>, count: Int, narrow: UnsafePointer<Int16>, narrowCount: Int,
        isConfirmed: Bool, removes: Bool
    ) {
        witness.found = nil
        isSuspicious = false
        var done = 0
        // Native samples up to `applied` have their final gain.
        var applied = 0
        while done < narrowCount {
            let step = min(TwoToneProbe.hop - hopCount, narrowCount - done)
            (hop + hopCount).update(from: narrow + done, count: step)
            hopCount += step
            done += step
            guard hopCount == TwoToneProbe.hop else { break }
            hopCount = 0
            probe.advance(hop)
            let before = isMuting
            judge(isConfirmed: isConfirmed)
            if !removes { isMuting = false }
            let reached = min(count, done * factor)
            if isMuting, !before {
                // What already looked like a digit and has not left yet goes as well.
                let from = max(applied, reached - TwoToneProbe.window * factor)
                apply(samples, from: applied, to: from, muted: false)
                apply(samples, from: from, to: reached, muted: true)
                applied = reached
            } else if before {
                apply(samples, from: applied, to: reached, muted: isMuting)
                applied = reached
            }
        }
        apply(samples, from: applied, to: count, muted: isMuting)
    }

    func forEachSpan(_ body: (UnsafeRawPointer, Int) -> Void) {
        body(Unmanaged.passUnretained(self).toOpaque(), 320)
        body(hop, TwoToneProbe.hop * MemoryLayout<Int16>.stride)
        probe.forEachSpan(body)
    }

    /// As new.
    package func reset() {
        probe = TwoToneProbe()
        witness = ToneWitness()
        hopCount = 0
        heard = 0
        misses = 0
        isMuting = false
        isDistrusted = false
        gain = 1
    }

    /// The next time that a digit begins is told from now on.
    func forgetBreaks() { witness.longestBreak = 0 }

    private func judge(isConfirmed: Bool) {
        let reading = probe.read(floor: Self.floor)
        witness.hear(reading, power: probe.meanSquare)
        isSuspicious = isSuspicious || reading.isSuspicious
        let likeness = reading.likeness
        if isConfirmed { isDistrusted = false }
        if isMuting {
            heard += 1
            misses = likeness < Self.stayLikeness ? misses + 1 : 0
            if misses >= (isConfirmed ? 2 : 1) {
                isMuting = false
            } else if !isConfirmed, heard > Self.confirmHops {
                isMuting = false
                isDistrusted = true
            } else if isConfirmed {
                heard = 0
            }
        } else if isDistrusted {
            if likeness < Self.stayLikeness { isDistrusted = false }
        } else if likeness > Self.enterLikeness {
            isMuting = true
            heard = 0
            misses = 0
        }
    }

    private func apply(_ samples: UnsafeMutablePointer<Int16>, from: Int, to: Int, muted: Bool) {
        guard from < to else { return }
        if muted { mutedSamples &+= Int64(to - from) }
        let target: Float = muted ? 0 : 1
        if gain == target {
            if muted { (samples + from).update(repeating: 0, count: to - from) }
            return
        }
        for index in from..<to {
            gain = muted ? max(0, gain - gainStep) : min(1, gain + gainStep)
            samples[index] = Int16(Float(samples[index]) * gain)
        }
    }
}
