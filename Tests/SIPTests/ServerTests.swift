// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Synchronization
import Telephony
import Testing

/// A server on loopback with doubles around it; stopped when the test lets go of it.
final class Exchange {
    static let lastPort = Atomic<UInt16>(32_000)
    let port: UInt16
    let ports: FakePorts
    let switchboard: FakeSwitchboard
    let log = LogLines()
    let server: SIPServer

    init(
        mostCalls: Int = 100, mostPorts: Int = 10_000, allowed: AddressList = .loopback,
        encodings: [AudioEncoding] = [.g722, .pcma, .pcmu, .opus],
        _ policy: @escaping @Sendable (CallOffer) -> Void = { $0.leg.answer([]) }
    ) throws {
        port = Self.lastPort.add(2, ordering: .relaxed).newValue
        ports = FakePorts(most: mostPorts)
        switchboard = FakeSwitchboard(policy)
        server = SIPServer(
            options: SIPOptions(
                listen: [
                    SIPListenAddress(address: try #require(IPAddress("127.0.0.1")), port: port, transports: .both),
                    SIPListenAddress(address: try #require(IPAddress("::1")), port: port, transports: .both),
                ],
                allowed: allowed, mostCalls: mostCalls,
                audio: AudioPreferences(encodings: encodings, packetTime: 20), product: "Partyline"),
            ports: ports, sink: switchboard, logger: log.logger)
        try server.start()
    }

    deinit { server.stop(withinMilliseconds: 500) }
}

@Suite(.serialized) struct SIPServerTests {
    @Test func `a caller is answered, heard, and hangs up`() async throws {
        let exchange = try Exchange()
        let phone = TestPhone(target: exchange.port)
        phone.send("INVITE", to: "47%2311", body: phone.offer())
        #expect(phone.receive("SIP/2.0 100") != nil)
        let (status, text) = phone.finalResponse("INVITE")
        #expect(status == 200)
        let answer = try SDPParser.parse(TestPhone.body(of: text))
        #expect(answer.media.map(\.formats) == [["8", "0", "101"]])
        #expect(TestPhone.header("User-Agent", of: text) == "Partyline")
        #expect(TestPhone.header("Contact", of: text) == "<sip:127.0.0.1:\(exchange.port)>")
        #expect(await exchange.switchboard.waits(for: "answered"))
        let offer = try #require(exchange.switchboard.offers.first)
        #expect(offer.destination == "47#11")
        #expect(offer.callerNumber == "alice")
        #expect(offer.callerName == "Alice \"A\"")
        #expect(offer.origin == .phones)
        #expect(exchange.ports.configurations.first?.remotePort == 41_000)
        phone.send("BYE", headers: ["Reason: Q.850;cause=17;text=\"busy\""])
        #expect(phone.finalResponse("BYE").status == 200)
        #expect(await exchange.switchboard.waits(for: "hung up userBusy"))
        #expect(exchange.ports.openCount == 0)
    }
}
