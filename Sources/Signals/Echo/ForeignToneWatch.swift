// SPDX-License-Identifier: Apache-2.0

/// Notices that an echo filter takes away what can be no echo, while a few tones are played.
///
/// A tone that went through a codec has weak lines beside it. Where the near end's tone lies on one of them (600 Hz beside a played
/// 1,400 Hz, say) a filter that makes that line 50 dB louder is a perfect one, and fixed: to it the near end's tone is an echo.
/// But no line makes anything louder by 50 dB. So what is taken away must be explained by what is played, with a loading that keeps
/// its weak lines out.
///
/// Made and dropped on the control side; the rest is for one real-time thread and allocates nothing. Cost of a look: 6,000
/// products.
final class ForeignToneWatch {
    private(set) var isForeign = false
    private let spacing: Int
    private let window: Int
    /// What was taken away of late, the newest last.
    private let taken: UnsafeMutablePointer<Float>
    private let matrix: UnsafeMutablePointer<Double>

    /// What was played 0 … 8 spacings ago.
    private static let lags = 9
    /// Part of the energy played that counts as its noise: 25 dB.
    private static let loading = 0.003
    /// Part of what is taken away that is not explained: from which on it is foreign, and up to which it is not.
    private static let limits = (begins: 0.05, ends: 0.025)

    init(sampleRate: Int) {
        spacing = max(1, sampleRate * 3 / 8000)
        window = sampleRate * 15 / 1000
        taken = .allocate(capacity: window)
        taken.initialize(repeating: 0, count: window)
        let count = (Self.lags + 1) * (Self.lags + 1)
        matrix = .allocate(capacity: count)
        matrix.initialize(repeating: 0, count: count)
    }

    deinit {
        taken.deallocate()
        matrix.deallocate()
    }

    func reset() {
        isForeign = false
        taken.initialize(repeating: 0, count: window)
    }

    /// The newest block as it came in and as it would go out.
    func take(_ near: UnsafePointer<Int16>, _ left: UnsafePointer<Int16>, _ count: Int) {
        taken.update(from: taken + count, count: window - count)
        let end = taken + (window - count)
        for index in 0..<count { end[index] = Float(near[index]) - Float(left[index]) }
    }

    /// `far`: one behind the newest sample that was played; `heard`: mean square of what comes in.
    func look(_ far: UnsafePointer<Float>, heard: Float) {
        let size = Self.lags + 1
        let energy = product(taken + (window - 1), taken + (window - 1))
        // A twentieth of a decibel is not worth a look.
        guard energy > 0.01 * Double(heard) * Double(window), energy > 400 * Double(window) else {
            isForeign = false
            return
        }
        func line(_ place: Int) -> UnsafePointer<Float> {
            place == 0 ? UnsafePointer(taken + (window - 1)) : far - 1 - (place - 1) * spacing
        }
        for row in 0..<size {
            for column in row..<size { matrix[row * size + column] = product(line(row), line(column)) }
        }
        let load = matrix[size + 1] * Self.loading + Double(window)
        for place in 1..<size { matrix[place * size + place] += load }
        for pivot in stride(from: size - 1, to: 0, by: -1) {
            let divisor = matrix[pivot * size + pivot]
            guard divisor > 0 else { return }
            for column in 0..<pivot {
                let factor = matrix[column * size + pivot] / divisor
                for row in 0...column { matrix[row * size + column] -= factor * matrix[row * size + pivot] }
            }
        }
        isForeign = matrix[0] > energy * (isForeign ? Self.limits.ends : Self.limits.begins)
    }

    /// Of two signals that end there.
    private func product(_ one: UnsafePointer<Float>, _ other: UnsafePointer<Float>) -> Double {
        var sum = 0.0
        for index in 0..<window { sum += Double(one[-index]) * Double(other[-index]) }
        return sum
    }
}
