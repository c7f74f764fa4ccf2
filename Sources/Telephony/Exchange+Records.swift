// SPDX-License-Identifier: Apache-2.0

/// What is written down of calls. A record is that of a leg: a call that is handed on gets another one, or goes on as a wire
/// without any, and whoever was there until then has his record, as has whoever comes.
extension Exchange {
    func record(of call: Call) -> CallRecord {
        let end = call.end
        var record = CallRecord()
        record.direction = end.direction == .incoming ? "in" : "out"
        record.technology = call.leg?.technology ?? ""
        record.peer = end.peer
        record.callerNumber = end.callerNumber
        record.callerName = end.callerName
        record.destination = end.destination
        record.rule = call.rule
        record.room = call.lastRoom
        record.began = Double(end.beganAt) / 1000
        record.answered = end.connectedAt.map { Double($0) / 1000 }
        record.ended = Double(now) / 1000
        record.cause = Int(call.endCause.rawValue)
        record.words = call.endCause.words
        return record
    }

    /// The end of each call whose beginning was told, once: whoever counts by the events comes to nothing in the end.
    func tellEnd(of id: CallID, _ cause: HangupCause) {
        guard let call = calls[id], call.isToldOf else { return }
        calls[id]?.isToldOf = false
        let seconds = call.connectedAt.map { Int((now - $0) / 1000) } ?? 0
        tell(
            "call.ended",
            ["call": "\(id)", "cause": "\(cause.rawValue)", "words": cause.words, "seconds": "\(seconds)"])
    }

    /// Before a leg is taken from its call. The call goes on: as a wire that nobody counts, or with the next leg.
    func keepRecordOfLeg(of id: CallID, _ cause: HangupCause = .normalClearing) {
        guard var call = calls[id], let leg = call.leg else { return }
        call.endCause = cause
        keepRecord(record(of: call))
        formerLegs.remember(id, leg.id)
    }

    /// Somebody else is at the end of a call from now on.
    func succeed(_ id: CallID, _ end: CallEnd) {
        calls[id]?.successor = end
        calls[id]?.shownName = nil
        calls[id]?.talksTo = nil
        if let partner = partner(of: id) { calls[partner]?.talksTo = end.number }
    }

    /// Reports name those who talk to each other now.
    func introduce(_ one: CallID?, _ other: CallID?) {
        guard let one, let other, one != other, let first = calls[one], let second = calls[other] else { return }
        calls[one]?.talksTo = second.end.number
        calls[other]?.talksTo = first.end.number
    }

    /// Whom a call is connected with, and nobody else: by the house, by a script, through wires.
    func partner(of id: CallID) -> CallID? {
        var current = id
        var seen: Set<CallID> = []
        while seen.insert(current).inserted {
            let next: CallID?
            switch calls[current]?.owner {
            case .house(.caller(let other)), .house(.called(let other)): next = other
            case .session:
                let others = bridged(with: current)
                next = others.count == 1 ? others.first : nil
            default: next = nil
            }
            guard let next, let call = calls[next] else { return nil }
            guard call.leg == nil, let peer = call.peer else { return next }
            current = peer
        }
        return nil
    }
}
