// SPDX-License-Identifier: Apache-2.0
// Affine projection (K. Ozeki, T. Umeda: An adaptive filtering algorithm using an orthogonal projection to an affine subspace and
// its properties, 1984), of order 3.

/// A second echo filter beside the careful one: it finds a line that has changed within some tenths of a second even from
/// speech, and is misled by whoever talks at the same time. `EchoCanceller` listens to both.
///
/// What it leaves is no proof that it knows the line: of tones it learns quickly enough to take away those of the near end, the
/// filter turning with the difference of their frequencies. So it learns slowly from tones (`NarrowBandWatch`), and a copy of its
/// weights that stands still, the witness, says what an unmoved filter leaves.
///
/// Made and dropped on the control side; `process` is for one real-time thread and allocates nothing. Cost: seven products a tap
/// and sample (512 taps at 8 kHz: 29 million a second).
final class QuickEchoFilter {
    private let taps: Int
    private let capacity: Int
    /// Samples that are kept of what was played.
    private let history: Int
    /// What was played, the newest last; `end` is one behind it.
    private let far: UnsafeMutablePointer<Float>
    private var end: Int
    /// The oldest tap first, so that it lies beside `far`.
    private let weights: UnsafeMutablePointer<Float>
    private let witness: UnsafeMutablePointer<Float>
    private let narrowBand: NarrowBandWatch
    /// A few tones are played.
    var isNarrowBand: Bool { narrowBand.isNarrow }
    private let lookEvery: Int
    private var untilLook: Int
    /// Mean square of what the witness leaves of the last samples that were processed.
    private(set) var witnessLeft: Float = 0
    /// Of what was played within the taps: products with itself 0, 1 and 2 samples later; exact. Those of the last three samples.
    private var products: (now: SIMD4<Int64>, last: SIMD4<Int64>, before: SIMD4<Int64>) = (.zero, .zero, .zero)
    private var nearBefore: SIMD2<Float> = .zero

    private static let step: Float = 0.5
    /// For tones: within some 12 ms, so that it does not follow a near end that is more than some 20 Hz away.
    private static let narrowStep: Float = 0.02
    private static let order = 3
    /// The longest tail that it is taken for.
    static let mostTaps = 512

    /// `taps`: a multiple of 8.
    init(taps: Int, sampleRate: Int) {
        self.taps = taps
        narrowBand = NarrowBandWatch(sampleRate: sampleRate)
        lookEvery = sampleRate / 100
        untilLook = lookEvery
        // And the block that is worked on, for `echo`.
        history = max(taps + Self.order + sampleRate / 400, narrowBand.reach)
        capacity = history + taps * 3
        far = .allocate(capacity: capacity)
        weights = .allocate(capacity: taps)
        witness = .allocate(capacity: taps)
        end = history
        reset()
    }

    deinit {
        far.deallocate()
        weights.deallocate()
        witness.deallocate()
    }

    func reset() {
        far.initialize(repeating: 0, count: capacity)
        weights.initialize(repeating: 0, count: taps)
        witness.initialize(repeating: 0, count: taps)
        end = history
        products = (.zero, .zero, .zero)
        nearBefore = .zero
        untilLook = lookEvery
        witnessLeft = 0
        narrowBand.reset()
    }

    /// From now on the witness is what the filter is at this moment.
    func callWitness() { witness.update(from: weights, count: taps) }

    /// What is left of `near` when its echo of `played` is taken away as far as it was known before this sample.
    func process(
        _ near: UnsafePointer<Int16>, far played: UnsafePointer<Int16>, into left: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        var sum: Float = 0
        for index in 0..<count {
            push(played[index])
            left[index] = adapt(Float(near[index]))
            let error = Float(near[index]) - product(end - taps, witness)
            sum += error * error
        }
        witnessLeft = sum / Float(max(1, count))
    }

    /// The echo of the block that was processed last, by somebody else's weights (the oldest tap first). Blocks of 2.5 ms.
    func echo(by weights: UnsafeMutablePointer<Float>, into echo: UnsafeMutablePointer<Float>, count: Int) {
        for index in 0..<count { echo[index] = product(end - count + 1 + index - taps, weights) }
    }

    private func push(_ sample: Int16) {
        if end == capacity {
            far.update(from: far + (end - history), count: history)
            end = history
        }
        far[end] = Float(sample)
        end += 1
        let (new, old) = (end - 1, end - 1 - taps)
        func product(_ place: Int, _ lag: Int) -> Int64 { Int64(far[place]) &* Int64(far[place - lag]) }
        var now = products.now
        products.before = products.last
        products.last = now
        now.x = now.x &+ product(new, 0) &- product(old, 0)
        now.y = now.y &+ product(new, 1) &- product(old, 1)
        now.z = now.z &+ product(new, 2) &- product(old, 2)
        products.now = now
        untilLook -= 1
        if untilLook == 0 {
            untilLook = lookEvery
            narrowBand.look(far + end)
        }
    }

    private func adapt(_ near: Float) -> Float {
        let start = end - taps
        let errors = SIMD3<Float>(
            near - product(start, weights), nearBefore.x - product(start - 1, weights),
            nearBefore.y - product(start - 2, weights))
        nearBefore = SIMD2(near, nearBefore.x)
        // Whatever is left over of noise and rounding teaches nothing while next to nothing is played.
        guard products.now.x > Int64(taps) &* 400 else { return errors.x }
        let gains = solved(errors) * (narrowBand.isNarrow ? Self.narrowStep : Self.step)
        let (a, b, c) = (far + start, far + (start - 1), far + (start - 2))
        var index = 0
        while index < taps {
            let sum =
                load(a, index) * SIMD8(repeating: gains.x) + load(b, index) * SIMD8(repeating: gains.y)
                + load(c, index) * SIMD8(repeating: gains.z)
            store(load(weights, index) + sum, index)
            index += 8
        }
        return errors.x
    }

    private func product(_ start: Int, _ weights: UnsafeMutablePointer<Float>) -> Float {
        let base = far + start
        var sum = SIMD8<Float>.zero
        var index = 0
        while index < taps {
            sum += load(base, index) * load(weights, index)
            index += 8
        }
        return sum.sum()
    }

    @inline(__always)
    private func load(_ base: UnsafeMutablePointer<Float>, _ index: Int) -> SIMD8<Float> {
        UnsafeRawPointer(base + index).loadUnaligned(as: SIMD8<Float>.self)
    }

    @inline(__always)
    private func store(_ value: SIMD8<Float>, _ index: Int) {
        UnsafeMutableRawPointer(weights + index).storeBytes(of: value, as: SIMD8<Float>.self)
    }

    /// The three gains that explain the three errors, by elimination; the diagonal is loaded, so it can always be solved.
    private func solved(_ errors: SIMD3<Float>) -> SIMD3<Float> {
        let floor = Double(taps) * 4_000
        let (r00, r11, r22) = (
            Double(products.now.x) * 1.02 + floor, Double(products.last.x) * 1.02 + floor,
            Double(products.before.x) * 1.02 + floor
        )
        let (r01, r12, r02) = (Double(products.now.y), Double(products.last.y), Double(products.now.z))
        let (l1, l2) = (r01 / r00, r02 / r00)
        let d1 = r11 - l1 * r01
        let m = (r12 - l1 * r02) / d1
        let d2 = r22 - l2 * r02 - m * (r12 - l1 * r02)
        let e1 = Double(errors.y) - l1 * Double(errors.x)
        let e2 = Double(errors.z) - l2 * Double(errors.x) - m * e1
        let g2 = e2 / d2
        let g1 = e1 / d1 - m * g2
        let g0 = Double(errors.x) / r00 - l1 * g1 - l2 * g2
        return SIMD3(Float(g0), Float(g1), Float(g2))
    }
}
