// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How far a modem has come, written by the `lines` thread and read by the mix thread, neither of which waits.
final class ModemClock: Sendable {
    private let sequence = Atomic<Int>(0)
    private let captured = Atomic<Int64>(0)
    private let played = Atomic<Int64>(0)
    private let time = Atomic<Int64>(0)

    func restart() { publish(captured: 0, played: 0, time: 0) }

    /// By so many frames, at that time.
    func advance(captured frames: Int64, played sent: Int64, time now: Int64) {
        publish(
            captured: captured.load(ordering: .relaxed) &+ frames, played: played.load(ordering: .relaxed) &+ sent,
            time: now)
    }

    private func publish(captured frames: Int64, played sent: Int64, time now: Int64) {
        let turn = sequence.load(ordering: .relaxed)
        sequence.store(turn &+ 1, ordering: .relaxed)
        atomicMemoryFence(ordering: .releasing)
        captured.store(frames, ordering: .relaxed)
        played.store(sent, ordering: .relaxed)
        time.store(now, ordering: .relaxed)
        sequence.store(turn &+ 2, ordering: .releasing)
    }

    /// The last of eight readings counts even if the writer was in its way: it is off by one piece at worst.
    func read() -> (captured: Int64, played: Int64, time: Int64) {
        var reading: (captured: Int64, played: Int64, time: Int64) = (0, 0, 0)
        for _ in 0..<8 {
            let before = sequence.load(ordering: .acquiring)
            reading = (
                captured.load(ordering: .relaxed), played.load(ordering: .relaxed), time.load(ordering: .relaxed)
            )
            atomicMemoryFence(ordering: .acquiring)
            if before & 1 == 0, sequence.load(ordering: .relaxed) == before { break }
        }
        return reading
    }
}
