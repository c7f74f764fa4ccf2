// SPDX-License-Identifier: Apache-2.0

import SDP
package import Telephony

/// Calls the phones of the house, SIP URIs, and numbers by the trunks. Nothing is resolved here: a URI needs a numeric host or
/// one that was looked up ahead.
package final class SIPDriver: LegDriver {
    private let server: SIPServer

    package init(server: SIPServer) { self.server = server }

    /// A phone's extension or name.
    package func knows(_ destination: String) -> Bool { server.phoneBook.phone(called: destination) != nil }

    package func dial(_ request: DialRequest) -> (any Leg)? {
        switch request.kind {
        case .inside: server.phoneBook.phone(called: request.destination).map { dial($0, request) }
        case .uri: SIPURI(request.destination).flatMap { dial($0, request) }
        case .outside: dialTrunks(request, isEmergency: false)
        case .emergency: dialTrunks(request, isEmergency: true)
        }
    }

    package func hasWay(_ request: DialRequest) -> Bool {
        (request.kind == .outside || request.kind == .emergency) && !server.options.trunks.isEmpty
    }

    private func dial(_ phone: PhoneAccount, _ request: DialRequest) -> any Leg {
        let targets = server.phoneBook.bindings(of: phone).compactMap { binding -> OutgoingTarget? in
            guard let address = IPAddress(binding.source) else { return nil }
            return OutgoingTarget(
                uri: binding.uri, address: address, port: binding.port, transport: binding.transport,
                listener: binding.listener, route: binding.path, answersAtOnce: phone.answersAtOnce,
                security: phone.security, takesForeignAudio: phone.takesForeignAudio)
        }
        return start(request, .targets([targets]), failure: targets.isEmpty ? .subscriberAbsent : .noUserResponding)
    }

    private func dial(_ uri: SIPURI, _ request: DialRequest) -> any Leg {
        let user = uri.user.isEmpty ? "" : SIPURI.escaped(uri.user) + "@"
        let target = (IPAddress(uri.host) ?? server.hostBook.address(of: uri.host.lowercased())).map { address in
            OutgoingTarget(
                uri: "sip:\(user)\(uri.host):\(uri.port);transport=\(uri.transport)", address: address,
                port: uri.port, transport: uri.transport)
        }
        return start(request, .targets([target.map { [$0] } ?? []]), failure: .noRouteToDestination)
    }

    /// Which of them can be used shows on the SIP thread.
    private func dialTrunks(_ request: DialRequest, isEmergency: Bool) -> (any Leg)? {
        guard !server.options.trunks.isEmpty, !request.destination.isEmpty else { return nil }
        return start(
            request, .trunks(number: request.destination, isEmergency: isEmergency), failure: .noCircuitAvailable)
    }

    private func start(
        _ request: DialRequest, _ destination: OutgoingCall.Destination, failure: HangupCause
    ) -> any Leg {
        let leg = SIPLeg(
            id: server.sink.newLegID(), port: nil, token: server.queue.newToken(), queue: server.queue)
        server.queue.post(
            .dial(
                OutgoingCall(
                    leg: leg, destination: destination, failure: failure, callerNumber: request.callerNumber,
                    callerName: request.callerName, headers: request.headers)))
        return leg
    }
}
