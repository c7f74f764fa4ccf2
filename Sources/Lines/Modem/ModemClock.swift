// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How far a modem has come, written by the `lines` thread and read by the mix thread, neither of which waits.
final class ModemClock: Sendable {
    struct Reading: Sendable {
        /// Samples go both ways; otherwise both counts go on with the machine's clock.
        var isDuplex = false
        /// Samples of each direction at `time` (nanoseconds).
        var captured: Int64 = 0
        var played: Int64 = 0
        var time: Int64 = 0
        /// Both counts when the duplex mode began.
        var capturedBefore: Int64 = 0
        var playedBefore: Int64 = 0

        /// What silence adds up to a time, 8000 samples a second.
        func silence(until now: Int64) -> Int64 { time == 0 ? 0 : max(0, now &- time) / 125_000 }
    }

    /// Longer waits for the first sample than this are no matter of reckoning.
    private static let mostMilliseconds = 200
    private let sequence = Atomic<Int>(0)
    private let isDuplex = Atomic<Bool>(false)
    private let captured = Atomic<Int64>(0)
    private let played = Atomic<Int64>(0)
    private let time = Atomic<Int64>(0)
    private let capturedBefore = Atomic<Int64>(0)
    private let playedBefore = Atomic<Int64>(0)

    // MARK: - The `lines` thread

    /// The modem is on-hook; both counts begin at 0.
    func restart(time now: Int64) { publish(Reading(time: now)) }

    func begin(time now: Int64) {
        var next = read()
        let silence = next.silence(until: now)
        next.isDuplex = true
        next.captured &+= silence
        next.played &+= silence
        next.capturedBefore = next.captured
        next.playedBefore = next.played
        next.time = now
        publish(next)
    }

    /// The first samples of a call have come: as many count as time has passed, with silence before them where they are fewer.
    func first(_ count: Int, time now: Int64) -> Int {
        var next = read()
        let passed = min(Int64(Self.mostMilliseconds) * 8, next.silence(until: now))
        let silence = max(0, passed &- Int64(count))
        next.captured &+= silence
        next.capturedBefore &+= silence
        next.time = now
        publish(next)
        return Int(passed)
    }

    func end(time now: Int64) {
        var next = read()
        // As far as the mix thread has reckoned on.
        let passed = min(160, next.silence(until: now))
        next.captured &+= passed
        next.played &+= passed
        next.isDuplex = false
        next.time = now
        publish(next)
    }

    /// By so many frames, at that time.
    func advance(captured frames: Int64, played sent: Int64, time now: Int64) {
        var next = read()
        next.captured &+= frames
        next.played &+= sent
        next.time = now
        publish(next)
    }

    private func publish(_ next: Reading) {
        let turn = sequence.load(ordering: .relaxed)
        sequence.store(turn &+ 1, ordering: .relaxed)
        atomicMemoryFence(ordering: .releasing)
        isDuplex.store(next.isDuplex, ordering: .relaxed)
        captured.store(next.captured, ordering: .relaxed)
        played.store(next.played, ordering: .relaxed)
        time.store(next.time, ordering: .relaxed)
        capturedBefore.store(next.capturedBefore, ordering: .relaxed)
        playedBefore.store(next.playedBefore, ordering: .relaxed)
        sequence.store(turn &+ 2, ordering: .releasing)
    }

    // MARK: - Both

    /// The last of eight readings counts even if the writer was in its way: it is off by one piece at worst.
    func read() -> Reading {
        var reading = Reading()
        for _ in 0..<8 {
            let before = sequence.load(ordering: .acquiring)
            reading.isDuplex = isDuplex.load(ordering: .relaxed)
            reading.captured = captured.load(ordering: .relaxed)
            reading.played = played.load(ordering: .relaxed)
            reading.time = time.load(ordering: .relaxed)
            reading.capturedBefore = capturedBefore.load(ordering: .relaxed)
            reading.playedBefore = playedBefore.load(ordering: .relaxed)
            atomicMemoryFence(ordering: .acquiring)
            if before & 1 == 0, sequence.load(ordering: .relaxed) == before { break }
        }
        return reading
    }
}
