// SPDX-License-Identifier: Apache-2.0

import RealTime

/// In-band digits of one source, at any of the three rates: detector and suppressor together, as a port uses them.
///
///     let count = receiver.process(frame, count: 160, removes: true)
///     for index in 0..<count { report(receiver.event(index)) }
///
/// Made and dropped on the control side, used by one thread; it allocates nothing after `init`.
package final class DigitReceiver {
    package let sampleRate: Int
    private let detector: DTMFDetector
    private let suppressor: DigitSuppressor
    private let converter: RateConverter?
    private let narrow: UnsafeMutablePointer<Int16>
    private static let longest = 5760

    /// Nil when the rate is none of 8000, 16000, 48000, or there is no memory.
    package init?(sampleRate: Int) {
        guard [8000, 16_000, 48_000].contains(sampleRate), let detector = DTMFDetector() else { return nil }
        self.sampleRate = sampleRate
        self.detector = detector
        suppressor = DigitSuppressor(sampleRate: sampleRate)
        converter = sampleRate == 8000 ? nil : RateConverter(from: sampleRate, to: 8000, longestBlock: 960)
        // At 8 kHz the frame itself is looked at; a port is to stay small.
        let room = converter == nil ? 1 : Self.longest / 2
        narrow = .allocate(capacity: room)
        narrow.initialize(repeating: 0, count: room)
    }

    deinit { narrow.deallocate() }

    /// Code of the digit that is being heard, nil: none.
    package var current: UInt8? { detector.current }
    /// Whether audio is being kept back now.
    package var isMuting: Bool { suppressor.isMuting }

    /// Listens to one frame (at most 5760 samples) and, with `removes`, mutes digits in it. Number of events, see `event`.
    package func process(_ samples: UnsafeMutablePointer<Int16>, count: Int, removes: Bool) -> Int {
        let count = max(0, min(count, Self.longest))
        let heard: UnsafePointer<Int16>
        var heardCount = count
        if let converter {
            heardCount = converter.convert(samples, count: count, into: narrow)
            heard = UnsafePointer(narrow)
        } else {
            heard = UnsafePointer(samples)
        }
        let events = detector.process(heard, count: heardCount)
        if removes {
            suppressor.process(
                samples, count: count, narrow: heard, narrowCount: heardCount, isConfirmed: detector.current != nil)
        }
        return events
    }

    /// An event of the last call, the oldest first. Its position counts samples of 8 kHz.
    package func event(_ index: Int) -> DTMFDetector.Event { detector.event(index) }
}
