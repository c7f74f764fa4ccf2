// SPDX-License-Identifier: Apache-2.0

/// Notices in time that speexdsp's echo filter adds sound instead of taking it away.
///
/// The library sees that as well, after 50 blocks in a row, begins anew, and writes a line to standard error: a system call
/// on the mix thread, which may wait for whoever reads it. So the same is measured here (its notch against direct current, its
/// pre-emphasis, half its threshold), and the filter is reset before: after 40 blocks in a row, or 10 in which it adds ten times what
/// is heard. A block that is not louder than before ends the row for the library, too.
/// A signal, played or heard, that the library takes for broken at once (louder than a full-scale sine of 3.4 kHz) is kept
/// from it.
///
/// Pure arithmetic, for the thread of the canceller.
struct FilterWatch {
    /// Filters that were found astray.
    private(set) var resets = 0
    private let radius: Float
    private let damping: Float
    private var notch = SIMD2<Float>.zero
    private var lastNear: Float = 0
    private var lastLeft: Float = 0
    private var lastFar: Float = 0
    private var lastHeard: Float = 0
    private var score = 0

    private static let emphasis: Float = 0.9
    /// Mean square by which a block must be louder than before.
    private static let excess: Float = 10_000
    private static let most = 40
    /// Mean square of a sample, pre-emphasised.
    private static let loudest: Float = 1.8e9

    init(sampleRate: Int) {
        radius = sampleRate < 12_000 ? 0.9 : sampleRate < 24_000 ? 0.982 : 0.992
        damping = radius * radius + 0.7 * (1 - radius) * (1 - radius)
    }

    /// The filter begins anew.
    mutating func restart() {
        score = 0
        (lastNear, lastLeft, lastFar, lastHeard, notch) = (0, 0, 0, 0, .zero)
    }

    /// Whether the library can take what is heard and what is played. Once for each block, in order.
    mutating func admits(near: UnsafePointer<Int16>, far: UnsafePointer<Int16>, _ count: Int) -> Bool {
        let most = Self.loudest * Float(count)
        let heard = Self.power(near, count, after: &lastHeard)
        return Self.power(far, count, after: &lastFar) < most && heard < most
    }

    /// With the library's pre-emphasis.
    private static func power(_ samples: UnsafePointer<Int16>, _ count: Int, after last: inout Float) -> Float {
        var sum: Float = 0
        for index in 0..<count {
            let sample = Float(samples[index])
            let difference = sample - emphasis * last
            last = sample
            sum += difference * difference
        }
        return sum
    }

    /// One block as it was heard and as the filter left it. True: reset the filter now. `notched`: `near` without direct current, as
    /// the library sees it.
    mutating func isAstray(
        near: UnsafePointer<Int16>, left: UnsafePointer<Int16>, notched: UnsafeMutablePointer<Float>, _ count: Int
    ) -> Bool {
        var (heard, rest): (Float, Float) = (0, 0)
        for index in 0..<count {
            let input = Float(near[index])
            let output = notch.x + input
            notch.x = notch.y + 2 * (radius * output - input)
            notch.y = input - damping * output
            let level = radius * output
            notched[index] = level
            let (before, after) = (level - Self.emphasis * lastNear, Float(left[index]) - Self.emphasis * lastLeft)
            (lastNear, lastLeft) = (level, Float(left[index]))
            heard += before * before
            rest += after * after
        }
        if rest > heard + Self.excess * Float(count) {
            score += rest > heard * 10 ? 4 : 1
        } else {
            score = rest < heard ? 0 : max(0, score - 3)
        }
        guard score >= Self.most else { return false }
        score = 0
        resets += 1
        return true
    }
}
