// SPDX-License-Identifier: Apache-2.0
// ITU-T Q.24 (digits with dial tone on the line), E.180 (dial tones lie between 350 and 480 Hz).

import RealTime

/// Notices a steady tone below the digits' frequencies (a dial tone) and keeps it from the detectors while it lasts. Speech
/// and silence pass as they are.
///
/// Elliptic high-pass of sixth order: 45 dB at 350 … 480 Hz, 0.5 dB from 683 Hz on; it rings for 10 ms, so it is only put in
/// where it is needed, and only computed at all where the level has been steady for 120 ms, which voices never are. Used by
/// one thread, allocates nothing.
struct DialToneFilter: BitwiseCopyable {
    /// The tone is there: `filtered` samples are the ones to listen to.
    private(set) var isNeeded = false

    private var one = SIMD2<Float>(repeating: 0)
    private var two = SIMD2<Float>(repeating: 0)
    private var three = SIMD2<Float>(repeating: 0)
    private var four = SIMD2<Float>(repeating: 0)
    private var five = SIMD2<Float>(repeating: 0)
    private var whole: Float = 0
    /// Below 260 Hz, where voices have their fundamental and dial tones nothing.
    private var deep: Float = 0
    private var high: Float = 0
    private var count = 0
    private var lastLow: Float = 0
    private var steady = 0

    /// The level of these 120 ms and of those before.
    private var power: Float = 0
    private var powerCount = 0
    private var lastPower: Float = 0
    private var isRunning = false

    /// 120 ms hold whole beats of two tones 25 Hz apart, and nearly those of any that are wider apart.
    private static let frame = 960
    /// Mean square of -40 dBm0.
    private static let floor: Float = 26_000

    /// Filters samples of 8 kHz. What comes in `target` is of use only when the tone is there afterwards.
    mutating func process(_ samples: UnsafePointer<Int16>, count length: Int, into target: UnsafeMutablePointer<Int16>)
    {
        watch(samples, count: length)
        guard isRunning else { return }
        for index in 0..<length {
            let sample = Float(samples[index])
            let a = Self.step(&one, sample, 0.398_745_3, -0.787_968_65, 0.398_745_3, -0.760_232_76, 0.283_444_43)
            let b = Self.step(&two, a, 1, -1.867_878_5, 1, -1.495_058_6, 0.808_645_1)
            let c = Self.step(&three, b, 1, -1.808_069_4, 1, -1.700_996, 0.962_699_4)
            let d = Self.step(&four, sample, 8.434_814_6e-5, 1.686_963e-4, 8.434_814_6e-5, -1.649_424_3, 0.684_421_8)
            let e = Self.step(&five, d, 1, 2, 1, -1.817_408_6, 0.855_970_5)
            deep += e * e
            target[index] = Int16(max(-32_768, min(32_767, c)))
            whole += sample * sample
            high += c * c
            count += 1
            if count == Self.frame { judge() }
        }
    }

    /// The level alone, which costs next to nothing: may there be a tone?
    private mutating func watch(_ samples: UnsafePointer<Int16>, count length: Int) {
        power += MixKernels.loudness(samples, count: length).energy
        powerCount += length
        guard powerCount >= Self.frame else { return }
        let mean = power / Float(powerCount)
        let isSteady = mean > Self.floor && abs(mean - lastPower) < lastPower * 0.1
        lastPower = mean
        power = 0
        powerCount = 0
        if isSteady, !isRunning {
            self = DialToneFilter()
            isRunning = true
            lastPower = mean
            lastLow = mean
        } else if !isSteady, !isNeeded, steady == 0 {
            isRunning = false
        }
    }

    /// Every 120 ms: whether there is a tone below the digits, as loud as before. Noise and voices change by more.
    private mutating func judge() {
        let (low, above) = (max(0, whole - high) / Float(Self.frame), high / Float(Self.frame))
        let isVoice = deep > (whole - high) * 0.2
        whole = 0
        high = 0
        deep = 0
        count = 0
        // While a digit sounds nothing can be said.
        if isNeeded, above > low * 0.1, above < low * 10 { return }
        let isSame = low > Self.floor && abs(low - lastLow) < lastLow * 0.1 && above < low * 0.1 && !isVoice
        lastLow = low
        steady = isSame ? min(steady + 1, 3) : 0
        isNeeded = steady >= 1
    }

    @inline(__always)
    private static func step(
        _ state: inout SIMD2<Float>, _ x: Float, _ b0: Float, _ b1: Float, _ b2: Float, _ a1: Float, _ a2: Float
    ) -> Float {
        let y = b0 * x + state.x
        state.x = b1 * x - a1 * y + state.y
        state.y = b2 * x - a2 * y
        return y
    }
}
