// SPDX-License-Identifier: Apache-2.0

import CVirtualLine
import Foundation

/// The telephone of a virtual line that a running daemon owns, held by a test, the demo or the bench: lifts, presses
/// digits as tones, speaks and hears, all on the clock of the virtual card.
///
///     test ── VirtualHandset ── shared page of the line ── ALSA plugins ── partylined
///
/// Unchecked: one lock guards it. Nothing runs in between; speech is written ahead into the line (25 s at most) and what
/// was heard is read back from it (the last 30 s).
package final class VirtualHandset: @unchecked Sendable {
    private let lock = NSLock()
    private var handset = vline_handset()
    private var spoken: Recording
    private var spokenFrom: Int64 = 0
    private var listeningFrom: Int64
    /// Samples a second of the card.
    package let rate: Int
    package static let longestSpeechSeconds = 25.0

    /// - Parameter path: of the line (STATE/virtual/NAME).
    package init(path: String) throws(CallerError) {
        var made = vline_handset()
        let code = vline_handset_connect(path, &made)
        guard code == 0 else {
            throw .daemon(
                "no virtual line at \(path) (errno \(-code)); is the daemon running, and the line in lines.d?")
        }
        handset = made
        rate = Int(vline_handset_sample_rate(&made))
        spoken = Recording(rate: rate)
        listeningFrom = vline_handset_frame(&made)
        spokenFrom = listeningFrom
    }

    deinit {
        vline_handset_disconnect(&handset)
    }

    package func lift() { lock.withLock { _ = vline_handset_set_hook(&handset, 1) } }
    package func hangUp() { lock.withLock { _ = vline_handset_set_hook(&handset, 0) } }
    package var isRinging: Bool { lock.withLock { vline_handset_is_ringing(&handset) != 0 } }
    /// Overruns and underruns of the card so far.
    package var gaps: Int { lock.withLock { Int(vline_handset_xruns(&handset)) } }

    /// Speaks from 20 ms from now on, for at most 25 s; what was to be said before is cut off.
    /// - Returns: seconds until it is said.
    @discardableResult
    package func speak(_ samples: [Int16]) -> Double {
        let said = Array(samples.prefix(Int(Self.longestSpeechSeconds * Double(rate))))
        lock.withLock {
            let start = vline_handset_frame(&handset) + Int64(rate / 50)
            let left = Int(max(0, spokenFrom + Int64(spoken.samples.count) - start))
            let text = said + [Int16](repeating: 0, count: max(0, left - said.count))
            text.withUnsafeBufferPointer {
                vline_handset_speak(&handset, start, $0.baseAddress, Int64($0.count))
            }
            note(said, at: start)
        }
        return Double(said.count) / Double(rate) + 0.02
    }

    /// Presses digits: 80 ms of both tones at -9 and -7 dBm0 (Q.23, Q.24), 80 ms apart. Waits until they are said.
    package func press(_ digits: String) async {
        let seconds = speak(Self.tones(digits, rate: rate))
        try? await Task.sleep(nanoseconds: UInt64(seconds * 1e9))
    }

    /// Forgets what was said and heard so far.
    package func forget() {
        lock.withLock {
            listeningFrom = vline_handset_frame(&handset)
            if spokenFrom + Int64(spoken.samples.count) < listeningFrom { spoken = Recording(rate: rate) }
        }
    }

    /// What was said since `forget`, with the time at which the card captured it.
    package var sent: Recording { lock.withLock { spoken } }

    /// What was heard since `forget` (30 s at most), with the time at which the card played it.
    package var heard: Recording {
        lock.withLock {
            // The newest 10 ms may still be written to.
            let end = vline_handset_frame(&handset) - Int64(rate / 100)
            let start = max(listeningFrom, end - Int64(rate * 30))
            var recording = Recording(rate: rate)
            guard end > start else { return recording }
            var samples = [Int16](repeating: 0, count: Int(end - start))
            samples.withUnsafeMutableBufferPointer {
                vline_handset_listen(&handset, start, $0.baseAddress, Int64($0.count))
            }
            let piece = rate / 50
            for at in stride(from: 0, to: samples.count, by: piece) {
                let part = Array(samples[at..<min(samples.count, at + piece)])
                recording.put(part, at: at, time: vline_handset_time_of_frame(&handset, start + Int64(at)))
            }
            return recording
        }
    }

    private func note(_ said: [Int16], at start: Int64) {
        if spoken.samples.isEmpty || Int64(spoken.samples.count) + spokenFrom > start { spoken = Recording(rate: rate) }
        if spoken.samples.isEmpty { spokenFrom = start }
        let piece = rate / 50
        for at in stride(from: 0, to: said.count, by: piece) {
            let frame = start + Int64(at)
            let time = vline_handset_time_of_frame(&handset, frame)
            spoken.put(Array(said[at..<min(said.count, at + piece)]), at: Int(frame - spokenFrom), time: time)
        }
    }

    /// Digits as a telephone makes them.
    package static func tones(_ digits: String, rate: Int) -> [Int16] {
        let rows = [697.0, 770, 852, 941]
        let columns = [1209.0, 1336, 1477, 1633]
        let pad = Array("123A456B789C*0#D")
        var samples: [Int16] = []
        for digit in digits {
            guard let place = pad.firstIndex(of: digit) else { continue }
            for position in 0..<(rate * 80 / 1000) {
                let time = 2 * Double.pi * Double(position) / Double(rate)
                let low = 8000 * sin(time * rows[place / 4]) * 0.71
                let high = 8000 * sin(time * columns[place % 4]) * 0.9
                samples.append(Int16(low + high))
            }
            samples += [Int16](repeating: 0, count: rate * 80 / 1000)
        }
        return samples
    }
}
