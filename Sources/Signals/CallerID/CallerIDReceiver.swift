// SPDX-License-Identifier: Apache-2.0
// ETSI EN 300 659-1, Telcordia GR-30, BT SIN 227 / 242, NTT number display; DTMF variants.

import Glibc

/// Hears on an idle line who calls, in every way at once: FSK of both standards, Japan's variant, DTMF. It runs all the time,
/// so no start is missed and no window need be known.
///
///     8 kHz samples -+-> FSKDemodulator -> CallerIDFramer -----> CallerID
///                    +-> gain control -> DigitReceiver -> DTMFCallerID
///
/// Data sheet: docs/datasheets/caller-id.md, made by CallerIDSheetTests. Used by one thread (not the mix thread: texts are made
/// here).
package final class CallerIDReceiver {
    private var bell = FSKDemodulator(mark: 1200, space: 2200)
    private var v23 = FSKDemodulator(mark: 1300, space: 2100)
    private var bellFramer = CallerIDFramer()
    private var v23Framer = CallerIDFramer()
    private var collector = DTMFCallerID()
    private let digits: DigitReceiver?
    private let scratch: UnsafeMutablePointer<Int16>
    private static let piece = 160
    private var gain: Float = 1
    private var heard: Int64 = 0
    private var lastBell: Int64 = 0
    private var lastV23: Int64 = 0
    private var lastFound: Int64 = -80_000

    package init() {
        digits = DigitReceiver(sampleRate: 8000)
        scratch = .allocate(capacity: Self.piece)
        scratch.initialize(repeating: 0, count: Self.piece)
    }

    deinit { scratch.deallocate() }

    /// A message is coming in right now.
    package var isReceiving: Bool {
        bellFramer.isBusy && heard - lastBell < 1_600 || v23Framer.isBusy && heard - lastV23 < 1_600
    }

    /// Samples of 8 kHz; who calls, when a message ended in them (the last one where there are two).
    package func process(_ samples: UnsafePointer<Int16>, count: Int) -> CallerID? {
        var found: CallerID?
        var done = 0
        while done < count {
            let step = min(Self.piece, count - done)
            if let caller = hearFSK(samples + done, step) { found = caller }
            if let caller = hearDigits(samples + done, step) { found = caller }
            done += step
        }
        return found
    }

    /// Both standards at once: they are so near to each other that either understands the other's clear signal.
    private func hearFSK(_ samples: UnsafePointer<Int16>, _ count: Int) -> CallerID? {
        var found: CallerID?
        for index in 0..<count {
            heard += 1
            let sample = Float(samples[index]) / 32_768
            if bell.hear(sample) {
                found = Self.frame(&bellFramer, &lastBell, heard, bell, .bell202) ?? found
            }
            if v23.hear(sample) {
                found = Self.frame(&v23Framer, &lastV23, heard, v23, .v23) ?? found
            }
        }
        guard var caller = found else { return nil }
        // The second of the two comes within a few samples.
        guard heard - lastFound > 400 else { return nil }
        lastFound = heard
        if caller.kind != .v23JP { caller.kind = abs(bell.markOffset) < abs(v23.markOffset) ? .bell202 : .v23 }
        caller.levelDBm0 = 10 * log10f(max(1e-10, bell.power * 2)) + 3.14
        return caller
    }

    private static func frame(
        _ framer: inout CallerIDFramer, _ last: inout Int64, _ now: Int64, _ demodulator: borrowing FSKDemodulator,
        _ kind: CallerID.Kind
    ) -> CallerID? {
        // A message does not pause for 400 ms.
        if now - last > 8 * 400 { framer.silence() }
        last = now
        let character = CallerIDFramer.Character(
            byte: demodulator.character, marks: demodulator.marksBefore, clearness: demodulator.clearness,
            doubt: demodulator.doubt)
        return framer.hear(character, kind: kind)
    }

    /// Weak lines are made louder for the digits, by 24 dB at most.
    private func hearDigits(_ samples: UnsafePointer<Int16>, _ count: Int) -> CallerID? {
        guard let digits else { return nil }
        var square: Float = 0
        for index in 0..<count { square += Float(samples[index]) * Float(samples[index]) }
        let level = (square / Float(max(1, count))).squareRoot()
        let wanted = max(1, min(16, 2_000 / max(level, 1)))
        gain += (wanted - gain) * (wanted < gain ? 0.7 : 0.3)
        for index in 0..<count {
            scratch[index] = Int16(max(-32_768, min(32_767, Float(samples[index]) * gain)))
        }
        var found: CallerID?
        let events = digits.process(scratch, count: count, removes: false)
        for index in 0..<events {
            let event = digits.event(index)
            guard event.hasBegun, var caller = collector.hear(event.code, now: event.position / 8) else { continue }
            caller.levelDBm0 = 20 * log10f(max(1, level) / 32_768) + 6.15
            found = caller
        }
        return found
    }
}
