// SPDX-License-Identifier: Apache-2.0

package import SDP
package import Telephony

/// Calls SIP URIs. Only numeric hosts and those whose address is handed in: nothing is resolved here.
package final class SIPDriver: LegDriver {
    private let server: SIPServer
    private let addresses: [String: IPAddress]

    /// - Parameter addresses: names that were resolved beforehand, in lower case.
    package init(server: SIPServer, addresses: [String: IPAddress]) {
        self.server = server
        self.addresses = addresses
    }

    /// URIs are everybody's, not of this box.
    package func knows(_ destination: String) -> Bool { SIPURI(destination) != nil }

    package func dial(_ request: DialRequest) -> (any Leg)? {
        guard let uri = SIPURI(request.destination) else { return nil }
        let leg = server.sink.newLegID()
        let token = server.queue.newToken()
        let target = IPAddress(uri.host) ?? addresses[uri.host.lowercased()]
        let local = target.flatMap { SIPCore.route(to: $0) }
        let opening = local.flatMap { server.ports.openPort(on: $0) }
        let unspecified = IPAddress("0.0.0.0")
        guard let placeholder = target ?? unspecified else { return nil }
        let user = uri.user.isEmpty ? "" : SIPURI.escaped(uri.user) + "@"
        server.queue.post(
            .dial(
                OutgoingCall(
                    token: token, leg: leg, opening: opening,
                    failure: local == nil ? .noRouteToDestination : .noCircuitAvailable, local: local ?? placeholder,
                    target: placeholder, targetPort: uri.port, transport: uri.transport,
                    uri: "sip:\(user)\(uri.host):\(uri.port);transport=\(uri.transport)",
                    callerNumber: request.callerNumber,
                    callerName: request.callerName, headers: request.headers)))
        return SIPLeg(id: leg, port: opening?.port, token: token, queue: server.queue)
    }
}
