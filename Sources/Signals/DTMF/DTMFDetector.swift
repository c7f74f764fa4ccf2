// SPDX-License-Identifier: Apache-2.0
// ITU-T Q.24 (multifrequency push-button signal reception), by spandsp.

import CSpanDSP

/// Recognises DTMF digits in audio of 8 kHz.
///
/// Data sheet (spandsp 0.0.6 with twist 12/8 dB, measured in DTMFDetectorTests and on recordings): accepts 40 ms of tone,
/// rejects 20 ms; both tones within ±1.3 %, rejects 3.5 %; -41 … 0 dBm0 a tone; high tone up to 5 dB stronger, low tone up
/// to 6.5 dB; white noise 11 dB below the tones. Says "begun" 23 … 37 ms after the tone began. An interruption of up to
/// 10 ms is bridged, a pause of 35 ms makes two digits of one key. Speech: no false digit in 2.3 h of recordings.
/// Known weakness: dial tone as loud as the digit hides it.
///
/// Made and dropped on the control side, used by one thread; it allocates nothing after `init`.
package final class DTMFDetector {
    /// A digit began or ended; `position` counts samples fed so far (8 kHz) to about 13 ms.
    package struct Event: BitwiseCopyable, Sendable, Hashable {
        package var code: UInt8
        package var hasBegun: Bool
        package var position: Int64
    }

    /// Code of the digit that is being heard.
    package var current: UInt8? { memory.pointee.current }

    private let state: OpaquePointer
    private let memory: UnsafeMutablePointer<Memory>
    /// Samples in spandsp's block that is begun.
    private var filled = 0
    /// spandsp decides once per block of 102 samples.
    private static let block = 102
    /// An end is believed when the same digit has not come back within this many samples.
    private static let bridge: Int64 = 2 * 102
    fileprivate static let capacity = 16

    /// What the callback writes into, at a fixed address.
    fileprivate struct Memory {
        var position: Int64 = 0
        var current: UInt8?
        /// spandsp has said that the digit ended, but it may come back.
        var endedAt: Int64?
        var events: UnsafeMutablePointer<Event>
        var count = 0

        mutating func add(_ code: UInt8, hasBegun: Bool, at position: Int64) {
            guard count < DTMFDetector.capacity else { return }
            events[count] = Event(code: code, hasBegun: hasBegun, position: max(0, position))
            count += 1
        }

        mutating func report(_ character: Int32) {
            guard let code = DTMFSignal.code(ofCharacter: character) else {
                if current != nil, endedAt == nil { endedAt = position }
                return
            }
            if code == current, let ended = endedAt, position - ended <= DTMFDetector.bridge {
                endedAt = nil
                return
            }
            end()
            current = code
            add(code, hasBegun: true, at: position - 2 * Int64(DTMFDetector.block))
        }

        mutating func end() {
            guard let code = current else { return }
            add(code, hasBegun: false, at: (endedAt ?? position) - 2 * Int64(DTMFDetector.block))
            current = nil
            endedAt = nil
        }
    }

    private static let report: @convention(c) (UnsafeMutableRawPointer?, Int32, Int32, Int32) -> Void = {
        context, code, _, _ in
        context?.assumingMemoryBound(to: Memory.self).pointee.report(code)
    }

    /// Nil only when the library refuses (no memory).
    package init?(twistDB: Int = 12, reverseTwistDB: Int = 8) {
        guard let state = dtmf_rx_init(nil, nil, nil) else { return nil }
        self.state = state
        let events = UnsafeMutablePointer<Event>.allocate(capacity: Self.capacity)
        events.initialize(repeating: Event(code: 0, hasBegun: false, position: 0), count: Self.capacity)
        memory = .allocate(capacity: 1)
        memory.initialize(to: Memory(events: events))
        dtmf_rx_parms(state, 0, Int32(truncatingIfNeeded: twistDB), Int32(truncatingIfNeeded: reverseTwistDB), -99)
        dtmf_rx_set_realtime_callback(state, Self.report, memory)
    }

    deinit {
        dtmf_rx_free(state)
        memory.pointee.events.deallocate()
        memory.deinitialize(count: 1)
        memory.deallocate()
    }

    /// Feeds samples of 8 kHz. The events since the last call are in `event(_:)`, as many as it returns.
    package func process(_ samples: UnsafePointer<Int16>, count: Int) -> Int {
        memory.pointee.count = 0
        var done = 0
        while done < count {
            // Up to the end of spandsp's block, so that positions are exact.
            let step = min(count - done, Self.block - filled)
            memory.pointee.position &+= Int64(step)
            _ = dtmf_rx(state, samples + done, Int32(truncatingIfNeeded: step))
            filled = (filled + step) % Self.block
            settle()
            done += step
        }
        return memory.pointee.count
    }

    /// Goes on with samples that follow `position` of all; those in between were not fed and held no digit.
    func resume(at position: Int64) {
        _ = dtmf_rx_fillin(state, 0)
        filled = 0
        memory.pointee.position = position
    }

    /// Lets its blocks end half a block earlier from now on; only before or right after `resume`.
    func shift() {
        var silence: Int16 = 0
        for _ in 0..<(Self.block / 2) { _ = process(&silence, count: 1) }
        memory.pointee.position &-= Int64(Self.block / 2)
    }

    func forEachSpan(_ body: (UnsafeRawPointer, Int) -> Void) {
        body(Unmanaged.passUnretained(self).toOpaque(), 64)
        body(memory, MemoryLayout<Memory>.size)
        body(UnsafeRawPointer(state), 448)
    }

    /// Audio that was lost: the detector's state is kept as if what was before had gone on.
    package func skip(_ count: Int) -> Int {
        memory.pointee.count = 0
        memory.pointee.position &+= Int64(max(0, count))
        filled = 0
        _ = dtmf_rx_fillin(state, Int32(truncatingIfNeeded: max(0, count)))
        settle()
        return memory.pointee.count
    }

    /// One of the last call's events, the oldest first.
    package func event(_ index: Int) -> Event { memory.pointee.events[max(0, min(index, Self.capacity - 1))] }

    private func settle() {
        if let ended = memory.pointee.endedAt, memory.pointee.position - ended > Self.bridge { memory.pointee.end() }
    }
}
