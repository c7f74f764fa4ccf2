// SPDX-License-Identifier: Apache-2.0
import Logging
import Media
import Telephony

extension LineStation {
    func take(_ signal: LineSignal) {
        switch signal {
        case .hook(let isOffHook): hookEvents(hook?.raw(isOffHook: isOffHook, now: now) ?? [])
        case .hookButton: button(lifts: !isUp)
        case .hookKey(let lifts): button(lifts: lifts)
        case .flashKey: if isUp { hookEvents([.flashed]) }
        case .key(let digit): pressed(digit)
        case .muteButton: if isUp { setMuted(!isMuted) }
        // What only a landline has.
        case .ring, .loop, .polarity, .lineInUse, .notTaken, .ended, .callerID, .tone: break
        }
    }

    func hookEvents(_ events: [HookStateMachine.Event]) {
        for event in events {
            house.log.debug("\(line.words): \(event)")
            switch event {
            case .lifted: lifted()
            case .hungUp: signal(.hungUp, otherwise: .hungUp)
            case .flashed:
                history.flashes += 1
                signal(.flashed)
            case .dialled(let digit): pressed(digit)
            }
        }
    }

    /// Off-hook as far as the exchange is concerned.
    var isUp: Bool {
        switch machine.state {
        case .gone, .onHook, .ringing: false
        case .opening, .dialTone, .dialling, .inCall, .closingTone, .parked: true
        }
    }

    private func button(lifts: Bool) {
        guard lifts != isUp else { return }
        if lifts { lifted() } else if machine.state != .gone { signal(.hungUp, otherwise: .hungUp) }
    }

    private func lifted() {
        arbiter = DigitArbiter(inBandWaitMilliseconds: 0)
        history.lifts += 1
        signal(.lifted, otherwise: .lifted)
    }

    // MARK: - Digits

    /// A key of the device. Before dial tone it waits for it: people type the number and then lift.
    private func pressed(_ digit: DTMFDigit) {
        switch machine.state {
        case .onHook, .opening(.dialling):
            if let last = typed.last, now &- last.at > Self.typedMilliseconds { typed.removeAll() }
            if typed.count < DigitCollector.longest { typed.append((digit, now)) }
        case .dialTone, .dialling: dialled(digit, by: .keys)
        case .inCall:
            note(digit, .keys)
            if let leg { house.sink.post(.digit(digit, .keys), from: leg.id) }
        case .gone, .opening, .ringing, .closingTone, .parked: break
        }
    }

    private static let typedMilliseconds: Int64 = 20_000

    /// One press can come as a key and as a tone: it counts once.
    func dialled(_ digit: DTMFDigit, by source: DigitSource) {
        note(digit, source)
        if machine.state == .inCall, let action = waiting?.heard(digit, now: now) { perform(action) }
        guard arbiter.heard(digit, by: source, now: now) == .accept else { return }
        feed(.digit(digit))
    }

    /// Dial tone has begun: what was typed before it is dialled now.
    func dialTyped() {
        guard machine.state == .dialTone, !typed.isEmpty else { return }
        let waiting = typed.filter { now &- $0.at <= Self.typedMilliseconds }
        typed.removeAll()
        for key in waiting { dialled(key.digit, by: .keys) }
    }

    // MARK: - What the telephone is told about itself

    /// Lamps follow the state: a headset that is not told that it is off-hook hangs up by itself after two seconds.
    func echo() {
        // Somebody who lifted by a button cannot hang up a receiver: the station does it when the closing tone is over.
        if machine.state == .parked, hook?.isOffHook != true { signal(.hungUp, otherwise: .hungUp) }
        if machine.state == .onHook, isMessageWaiting != isMessageLit, device != nil {
            isMessageLit = isMessageWaiting
            device?.perform(.lamp(.messageWaiting, isMessageWaiting), now: now)
        }
        if machine.state == .onHook, isShowingCaller {
            isShowingCaller = false
            device?.perform(.display(""), now: now)
        }
        let isLit = isUp && machine.state != .parked
        guard isLit != isLampLit else { return }
        isLampLit = isLit
        if !isLit, isMuted { setMuted(false) }
        device?.perform(.lamp(.offHook, isLit), now: now)
    }

    private func setMuted(_ muted: Bool) {
        guard muted != isMuted else { return }
        isMuted = muted
        if let port { house.media.mute(port, muted) }
        device?.perform(.lamp(.mute, muted), now: now)
    }
}
