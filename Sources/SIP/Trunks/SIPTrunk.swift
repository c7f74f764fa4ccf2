// SPDX-License-Identifier: Apache-2.0

import SDP
import Telephony

/// A trunk on the SIP thread.
final class SIPTrunk {
    let account: TrunkAccount
    /// The listener from which it is called; nil: there is none that fits.
    var listener: Int32?
    var registration: Registration
    /// As the name server said last, the preferred one first. Kept when it is silent.
    var addresses: [TrunkAddress] = []
    /// Which of them is used.
    var choice = 0
    /// What the outside sees of us; nil: what we see.
    var external: IPAddress?
    /// In the registered Contact, so that calls of this registration are known by it.
    let line: String
    /// The handle of REGISTER and its token.
    var request: OpaquePointer?
    var requestToken: UInt64 = 0
    var hasAuthenticated = false
    /// Where that handle sends to.
    var requestHop = ""
    /// Service-Route of the registrar (RFC 3608).
    var serviceRoute: [String] = []
    /// When the registration ends, in milliseconds of the server's clock.
    var registeredUntil: Int64 = 0
    /// Whether it answered when it was last asked; nil: was not asked yet.
    var isReachable: Bool?
    /// A wait that was replaced does nothing.
    var waitNumber = 0
    var pingNumber = 0
    /// Of the REGISTER that is under way; a late one's patience does nothing.
    var registerNumber = 0
    var retryAt: Int64 = 0
    var callCount = 0

    init(_ account: TrunkAccount) {
        self.account = account
        registration = Registration(signOfLife: account.pingInterval)
        line = DigestAlgorithm.hex((0..<8).map { _ in UInt8.random(in: 0...255) })
        external = account.externalAddress
    }

    var address: TrunkAddress? { addresses.isEmpty ? nil : addresses[choice % addresses.count] }

    /// Calls may go out by it.
    var isUsable: Bool {
        guard listener != nil, address != nil else { return false }
        return account.registers ? registration.isUp : isReachable ?? true
    }

    /// Whether a message from there is the provider's. UDP comes from the port that it takes calls on; the rest does not.
    func isPeer(_ source: IPAddress, _ port: UInt16, _ transport: String) -> Bool {
        if account.networks?.contains(source) ?? false { return true }
        return addresses.contains { $0.address == source && ($0.port == port || transport != "udp") }
    }

    func isServer(_ source: IPAddress) -> Bool { addresses.contains { $0.address == source } }

    /// Of our requests: "sip:NAME:5061;transport=tls;maddr=192.0.2.1" where the certificate must have that name.
    func nextHop(_ address: TrunkAddress) -> String { target(uri: "", address).nextHop }

    func target(uri: String, _ address: TrunkAddress) -> OutgoingTarget {
        let isNamed = account.transport == "tls" && IPAddress(account.server) == nil
        return OutgoingTarget(
            uri: uri, address: address.address, port: address.port, transport: account.transport,
            serverName: isNamed ? account.server : nil, listener: listener, route: serviceRoute,
            security: account.security, takesForeignAudio: account.takesForeignAudio, trunk: account.name)
    }

    func report(now: Int64) -> TrunkReport {
        var report = TrunkReport()
        report.name = account.name
        report.server = account.server
        report.transport = account.transport
        report.address = address.map { "\($0.address.bracketed):\($0.port)" } ?? ""
        report.externalAddress = external?.description ?? ""
        report.calls = callCount
        report.lastStatus = registration.lastRefusal
        report.state = state
        if account.registers, registration.isUp {
            report.expiresSeconds = Int(max(0, registeredUntil - now) / 1_000)
        }
        if registration.state == .waiting { report.retrySeconds = Int(max(0, retryAt - now) / 1_000) }
        return report
    }

    private var state: String {
        guard address != nil else { return "no address" }
        guard listener != nil else { return "no listener" }
        guard account.registers else {
            return isReachable.map { $0 ? "reachable" : "unreachable" } ?? "not asked"
        }
        if registration.isUp { return "registered" }
        switch registration.state {
        case .waiting: return Registration.isVerdict(registration.lastRefusal) ? "refused" : "unreachable"
        case .registering: return registration.isSilent ? "unreachable" : "registering"
        default: return registration.state.rawValue
        }
    }
}
