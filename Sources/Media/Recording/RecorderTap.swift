// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What one channel of a recorder hears, on its way from the mix thread to the disk: a ring of samples that one thread writes
/// and one reads. Neither waits; a full ring loses what comes, and tells how much.
///
/// Its time has no gaps: frames that the mixer skips are silence here, so two channels of a file stay together.
final class RecorderTap: Sendable {
    enum Mode: UInt8, Sendable {
        case on
        /// Silence is written.
        case silent
        /// Nothing is written: the file gets shorter.
        case paused
    }

    let sampleRate: Int
    /// Room for so many seconds of a slow disk.
    static let seconds = 10

    private let mask: Int
    nonisolated(unsafe) private let samples: UnsafeMutablePointer<Int16>
    /// Written by the reader only.
    private let head = Atomic<Int>(0)
    /// Written by the writer only.
    private let tail = Atomic<Int>(0)
    private let mode = Atomic<UInt8>(Mode.on.rawValue)
    private let lostCount = Atomic<Int>(0)
    private let closed = Atomic<Bool>(false)

    /// The memory is touched here: its first use on the mix thread must not fault.
    init(sampleRate: Int, seconds: Int = RecorderTap.seconds) {
        self.sampleRate = sampleRate
        var size = 1024
        while size < sampleRate * seconds { size *= 2 }
        mask = size - 1
        samples = .allocate(capacity: size)
        samples.initialize(repeating: 0, count: size)
    }

    deinit { samples.deallocate() }

    // MARK: The mix thread

    /// Takes `count` samples; nil: silence.
    func write(_ source: UnsafePointer<Int16>?, count: Int) {
        let mode = mode.load(ordering: .relaxed)
        guard count > 0, mode != Mode.paused.rawValue else { return }
        let end = tail.load(ordering: .relaxed)
        let room = mask &+ 1 &- (end &- head.load(ordering: .acquiring))
        guard count <= room else {
            lostCount.add(count, ordering: .relaxed)
            return
        }
        let index = end & mask
        let first = min(count, mask &+ 1 &- index)
        if let source, mode == Mode.on.rawValue {
            (samples + index).update(from: source, count: first)
            samples.update(from: source + first, count: count &- first)
        } else {
            (samples + index).update(repeating: 0, count: first)
            samples.update(repeating: 0, count: count &- first)
        }
        tail.store(end &+ count, ordering: .releasing)
    }

    // MARK: The control side

    func set(_ new: Mode) { mode.store(new.rawValue, ordering: .relaxed) }

    /// Nobody writes any more: the mix thread has given its port back.
    func close() { closed.store(true, ordering: .releasing) }

    // MARK: The disk's thread

    var isClosed: Bool { closed.load(ordering: .acquiring) }

    var available: Int { tail.load(ordering: .acquiring) &- head.load(ordering: .relaxed) }

    /// Samples that found no room since the last call.
    func takeLost() -> Int { lostCount.exchange(0, ordering: .relaxed) }

    /// Takes `count` samples out (no more than `available`) to every `stride`th place of `target`.
    func read(_ count: Int, into target: UnsafeMutablePointer<Int16>, stride: Int) {
        let start = head.load(ordering: .relaxed)
        for index in 0..<count { target[index &* stride] = samples[(start &+ index) & mask] }
        head.store(start &+ count, ordering: .releasing)
    }
}
