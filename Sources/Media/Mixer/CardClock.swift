// SPDX-License-Identifier: Apache-2.0
import CLinux
import RealTime

/// Where one direction of a card is on its own clock, and the loop that keeps it in step with the mix clock.
struct CardClock: BitwiseCopyable {
    let sampleRate: Double
    var loop = DriftLoop()
    /// Frames read from, or written to, the card since its stream started.
    var moved: Int64 = 0
    private(set) var isStarted = false
    private var updated: Int64 = 0
    private var pointer: Int64 = 0

    init(sampleRate: Int) {
        self.sampleRate = Double(sampleRate)
    }

    /// The card's position now, from its pointer and the time stamp of it. Two pointers apart by a stall or a wrong time
    /// stamp are not interpolated over more than 20 ms. (The stamp may be the younger one: `now` is that of the whole step.)
    func frames(_ position: CardPosition, now: Int64) -> Double {
        let age = Double(max(-20_000_000, min(20_000_000, now &- position.time_ns))) / 1e9
        return Double(position.frames) + age * sampleRate
    }

    /// `error` in frames: positive when there is too little of what the resampler makes.
    mutating func correct(error: Double, now: Int64) {
        if isStarted { loop.update(error: error / sampleRate, interval: Double(now &- updated) / 1e9) }
        isStarted = true
        updated = now
    }

    /// The stream starts at zero again; what was learnt about the crystal stays.
    mutating func restart() {
        isStarted = false
        moved = 0
        loop.restart()
    }
}
