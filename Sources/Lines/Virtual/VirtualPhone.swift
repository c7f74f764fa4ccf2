// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Telephony

/// A telephone on a virtual line with a person at it: lifts, waits for the dial tone, presses keys, speaks, notes what he
/// hears, hangs up. Everything he does happens in the line's time; on a manual line somebody else must move that on.
package actor VirtualPhone {
    package nonisolated let line: VirtualLine
    /// Up to where the mouth has been given something to say.
    private var spokenUpTo: Int64 = 0
    private var recording: [Int16] = []
    private var recordedUpTo: Int64 = 0
    private var recorder: Task<Void, Never>?

    /// How long its recall key is.
    private let flashMilliseconds: Int

    /// Ten minutes at 48 kHz: a recording ends there.
    private static let longestRecording = 600 * 48_000

    package init(_ line: VirtualLine, flashMilliseconds: Int = 120) {
        self.line = line
        self.flashMilliseconds = flashMilliseconds
    }

    deinit { recorder?.cancel() }

    /// Lifts the handset; everything heard from now on is recorded until the hang-up.
    package func lift() {
        guard !line.isOffHook else { return }
        recording = []
        recordedUpTo = line.frame
        spokenUpTo = 0
        line.isOffHook = true
        recorder = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(200))
                await self?.record()
            }
        }
    }

    package func hangUp() {
        line.isOffHook = false
        recorder?.cancel()
        recorder = nil
        record()
    }

    /// Presses the recall key, or the hook for a moment.
    package func flash(milliseconds: Int) async {
        guard line.isOffHook else { return }
        line.isOffHook = false
        let end = line.frame + Int64(line.sampleRate * milliseconds / 1000)
        while line.frame < end, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
        line.isOffHook = true
    }

    /// What was heard since the handset was lifted.
    package func heard() -> [Int16] {
        record()
        return recording
    }

    private func record() {
        let now = line.frame
        let from = max(recordedUpTo, now - Int64(VirtualLine.reach / 2))
        guard now > from, recording.count < Self.longestRecording else { return }
        if from > recordedUpTo { recording += [Int16](repeating: 0, count: Int(clamping: from - recordedUpTo)) }
        recording += line.heard(from..<now)
        recordedUpTo = now
    }

    /// True when there is dial tone; false after so much of the line's time without.
    package func waitForDialTone(milliseconds: Int) async -> Bool {
        let (line, rate) = (line, line.sampleRate)
        return await wait(milliseconds: milliseconds) {
            let now = line.frame
            return HandsetSignals.isSteadyTone(line.heard((now - Int64(rate) * 3 / 10)..<now), sampleRate: rate)
        }
    }

    /// True when the bell rings; false after so much of the line's time without.
    package func waitForBell(milliseconds: Int) async -> Bool {
        let line = line
        return await wait(milliseconds: milliseconds) { line.isRinging }
    }

    /// Presses the keys, 100 ms each and 100 ms apart, and returns when the last was released. Characters that are no keys
    /// are skipped.
    package func dial(_ digits: String) async {
        let keys = digits.compactMap(DTMFDigit.init).prefix(64)
        await speak(
            keys.flatMap {
                HandsetSignals.dtmf($0, milliseconds: 100, pauseMilliseconds: 100, sampleRate: line.sampleRate)
            })
    }

    /// Speaks samples at the line's rate and returns when they have been said; what is being said already comes first.
    package func speak(_ samples: [Int16]) async {
        let rate = Int64(line.sampleRate)
        let chunk = line.sampleRate / 10
        var offset = 0
        while offset < samples.count, line.isOffHook, !Task.isCancelled {
            // 20 ms ahead of the card, so that nothing is said in the past; half a second at most.
            spokenUpTo = max(spokenUpTo, line.frame + rate / 50)
            if spokenUpTo - line.frame < rate / 2 {
                let end = min(offset + chunk, samples.count)
                line.inject(Array(samples[offset..<end]), at: spokenUpTo)
                spokenUpTo += Int64(end - offset)
                offset = end
            } else {
                try? await Task.sleep(for: .milliseconds(10))
            }
        }
        let line = line
        let end = spokenUpTo
        _ = await wait(milliseconds: 2_000) { line.frame >= end || !line.isOffHook }
    }

    private func wait(milliseconds: Int, until isTrue: @Sendable () -> Bool) async -> Bool {
        let end = line.frame + Int64(line.sampleRate) * Int64(milliseconds) / 1000
        while !isTrue() {
            guard line.frame < end, !Task.isCancelled else { return false }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return true
    }

    /// What `partyline line NAME ACTION` asks of a virtual phone: "lift", "dial" (lifts first where needed and waits for
    /// the dial tone), "hangup".
    package func perform(_ action: String, digits: String) async -> ControlOutcome {
        switch action {
        case "lift":
            lift()
            return .done
        case "hangup":
            hangUp()
            return .done
        case "flash":
            guard line.isOffHook else { return .refused("line \(line.name) is on-hook") }
            await flash(milliseconds: flashMilliseconds)
            return .done
        case "dial":
            guard !digits.isEmpty, digits.allSatisfy({ DTMFDigit($0) != nil }) else {
                return .refused(
                    Obstacle("\"\(digits)\" can not be dialled", remedy: "write digits, '*' and '#'"))
            }
            if !line.isOffHook {
                lift()
                guard await waitForDialTone(milliseconds: 5_000) else {
                    return .refused(
                        Obstacle(
                            "line \(line.name) gives no dial tone", remedy: "see \"partyline lines\" and the log"))
                }
            }
            await dial(digits)
            return .done
        default:
            return .refused(
                Obstacle("a phone cannot \"\(action)\"", remedy: "it can lift, dial DIGITS, flash and hangup"))
        }
    }
}
