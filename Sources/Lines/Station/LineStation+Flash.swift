// SPDX-License-Identifier: Apache-2.0
import Telephony

/// Two calls of one telephone: performs what `FlashStateMachine` says.
extension LineStation {
    /// What the telephone does just now.
    var telephone: FlashStateMachine.Telephone {
        switch machine.state {
        case .gone, .onHook, .parked: .away
        case .ringing: .ringing
        case .opening(.answer): .answering
        case .opening, .dialTone, .dialling, .closingTone: .tone
        case .inCall:
            leg.map { leg in
                leg.id == emergencyLeg ? .emergency : leg.isConnected ? .talking : .calling
            } ?? .tone
        }
    }

    /// Something happens that a second call may turn into something else; otherwise the machine of one call gets it.
    func signal(_ event: FlashStateMachine.Event, otherwise: StationStateMachine.Event? = nil) {
        for action in flash.handle(event, telephone, now: now) { perform(action, otherwise) }
    }

    private func perform(_ action: FlashStateMachine.Action, _ otherwise: StationStateMachine.Event?) {
        switch action {
        case .pass: if let otherwise { feed(otherwise) }
        // Those two are performed where the call comes in.
        case .refuse, .announceWaiting: break
        case .stopWaiting: endWaiting()
        case .holdActive:
            guard let leg else { return }
            self.leg = nil
            other = leg
            hold(leg)
            arbiter = DigitArbiter(inBandWaitMilliseconds: 0)
            feed(.recalled)
        case .resumeOther:
            if let leg { finish(leg, .normalClearing) }
            takeOther()
        case .changeOver:
            let former = leg
            if let former { hold(former) }
            takeOther()
            other = former
        case .dropActive:
            guard let leg else { return }
            self.leg = nil
            finish(leg, .normalClearing)
        case .dropOther:
            guard let other else { return }
            self.other = nil
            finish(other, .destinationOutOfOrder)
        case .confer:
            guard let leg, let other else { return }
            house.sink.post(.conferenceWanted(with: other.id), from: leg.id)
        case .transfer:
            guard let leg, let other else { return }
            self.other = nil
            house.sink.post(.leftTo(other.id, ringback: house.tones.ringback), from: leg.id)
            finish(other, .normalClearing)
        case .ringOther:
            guard let other else { return }
            self.other = nil
            leg = other
            planRing(other.request ?? DialRequest(destination: "", callerNumber: "", callerName: "", headers: []))
            feed(.called)
        case .giveUp: feed(.released(.noAnswer))
        case .forgetOther: other = nil
        }
    }

    private func hold(_ leg: LineLeg) {
        leg.hold()
        house.sink.post(.held(true), from: leg.id)
    }

    private func takeOther() {
        guard let other else { return }
        leg = other
        self.other = nil
        feed(.resumed)
    }

    /// The last event of a leg.
    func finish(_ leg: LineLeg, _ cause: HangupCause) {
        leg.end()
        house.sink.post(.hungUp(cause, []), from: leg.id)
    }

    /// The exchange ends a call.
    func released(_ id: LegID, _ cause: HangupCause) {
        if leg?.id == id {
            signal(.activeEnded, otherwise: .released(cause))
        } else if let other, other.id == id {
            finish(other, cause)
            signal(.otherEnded)
        }
    }

    // MARK: - A call comes in

    func called(_ leg: LineLeg, _ request: DialRequest) {
        history.calls += 1
        leg.isCalled(with: request)
        for action in flash.handle(.called, telephone, now: now) {
            switch action {
            case .pass: ring(leg, request)
            case .announceWaiting:
                other = leg
                house.sink.post(.ringing([]), from: leg.id)
                beginWaiting(request)
            default: finish(leg, .userBusy)
            }
        }
    }

    private func ring(_ leg: LineLeg, _ request: DialRequest) {
        var refusal: HangupCause?
        let isFree = self.leg == nil
        if isFree { planRing(request) }
        for action in machine.handle(.called, now: now) {
            switch action {
            case .refuse(let cause): refusal = cause
            default:
                if isFree { self.leg = leg }
                perform(action)
            }
        }
        if let refusal { finish(leg, refusal) }
    }
}
