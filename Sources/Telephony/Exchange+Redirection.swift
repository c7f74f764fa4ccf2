// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 8.1.3.4 (3xx).

/// Somebody who was called names another place. Nobody sends our callers elsewhere but through the plan and the fence.
extension Exchange {
    static let mostRedirections = 3

    func redirected(_ id: CallID, _ addresses: [String]) {
        guard let call = calls[id], call.machine.direction == .outgoing, !call.machine.isConnected,
            call.redirections < Self.mostRedirections
        else { return }
        for target in addresses {
            guard case .address(let user, let host)? = Self.address(target),
                let (request, destination) = request(user, host, target, of: call)
            else { continue }
            if let destination {
                guard case .allowed = judge(destination, for: callerParty(of: id)) else {
                    tellRefused(.notAllowed, target, call: id)
                    continue
                }
            }
            guard let (leg, way) = place(request, from: 0) else { continue }
            tell("call.redirected", ["call": "\(id)", "to": request.destination])
            toOwner(id) { .forwarding($0, to: request.destination) }
            calls[id]?.redirections = call.redirections + 1
            replaceLeg(of: id, with: leg)
            outsideEnded(id)
            calls[id]?.outside = nil
            if destination != nil { isOutside(id, request, way) }
            return
        }
    }

    /// An extension or number of this box, or an address elsewhere; with what the fence is asked, if it is.
    private func request(
        _ user: String, _ host: String, _ target: String, of call: Call
    ) -> (DialRequest, Fence.Destination?)? {
        var request = DialRequest(
            destination: user, callerNumber: call.info.callerNumber, callerName: call.info.callerName, headers: [])
        let isHere = options.fence.ownHosts.contains(host)
        // A provider redirects within its own numbers.
        if isHere || call.outside?.request.kind == .outside {
            if isHere, drivers.contains(where: { $0.knows(user) }) { return (request, nil) }
            request.kind = .outside
            return (request, .number(user))
        }
        request.kind = .uri
        request.destination = target
        return (request, .address(user: user, host: host))
    }

    /// For whom the call is that is redirected.
    private func callerParty(of id: CallID) -> Fence.Party {
        switch calls[id]?.owner {
        case .house(.called(let caller)): return calls[caller]?.party ?? .house
        case .house(.target(let transferee)): return callerParty(of: transferee)
        case .session(let session, _):
            return outsider(in: session).map { .outside(hasCode: calls[$0]?.hasCode ?? false) } ?? .house
        default: return .house
        }
    }
}
