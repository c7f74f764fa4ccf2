// SPDX-License-Identifier: Apache-2.0
package import Signals
package import Telephony

/// The other subscriber: calls the box, is called by it, speaks, hangs up.
extension VirtualExchange {
    /// Calls the box until it answers or `hangUp`: the bell, with who calls behind its first burst, or before it where the
    /// country's way is that (a reversal of the line or DTMF).
    package func call(from number: String, name: String, by way: CallerIDSender.Way) {
        guard !line.isOffHook, ringing == nil else { return }
        var caller = CallerID(kind: .v23)
        caller.number = number
        caller.name = name
        caller.absence = number.isEmpty ? .withheld : nil
        let message = CallerIDSender.samples(caller, way, isSingle: false, sampleRate: line.sampleRate)
        let isBefore = way == .v23Reversal || way == .dtmf
        isRinging = true
        ringing = Task { [weak self] in
            if isBefore { await self?.announce(message, reverses: way == .v23Reversal) }
            var pending = isBefore ? [] : message
            while !Task.isCancelled, await self?.burst(pending) == true { pending = [] }
        }
    }

    /// Calls the box in Japan's way (NTT's number display): short bursts of bell until it takes the line, the message, and the bell
    /// of a call when it has hung up.
    package func callJapanese(from number: String) {
        guard !line.isOffHook, ringing == nil else { return }
        var caller = CallerID(kind: .v23JP)
        caller.number = number
        caller.absence = number.isEmpty ? .withheld : nil
        announcement = CallerIDSender.japanese(caller, sampleRate: line.sampleRate)
        isRinging = true
        ringing = Task { [weak self] in
            // Six seconds; whoever does not want to know hears the bell of a call then.
            for _ in 0..<6 {
                guard !Task.isCancelled, await self?.shortBurst() == true else { return }
            }
            await self?.forgetAnnouncement()
            while !Task.isCancelled, await self?.burst([]) == true {}
        }
    }

    private func forgetAnnouncement() { announcement = nil }

    private func shortBurst() async -> Bool {
        sound(bell: true)
        await wait(500)
        sound(bell: false)
        await wait(500)
        return isRinging
    }

    /// The box has been told, and has hung up.
    func ringOrdinarily() {
        isRinging = true
        ringing = Task { [weak self] in
            await self?.wait(500)
            while !Task.isCancelled, await self?.burst([]) == true {}
        }
    }

    private func announce(_ message: [Int16], reverses: Bool) async {
        if reverses {
            isReversed.toggle()
            line.setPolarity(isReversed: isReversed)
        }
        await wait(300)
        if isRinging { speech = message }
        await wait(Int64(message.count * 1000 / line.sampleRate) + 400)
    }

    /// One second of bell and its pause; false when it is over.
    private func burst(_ message: [Int16]) async -> Bool {
        sound(bell: true)
        await wait(1_000)
        sound(bell: false)
        if !message.isEmpty, isRinging {
            await wait(500)
            if isRinging { speech = message }
        }
        await wait(message.isEmpty ? 4_000 : 3_500)
        return isRinging
    }

    private func wait(_ milliseconds: Int64) async {
        let end = line.frame + milliseconds * Int64(line.sampleRate) / 1000
        while line.frame < end, isRinging, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// The one who was called lifts.
    package func answer() {
        guard isSeized, !isConnected else { return }
        isConnected = true
        set(.silence)
    }

    /// The other one hangs up: the bell stops, or the box learns of it.
    package func hangUp(by release: Release) {
        switch release {
        case .busyTone: hangUp(with: .busy)
        case .dialTone: hangUp(with: .dialTone)
        case .loopDrop:
            hangUp(with: .silence)
            line.setLoop(isClosed: false)
        case .polarity:
            hangUp(with: .silence)
            isReversed.toggle()
            line.setPolarity(isReversed: isReversed)
        }
    }

    /// The same, and what is heard from then on.
    package func hangUp(with last: Signal = .busy) {
        announcement = nil
        isAnnouncing = false
        stopBell()
        guard isSeized else { return }
        isConnected = false
        speech = []
        set(last)
    }

    /// Says samples at the line's rate, after what is being said.
    package func speak(_ samples: [Int16]) { speech += samples.prefix(60 * 48_000) }

    /// What the other one heard of the box since the line was seized.
    package func heard() -> [Int16] { recording }

    package func send(_ signal: Signal) { set(signal) }

    /// What `partyline line NAME …` asks of the other subscriber; nil: it is none of his.
    package func perform(_ action: String, digits: String) -> ControlOutcome? {
        switch action {
        case "call":
            guard !line.isOffHook, ringing == nil else { return .refused("the line is busy") }
            call(from: digits, name: "", by: .v23)
        case "dial":
            guard isConnected else { return .refused("nobody is connected on this line") }
            speak(
                digits.compactMap(DTMFDigit.init).prefix(64).flatMap {
                    HandsetSignals.dtmf($0, milliseconds: 100, pauseMilliseconds: 100, sampleRate: line.sampleRate)
                })
        case "answer":
            guard isSeized, !isConnected else { return .refused("nobody calls out by this line") }
            answer()
        case "hangup":
            guard isConnected || isRinging else { return .refused("there is no call on this line") }
            hangUp()
        default: return nil
        }
        return .done
    }
}
