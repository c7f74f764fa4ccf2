// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Synchronization
import Telephony
import Testing

/// All tests with real sockets, one after the other.
@Suite(.serialized) enum Conversations {}

/// A server on loopback with doubles around it; stopped when the test lets go of it.
final class Exchange: Sendable {
    static let lastPort = Atomic<UInt16>(32_000)
    let port: UInt16
    let ports: FakePorts
    let switchboard: FakeSwitchboard
    let log = LogLines()
    let server: SIPServer

    /// - Parameter port: nil: one that nobody had.
    init(
        port: UInt16? = nil, mostCalls: Int = 100, mostPorts: Int = 10_000, allowed: AddressList = .loopback,
        leastSessionSeconds: Int = 90,
        encodings: [AudioEncoding] = [.g722, .pcma, .pcmu, .opus], registrar: RegistrarOptions = .none,
        security: SecurityPolicy = .off, takesKeysInClear: Bool = false, trunks: [TrunkAccount] = [],
        names: SystemNames? = nil, hosts: [String] = [], silentStreamEnds: Duration = .seconds(10),
        probeSeconds: Int = 60,
        _ policy: @escaping @Sendable (CallOffer) -> Void = { $0.leg.answer([]) }
    ) throws {
        let port = port ?? Self.lastPort.add(2, ordering: .relaxed).newValue
        self.port = port
        ports = FakePorts(most: mostPorts)
        switchboard = FakeSwitchboard(policy)
        var options = SIPOptions(
            listen: [
                SIPListenAddress(address: try #require(IPAddress("127.0.0.1")), port: port, transports: .both),
                SIPListenAddress(address: try #require(IPAddress("::1")), port: port, transports: .both),
            ],
            allowed: allowed, mostCalls: mostCalls,
            audio: AudioPreferences(encodings: encodings, packetTime: 20, security: security),
            product: "Partyline")
        options.leastSessionSeconds = leastSessionSeconds
        options.takesKeysInClear = takesKeysInClear
        options.registrar = registrar
        options.probeSeconds = probeSeconds
        options.trunks = trunks
        options.hosts = hosts
        options.silentStreamEnds = silentStreamEnds
        if let names {
            options.names = names
            options.leastNameSeconds = 1
        }
        server = SIPServer(options: options, ports: ports, sink: switchboard, logger: log.logger)
        try server.start()
    }

    deinit { server.stop(withinMilliseconds: 100) }
}

extension Exchange {
    /// A phone in an established call.
    func talking(_ body: String? = nil, headers: [String] = []) async throws -> TestPhone {
        let phone = TestPhone(target: port)
        phone.send("INVITE", body: body ?? phone.offer(), headers: headers)
        try #require(phone.finalResponse("INVITE").status == 200)
        try #require(await switchboard.waits(for: "answered"))
        return phone
    }

    var leg: any Leg { get throws { try #require(switchboard.offers.first).leg } }
}
