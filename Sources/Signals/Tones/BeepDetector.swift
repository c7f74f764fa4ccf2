// SPDX-License-Identifier: Apache-2.0

/// Hears the beep of an answering machine: one steady tone of 300 to 2500 Hz for 0.12 to 2 s.
///
/// A pure tone follows x[n] = 2 cos(w) x[n-1] - x[n-2]: in blocks of 20 ms that 2 cos(w) is estimated by least squares, and what
/// it leaves unexplained is compared with the tone. Speech leaves more than a fiftieth, and so does DTMF; two tones near each
/// other (dial and ringing tones of North America) beat, so the power must be steady as well; European ringing (425 Hz) lasts a second and would be taken for a beep, so listen when
/// the call is answered. Level: -35 dBm0 and more. No allocation; one thread.
package final class BeepDetector {
    private let block: Int
    private let sampleRate: Int
    private let samples: UnsafeMutablePointer<Float>
    private var filled = 0
    /// 2 cos(w) when the tone began, and for how many blocks it has lasted.
    private var pitch: Float = 0
    /// Its power in the block before.
    private var power: Float = 0
    private var blocks = 0

    private static let blockMS = 20
    private static let shortest = 6
    private static let longest = 100
    /// Mean square of -35 dBm0 (a full-scale sine is +3.14 dBm0).
    private static let faintest: Float = 8.2e4
    private static let mostUnexplained: Float = 0.02
    /// 2 cos(w) may wander by so much from block to block.
    private static let mostDrift: Float = 0.03

    package init(sampleRate: Int) {
        self.sampleRate = max(8000, sampleRate)
        block = self.sampleRate * Self.blockMS / 1000
        samples = .allocate(capacity: block)
        samples.initialize(repeating: 0, count: block)
    }

    deinit { samples.deallocate() }

    /// Hears on; the length of a beep in milliseconds when one has just ended, otherwise 0.
    package func hear(_ source: UnsafePointer<Int16>, count: Int) -> Int {
        var beep = 0
        for index in 0..<count {
            samples[filled] = Float(source[index])
            filled &+= 1
            if filled == block {
                filled = 0
                let ended = judge()
                if ended > 0 { beep = ended }
            }
        }
        return beep
    }

    private func judge() -> Int {
        var newPower: Float = 0
        let current = tone(&newPower)
        // Two tones near each other beat: the power goes up and down.
        let before = power
        power = newPower
        if let current, blocks > 0, abs(current - pitch) < Self.mostDrift, abs(newPower - before) < before / 10 {
            blocks = min(blocks &+ 1, Self.longest &+ 1)
            return 0
        }
        let ended = blocks >= Self.shortest && blocks <= Self.longest ? blocks &* Self.blockMS : 0
        blocks = current == nil ? 0 : 1
        pitch = current ?? 0
        return ended
    }

    /// 2 cos(w) of the tone in this block, nil: there is none.
    private func tone(_ power: inout Float) -> Float? {
        var middle: Float = 0
        var cross: Float = 0
        var energy: Float = 0
        for index in 1..<(block &- 1) {
            let around = samples[index &- 1] + samples[index &+ 1]
            middle += samples[index] * samples[index]
            cross += samples[index] * around
            energy += around * around
        }
        power = middle
        guard middle / Float(block) > Self.faintest else { return nil }
        let estimate = cross / middle
        // What is left of x[n-1] + x[n+1] when the tone is taken out, against the tone itself.
        let rest = energy - estimate * cross
        // sin(w)^2: low tones change little from sample to sample, so little is left of noise as well.
        let turn = 1 - estimate * estimate / 4
        guard turn > 0, rest < Self.mostUnexplained * middle * turn * 4 else { return nil }
        return isInBand(estimate) ? estimate : nil
    }

    /// 300 to 2500 Hz, as 2 cos(2 pi f / rate) by its first terms.
    private func isInBand(_ estimate: Float) -> Bool {
        func doubleCosine(_ hertz: Float) -> Float {
            let angle = 2 * Float.pi * hertz / Float(sampleRate)
            let square = angle * angle
            return 2 * (1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56 * (1 - square / 90)))))
        }
        return estimate < doubleCosine(300) && estimate > doubleCosine(2500)
    }
}
