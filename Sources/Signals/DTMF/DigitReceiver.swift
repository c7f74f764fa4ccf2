// SPDX-License-Identifier: Apache-2.0

import RealTime

/// In-band digits of one source, at any of the three rates: detector and suppressor together, as a port uses them.
///
///     frame -> 8 kHz -> dial tone taken out -+-> spandsp's detector, twice: hears through noise -+-> a digit
///                                            +-> probe and witness: knows exactly how long ------+
///
/// Where the two tones are clear the witness alone decides, so that 23 ms are never a digit and pauses of 20 ms count; in
/// noise spandsp's word is taken. It looks at blocks of 13 ms, of which two in a row must be free of doubt: a second one whose
/// blocks begin half a block later finds two more of them in a press.
///
/// Data sheets: docs/datasheets/dtmf.md, made by DTMFSheetTests (Q.24 in full, next to spandsp's figures), and
/// dtmf-talk-off*.md by TalkOffSheetTests. Tones that nothing but 40 ms of likeness calls a digit (noise 8 dB below) are left to
/// spandsp: taken by themselves they let half an hour of chords dial seven digits.
///
///     let count = receiver.process(frame, count: 160, removes: true)
///     for index in 0..<count { report(receiver.event(index)) }
///
/// Made and dropped on the control side, used by one thread; it allocates nothing after `init`.
package final class DigitReceiver {
    package let sampleRate: Int
    private let detector: DTMFDetector
    /// Half a block behind; only heard where noise hides the tones from the witness and the first has nothing.
    private let shifted: DTMFDetector
    private let suppressor: DigitSuppressor
    private let converter: RateConverter?
    private let narrow: UnsafeMutablePointer<Int16>
    private var filter = DialToneFilter()
    private let filtered: UnsafeMutablePointer<Int16>
    private static let mostEvents = 16
    private let events: UnsafeMutablePointer<DTMFDetector.Event>
    private var eventCount = 0
    /// Samples of 8 kHz heard so far.
    private var position: Int64 = 0
    /// What the detector has heard and the witness has not confirmed yet.
    private var pending: UInt8?
    /// Where a digit is out of the question spandsp's detector rests; the last piece is kept, so that it misses nothing
    /// when it is wanted: it hears that piece first.
    private let kept: UnsafeMutablePointer<Int16>
    private var keptCount = 0
    /// Pieces in a row without anything suspicious.
    private var calmPieces = 0
    private static let enoughCalm = 5
    private static let longestPiece = 192
    /// The detector has said that the current digit ended.
    private var hasDetectorEnded = false

    /// Nil when the rate is none of 8000, 16000, 48000, or there is no memory.
    package init?(sampleRate: Int) {
        guard [8000, 16_000, 48_000].contains(sampleRate), let detector = DTMFDetector(),
            let shifted = DTMFDetector()
        else { return nil }
        self.sampleRate = sampleRate
        self.detector = detector
        self.shifted = shifted
        shifted.shift()
        suppressor = DigitSuppressor(sampleRate: sampleRate)
        converter = sampleRate == 8000 ? nil : RateConverter(from: sampleRate, to: 8000, longestBlock: sampleRate / 50)
        // At 8 kHz the frame itself is looked at; a port is to stay small. Pieces of 20 ms make 160 samples.
        let room = converter == nil ? 1 : 192
        narrow = .allocate(capacity: room)
        narrow.initialize(repeating: 0, count: room)
        filtered = .allocate(capacity: 192)
        filtered.initialize(repeating: 0, count: 192)
        kept = .allocate(capacity: Self.longestPiece * 2)
        kept.initialize(repeating: 0, count: Self.longestPiece * 2)
        events = .allocate(capacity: Self.mostEvents)
        events.initialize(repeating: .init(code: 0, hasBegun: false, position: 0), count: Self.mostEvents)
    }

    deinit {
        narrow.deallocate()
        filtered.deallocate()
        kept.deallocate()
        events.deallocate()
    }

    /// Code of the digit that is being heard, nil: none.
    package private(set) var current: UInt8?
    /// Whether audio is being kept back now.
    package var isMuting: Bool { suppressor.isMuting }

    /// Listens to one frame of any length and, with `removes`, mutes digits in it. Number of events, see `event`.
    package func process(_ samples: UnsafeMutablePointer<Int16>, count: Int, removes: Bool) -> Int {
        eventCount = 0
        // Long frames in pieces of 20 ms, so that a press that ends and one that begins are seen one after the other.
        let piece = sampleRate / 50
        var done = 0
        while done < count {
            let length = min(piece, count - done)
            hear(samples + done, count: length, removes: removes)
            done += length
        }
        return eventCount
    }

    private func hear(_ samples: UnsafeMutablePointer<Int16>, count: Int, removes: Bool) {
        var heard: UnsafePointer<Int16>
        var heardCount = count
        if let converter {
            heardCount = converter.convert(samples, count: count, into: narrow)
            heard = UnsafePointer(narrow)
        } else {
            heard = UnsafePointer(samples)
        }
        filter.process(heard, count: heardCount, into: filtered)
        if filter.isNeeded { heard = UnsafePointer(filtered) }
        position &+= Int64(heardCount)
        let isResting = calmPieces >= Self.enoughCalm && current == nil && !isAnyHeard
        var found = (first: 0, shifted: 0)
        if isResting { keep(heard, count: heardCount) } else { found = detect(heard, count: heardCount) }
        suppressor.process(
            samples, count: count, narrow: heard, narrowCount: heardCount,
            isConfirmed: current != nil || isAnyHeard, removes: removes)
        if suppressor.isSuspicious {
            if isResting { found = wake() }
            calmPieces = 0
        } else {
            calmPieces = min(calmPieces + 1, Self.enoughCalm)
            if calmPieces < Self.enoughCalm { keptCount = 0 }
        }
        for index in 0..<found.first {
            let event = detector.event(index)
            if !event.hasBegun {
                hasDetectorEnded = shifted.current != current
                pending = nil
            } else if !suppressor.witness.isClear {
                // Noise hides the tones from the witness; where it sees them clearly it knows better how long they last.
                begin(event.code, at: event.position, isSure: false)
            } else {
                pending = event.code
            }
        }
        for index in 0..<found.shifted {
            let event = shifted.event(index)
            if event.hasBegun {
                if current == nil, !suppressor.witness.isClear { begin(event.code, at: event.position, isSure: false) }
            } else if detector.current != current {
                hasDetectorEnded = true
            }
        }
        if let code = pending, suppressor.witness.suspected == code {
            pending = nil
            begin(code, at: position &- 240, isSure: false)
        }
        if let code = suppressor.witness.found, !suppressor.witness.isDoubtful || detector.current == code {
            begin(code, at: position &- 240, isSure: true)
        }
        if let held = current, detector.current != held, shifted.current != held,
            suppressor.witness.breakLength >= ToneWitness.longBreak
        {
            end()
        }
    }

    private var isAnyHeard: Bool { detector.current != nil || shifted.current != nil }

    private func detect(_ samples: UnsafePointer<Int16>, count: Int) -> (first: Int, shifted: Int) {
        (detector.process(samples, count: count), shifted.process(samples, count: count))
    }

    /// Keeps this piece behind the one before it.
    private func keep(_ piece: UnsafePointer<Int16>, count: Int) {
        let fresh = min(count, Self.longestPiece)
        let old = min(keptCount, Self.longestPiece)
        // What was the newest becomes the older one.
        kept.update(from: kept + (keptCount - old), count: old)
        (kept + old).update(from: piece + (count - fresh), count: fresh)
        keptCount = old + fresh
    }

    /// The detectors hear what they have missed, as far as it may be part of a digit. Numbers of their events.
    private func wake() -> (first: Int, shifted: Int) {
        detector.resume(at: position &- Int64(keptCount))
        shifted.resume(at: position &- Int64(keptCount))
        shifted.shift()
        defer { keptCount = 0 }
        return detect(kept, count: keptCount)
    }

    /// The memory that a frame goes through, to be fetched ahead: address and bytes.
    package func forEachSpan(_ body: (UnsafeRawPointer, Int) -> Void) {
        body(Unmanaged.passUnretained(self).toOpaque(), 128)
        body(kept, Self.longestPiece * 2 * MemoryLayout<Int16>.stride)
        detector.forEachSpan(body)
        shifted.forEachSpan(body)
        suppressor.forEachSpan(body)
    }

    private func begin(_ code: UInt8, at start: Int64, isSure: Bool) {
        if code == current {
            // Both report the same press; it is another one only when there was a break: the witness sees one of 20 ms, in
            // noise both must have heard it.
            guard hasDetectorEnded || isSure, suppressor.witness.longestBreak >= ToneWitness.longBreak else { return }
        }
        end()
        current = code
        hasDetectorEnded = false
        suppressor.forgetBreaks()
        add(code, hasBegun: true, at: start)
    }

    private func end() {
        guard let code = current else { return }
        add(code, hasBegun: false, at: position &- 200)
        current = nil
    }

    private func add(_ code: UInt8, hasBegun: Bool, at place: Int64) {
        guard eventCount < Self.mostEvents else { return }
        events[eventCount] = DTMFDetector.Event(code: code, hasBegun: hasBegun, position: max(0, place))
        eventCount += 1
    }

    /// An event of the last call, the oldest first. Its position counts samples of 8 kHz.
    package func event(_ index: Int) -> DTMFDetector.Event { events[max(0, min(index, Self.mostEvents - 1))] }
}
