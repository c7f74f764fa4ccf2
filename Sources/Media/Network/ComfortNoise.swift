// SPDX-License-Identifier: Apache-2.0
// RFC 3389: only the level of the noise is used, not its spectrum.

/// White noise at the level that the far end's comfort noise packet named. Plain value of the mix thread.
struct ComfortNoise: BitwiseCopyable {
    private var state: UInt32 = 0x2545_F491
    private var amplitude: Int32 = 0
    private(set) var isOn = false

    /// Level in -dBov (0 … 127) from the first byte of the payload.
    mutating func set(levelBelowOverload level: UInt8) {
        // Full-scale square has the RMS 32767; uniform noise of peak A the RMS A/√3. 6.02 dB a halving, in steps.
        var peak: Float = 32767 * 1.732
        for _ in 0..<min(127, max(30, level)) { peak *= 0.891_250_9 }
        amplitude = Int32(min(2000, peak))
        isOn = true
    }

    mutating func stop() { isOn = false }

    mutating func fill(_ target: UnsafeMutablePointer<Int16>, count: Int) {
        for index in 0..<count {
            state = state &* 1_664_525 &+ 1_013_904_223
            let noise = Int32(Int16(truncatingIfNeeded: Int32(bitPattern: state) >> 16))
            target[index] = Int16(truncatingIfNeeded: (noise &* amplitude) >> 15)
        }
    }
}
