// SPDX-License-Identifier: Apache-2.0

extension Exchange {
    /// Answers a call, says something and hangs up.
    func announce(_ words: String, to id: CallID, then cause: HangupCause = .normalClearing) {
        calls[id]?.owner = .house(.announcement(then: cause))
        announcements[id] = words
        step(id, .answer)
    }

    /// One phone of the box calls another.
    func callExtension(_ number: String, from id: CallID) {
        guard let caller = calls[id] else { return }
        var request = DialRequest(
            destination: number, callerNumber: caller.info.callerNumber, callerName: caller.info.callerName, headers: []
        )
        request.caller = caller.isOutside ? .outside : .inside
        guard let leg = dial(request) else { return step(id, .reject(status: 404)) }
        var info = caller.info
        info.destination = number
        let called = addCall(
            .outgoing, leg: leg, info: info, origin: .inside, peer: "extension \(number)",
            owner: .house(.called(by: id)))
        calls[id]?.owner = .house(.caller(of: called))
        graph.connect(from: caller.node, to: nodeOf(called) ?? caller.node)
        if let node = nodeOf(called) { graph.connect(from: node, to: caller.node) }
        isGraphChanged = true
    }

    func dial(_ request: DialRequest) -> (any Leg)? {
        for driver in drivers {
            if let leg = driver.dial(request) { return leg }
        }
        return nil
    }

    func nodeOf(_ id: CallID) -> MediaGraph.Node? { calls[id]?.node }

    func houseConnected(_ id: CallID, _ role: HouseRole) {
        switch role {
        case .called(let caller):
            endRingback(of: caller, answeredBy: id)
            step(caller, .answer)
        case .caller:
            break
        case .invited(let conference):
            sayInvitation(id, conference)
        case .target(let transferee):
            targetAnswered(id, of: transferee)
        case .trying(let test):
            begin(test, for: id)
        case .announcement:
            guard let words = announcements.removeValue(forKey: id) else { return }
            startPlayback(.speech(text: words, voice: options.voice), loop: false, delayMilliseconds: 300, of: id)
        }
    }

    /// The other one of two goes as well.
    func houseEnded(_ role: HouseRole, _ cause: HangupCause) {
        switch role {
        case .called(let caller):
            step(caller, calls[caller]?.machine.isConnected == true ? .hangUp(.normalClearing) : .hangUp(cause))
        case .caller(let called): step(called, .hangUp(.normalClearing))
        case .announcement, .invited, .target, .trying: break
        }
    }
}
