// SPDX-License-Identifier: Apache-2.0
import Signals
import Telephony

/// Who calls, as data for the telephone's display.
struct CallerData: Sendable, Equatable {
    var samples: [Int16]
    var isBeforeRing: Bool
    static let sampleRate = 8_000
    /// For opening the port, and for the telephone to end its reception.
    private static let marginMilliseconds: Int64 = 200

    var telling: RingPlan.Telling {
        let length = Int64(samples.count * 1_000 / Self.sampleRate) + Self.marginMilliseconds
        return isBeforeRing ? .beforeRing(milliseconds: length) : .afterFirstRing(milliseconds: length)
    }
}

extension LineStation {
    /// The way in which this line's telephone is told who calls; nil: it is not.
    private var callerIDWay: CallerIDSender.Way? {
        guard profile.showsCaller else { return nil }
        return CallerIDSender.Way(rawValue: line.callerID ?? house.country.callerID)
    }

    private func callerID(of request: DialRequest) -> CallerID {
        var caller = CallerID(kind: .bell202)
        caller.number = request.callerNumber.filter { $0.isASCII && ($0.isNumber || "+*#".contains($0)) }
        caller.name = request.callerName == request.callerNumber ? "" : String(request.callerName.prefix(50))
        caller.date = house.country.date()
        if caller.number.isEmpty {
            caller.absence = request.callerNumber.lowercased() == "anonymous" ? .withheld : .unavailable
        }
        return caller
    }

    /// What the telephone gets for this call: its bell, by who calls, and who it is.
    func planRing(_ request: DialRequest) {
        device?.perform(.display(callerID(of: request).number), now: now)
        isShowingCaller = true
        callerData = callerIDWay.map { way in
            CallerData(
                samples: CallerIDSender.samples(
                    callerID(of: request), way, isSingle: false, sampleRate: CallerData.sampleRate),
                isBeforeRing: way == .v23Reversal || way == .dtmf)
        }
        machine.plan.ring = RingPlan(
            cadence: profile.makesCadence ? [] : house.country.cadence(for: request.caller),
            telling: callerData?.telling ?? .never)
    }

    func tellCaller(_ begins: Bool) {
        guard begins, let port, let callerData else { return tones.stop() }
        let silence = [Int16](repeating: 0, count: CallerData.sampleRate / 20)
        tones.play(.samples(silence + callerData.samples, sampleRate: CallerData.sampleRate), on: port)
    }

    // MARK: - Call waiting

    func beginWaiting(_ request: DialRequest) {
        let data = callerIDWay.flatMap { way in
            CallerIDSender.samplesInCall(callerID(of: request), way, sampleRate: CallerData.sampleRate)
        }
        waitingData = data
        waiting = WaitingTone(house.tones.callWaiting, alerts: data != nil, now: now)
        perform(waiting?.expire(now: now))
    }

    func endWaiting() {
        waiting = nil
        waitingData = nil
    }

    func perform(_ action: WaitingTone.Action?) {
        guard let action, let leg, let waiting, leg.isConnected else { return }
        switch action {
        case .beep(let alerts): house.sink.post(.notice(waiting.sound(alerts: alerts)), from: leg.id)
        case .tell:
            guard let waitingData else { return }
            house.sink.post(
                .notice(.samples(waitingData, sampleRate: CallerData.sampleRate)), from: leg.id)
        }
    }
}
