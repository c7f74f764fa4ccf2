// SPDX-License-Identifier: Apache-2.0

import CSofia
import Logging
import Telephony

/// A call out on the SIP thread: its branches are dialogs, of which one wins.
final class SIPHunt {
    let call: OutgoingCall
    let targets: [OutgoingTarget]
    var machine: Hunt
    /// Dialogs by branch, as far as they are there.
    var tokens: [Int: UInt64] = [:]
    /// Where branches sent us, as it is told.
    var redirections: [Int: LegEvent] = [:]
    /// What the far end of the last branch sent with its end.
    var headers: [HeaderField] = []

    init(_ call: OutgoingCall, _ groups: [[OutgoingTarget]]) {
        self.call = call
        targets = groups.flatMap { $0 }
        let isEmergency = if case .trunks(_, isEmergency: true) = call.destination { true } else { false }
        machine = Hunt(sizes: groups.map(\.count), isEmergency: isEmergency)
    }
}

extension SIPCore {
    func hunt(_ call: OutgoingCall) {
        let groups: [[OutgoingTarget]] =
            switch call.destination {
            case .targets(let groups): groups
            case .trunks(let number, let isEmergency): trunkTargets(number, isEmergency: isEmergency)
            }
        let hunt = SIPHunt(call, groups)
        hunts[call.leg.token] = hunt
        perform(hunt.machine.start(orElse: call.failure), of: hunt)
    }

    /// What a leg of ours asks for while it hunts, or of the branch that won.
    func take(_ command: SIPCommand, for hunt: SIPHunt) {
        if let winner = hunt.machine.winner {
            if let dialog = hunt.tokens[winner].flatMap({ dialogs[$0] }) { take(command, for: dialog) }
            return
        }
        if case .hangUp(let cause, let headers) = command {
            hunt.headers = headers
            perform(hunt.machine.giveUp(cause), of: hunt)
        }
    }

    /// Everything that a dialog tells goes by here.
    func tell(_ event: LegEvent, from dialog: SIPDialog) {
        guard let hunt = dialog.hunt.flatMap({ hunts[$0] }) else {
            if dialog.hunt == nil { sink.post(event, from: dialog.leg) }
            return
        }
        let isWinner = hunt.machine.winner == dialog.branch
        switch event {
        case .ringing(let headers):
            hunt.headers = headers
            perform(hunt.machine.take(.ringing, from: dialog.branch), of: hunt)
        case .earlyMedia(let headers):
            hunt.headers = headers
            perform(hunt.machine.take(.earlyMedia, from: dialog.branch), of: hunt)
        case .answered(let headers):
            hunt.headers = headers
            perform(hunt.machine.take(.answered, from: dialog.branch), of: hunt)
        case .hungUp(let cause, let headers):
            hunt.headers = headers
            perform(hunt.machine.take(.ended(cause), from: dialog.branch), of: hunt)
        case .redirected:
            // One of several does not send the others elsewhere.
            hunt.redirections[dialog.branch] = event
            perform(hunt.machine.take(.redirected, from: dialog.branch), of: hunt)
        default:
            if isWinner { sink.post(event, from: dialog.leg) }
        }
    }

    private func perform(_ actions: [Hunt.Action], of hunt: SIPHunt) {
        let leg = hunt.call.leg
        for action in actions {
            switch action {
            case .call(let branches):
                // A branch that fails at once is told after all of its group were called.
                let failures = branches.compactMap { branch in
                    dial(branch, of: hunt).map { (branch, $0) }
                }
                for (branch, cause) in failures {
                    perform(hunt.machine.take(.ended(cause), from: branch), of: hunt)
                }
            case .cancel(let branch):
                guard let dialog = hunt.tokens[branch].flatMap({ dialogs[$0] }) else { continue }
                run(dialog, .hangUp(hunt.machine.winner == nil ? .normalClearing : .answeredElsewhere))
            case .tellRinging:
                sink.post(.ringing(hunt.headers), from: leg.id)
            case .tellEarlyMedia(let branch):
                adoptPort(of: branch, hunt)
                sink.post(.earlyMedia(hunt.headers), from: leg.id)
            case .tellAnswered(let branch):
                adoptPort(of: branch, hunt)
                sink.post(.answered(hunt.headers), from: leg.id)
            case .tellRedirected(let branch):
                if let event = hunt.redirections[branch] { sink.post(event, from: leg.id) }
            case .tellHungUp(let cause):
                hunts[leg.token] = nil
                sink.post(.hungUp(cause, hunt.headers), from: leg.id)
            }
        }
    }

    private func adoptPort(of branch: Int, _ hunt: SIPHunt) {
        if let dialog = hunt.tokens[branch].flatMap({ dialogs[$0] }) { hunt.call.leg.adopt(dialog.port) }
    }
}
