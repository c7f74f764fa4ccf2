// SPDX-License-Identifier: Apache-2.0
// ITU-T G.168 has tests for narrow-band signals (tones): a filter that learns from them forgets the line.

/// Says whether what is played is but a few tones. Such a signal excites a few of the filter's dimensions only: there a quick
/// filter follows within some samples whatever comes from the near end, and takes that for an echo.
///
/// A few tones can be foretold from eight earlier samples, 0.375 ms apart, to 24 dB; voices and music can not (their formants,
/// which foretell the very next sample, are of no use over that distance).
///
/// Data sheet (EchoToneSheetTests): one to three tones, 50 Hz apart, also through A-law, are known 25 ms after their begin; of
/// speech less than 5 % of the time is taken for tones.
///
/// Made and dropped on the control side; `look` is for one real-time thread and allocates nothing. Cost: 1,500 products.
final class NarrowBandWatch {
    private(set) var isNarrow = false
    /// So many samples must lie before the end that `look` is given.
    let reach: Int
    private let spacing: Int
    private let window: Int
    /// Products of the signal with itself, 0 … 8 spacings earlier each.
    private let products: UnsafeMutablePointer<Double>
    private var patience = 0

    private static let order = 8
    /// What can not be foretold, as a part of the signal's energy.
    private static let rest = 0.004
    /// Looks in a row that say otherwise: where a tone begins or ends nothing can be foretold.
    private static let lasting = 3
    /// Mean square below which nothing is played.
    private static let silence = 400.0

    init(sampleRate: Int) {
        spacing = max(1, sampleRate * 3 / 8000)
        window = sampleRate * 15 / 1000
        reach = window + Self.order * spacing + spacing
        let count = (Self.order + 1) * (Self.order + 1)
        products = .allocate(capacity: count)
        products.initialize(repeating: 0, count: count)
    }

    deinit { products.deallocate() }

    func reset() {
        isNarrow = false
        patience = 0
    }

    /// `end`: one behind the newest sample. Every 10 ms.
    func look(_ end: UnsafePointer<Float>) {
        multiply(end)
        let power = products[0]
        // A pause says nothing of what comes next.
        guard power > Self.silence * Double(window) else { return }
        if unforeseen() < power * Self.rest {
            isNarrow = true
            patience = Self.lasting
        } else {
            patience -= 1
            if patience <= 0 { isNarrow = false }
        }
    }

    /// Row 0 is summed up; the others differ from the one above in their edges only.
    private func multiply(_ end: UnsafePointer<Float>) {
        let size = Self.order + 1
        let newest = end - 1
        for lag in 0..<size {
            var sum = 0.0
            for index in 0..<window { sum += Double(newest[-index]) * Double(newest[-index - lag * spacing]) }
            products[lag] = sum
        }
        for row in 0..<Self.order {
            for column in row..<Self.order {
                let (a, b) = (newest - row * spacing, newest - column * spacing)
                var sum = products[row * size + column]
                for index in 0..<spacing {
                    sum -= Double(a[-index]) * Double(b[-index])
                    sum += Double(a[-window - index]) * Double(b[-window - index])
                }
                products[(row + 1) * size + column + 1] = sum
            }
        }
    }

    /// Energy of the newest samples that the earlier ones do not explain: the last pivot of an elimination from the oldest on.
    private func unforeseen() -> Double {
        let size = Self.order + 1
        // Rounding to integers is noise of 1/12 and keeps the matrix regular.
        let load = Double(window) * 0.25 + products[0] * 1e-8
        for place in 0..<size { products[place * size + place] += load }
        // Above the diagonal, place (row, column) with row <= column; the oldest is the last row.
        for pivot in stride(from: size - 1, to: 0, by: -1) {
            let divisor = products[pivot * size + pivot]
            guard divisor > 0 else { return 0 }
            for column in 0..<pivot {
                let factor = products[column * size + pivot] / divisor
                for row in 0...column {
                    products[row * size + column] -= factor * products[row * size + pivot]
                }
            }
        }
        return products[0]
    }
}
