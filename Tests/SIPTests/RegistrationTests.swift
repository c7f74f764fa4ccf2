// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Testing

@Suite struct RegistrationTests {
    private func wait(_ actions: [Registration.Action]) -> ClosedRange<Int>? {
        for case .wait(let range) in actions { return range }
        return nil
    }

    @Test func `it registers, refreshes in time and says farewell`() throws {
        var registration = Registration(signOfLife: 0)
        #expect(registration.take(.start) == [.register])
        let first = registration.take(.accepted(seconds: 300))
        #expect(first.contains(.tellUp))
        let range = try #require(wait(first))
        #expect(range.lowerBound >= 240_000 && range.upperBound <= 270_000)
        #expect(registration.take(.timerRang) == [.register])
        #expect(registration.isUp, "a refresh under way takes nothing away")
        #expect(!registration.take(.accepted(seconds: 300)).contains(.tellUp))
        #expect(registration.take(.stop) == [.unregister])
        #expect(registration.take(.accepted(seconds: 0)).isEmpty)
        #expect(registration.state == .over)
    }

    @Test func `a provider that asks for patience, or drops what comes too often, is asked when it is due`() throws {
        var registration = Registration(signOfLife: 4)
        _ = registration.take(.start)
        _ = registration.take(.accepted(seconds: 600))
        _ = registration.take(.timerRang)
        let told = registration.take(.refused(status: 503, retryAfter: 300))
        #expect(registration.isUp && told.contains(.tellTooOften(503)))
        #expect(try #require(wait(told)).lowerBound >= 300_000)
        var silent = Registration(signOfLife: 4)
        _ = silent.take(.start)
        var last = silent.take(.accepted(seconds: 600))
        for _ in 0..<3 {
            #expect(try #require(wait(last)).upperBound <= 4_000)
            _ = silent.take(.timerRang)
            _ = silent.take(.silent)
            last = silent.take(.accepted(seconds: 600))
        }
        #expect(try #require(wait(last)).lowerBound > 300_000)
    }

    @Test func `a provider that is away is asked within four seconds, never more than once a second`() throws {
        for status in [408, 500, 503] {
            var registration = Registration(signOfLife: 0)
            _ = registration.take(.start)
            for _ in 0..<50 {
                let range = try #require(wait(registration.take(.refused(status: status, retryAfter: nil))))
                #expect(range.lowerBound >= 1_000 && range.upperBound <= 4_000)
                #expect(registration.take(.timerRang) == [.register])
            }
        }
    }

    @Test func `Retry-After is obeyed, up to an hour`() throws {
        var registration = Registration(signOfLife: 0)
        _ = registration.take(.start)
        #expect(try #require(wait(registration.take(.refused(status: 503, retryAfter: 7)))).lowerBound == 7_000)
        _ = registration.take(.timerRang)
        let long = try #require(wait(registration.take(.refused(status: 503, retryAfter: Int.max))))
        #expect(long.lowerBound == 3_600_000)
    }

    @Test func `a provider that says no is asked rarely`() throws {
        var registration = Registration(signOfLife: 0)
        _ = registration.take(.start)
        var waits: [Int] = []
        for _ in 0..<6 {
            waits.append(try #require(wait(registration.take(.refused(status: 403, retryAfter: nil)))).upperBound)
            _ = registration.take(.timerRang)
        }
        #expect(waits == [60_000, 120_000, 300_000, 600_000, 600_000, 600_000])
    }

    @Test func `a provider that does not answer any more is registered with anew at once`() {
        var registration = Registration(signOfLife: 0)
        _ = registration.take(.start)
        _ = registration.take(.accepted(seconds: 300))
        #expect(registration.take(.lost) == [.register, .tellDown(0)])
        #expect(!registration.isUp)
        #expect(registration.take(.lost).isEmpty)
    }

    @Test func `a registration is renewed after the sign of life's time, however long it holds`() throws {
        for seconds in [60, 300, 3_600, Int.max] {
            var registration = Registration(signOfLife: 4)
            _ = registration.take(.start)
            for _ in 0..<3 {
                let range = try #require(wait(registration.take(.accepted(seconds: seconds))))
                #expect(range.lowerBound >= 3_000 && range.upperBound <= 4_000)
                #expect(registration.take(.timerRang) == [.register])
                #expect(registration.isUp)
            }
        }
        // One that holds for less is renewed in time.
        var brief = Registration(signOfLife: 60)
        _ = brief.take(.start)
        #expect(try #require(wait(brief.take(.accepted(seconds: 30)))).upperBound <= 20_000)
    }

    @Test func `nothing comes back: it is down, told once, and up again with the answer`() throws {
        var registration = Registration(signOfLife: 4)
        _ = registration.take(.start)
        _ = registration.take(.accepted(seconds: 300))
        #expect(registration.take(.silent).isEmpty, "nothing is under way")
        _ = registration.take(.timerRang)
        #expect(registration.take(.silent) == [.tellDown(0)])
        #expect(!registration.isUp && registration.isSilent && registration.state == .registering)
        #expect(registration.take(.silent).isEmpty)
        var given = registration
        #expect(given.take(.accepted(seconds: 300)).contains(.tellUp))
        #expect(given.isUp && !given.isSilent)
        // The library's own 408 is no news.
        #expect(!registration.take(.refused(status: 408, retryAfter: nil)).contains(.tellDown(408)))
        #expect(registration.state == .waiting)
    }

    @Test func `a provider that will not be asked so often stays registered and is asked when it is due`() throws {
        var registration = Registration(signOfLife: 4)
        _ = registration.take(.start)
        _ = registration.take(.accepted(seconds: 300))
        _ = registration.take(.timerRang)
        let actions = registration.take(.refused(status: 429, retryAfter: 600))
        #expect(actions.contains(.tellTooOften(429)) && registration.isUp)
        let rest = try #require(wait(actions))
        #expect(rest.lowerBound > 240_000 && rest.upperBound <= 266_000)
        #expect(registration.take(.timerRang) == [.register])
        let later = try #require(wait(registration.take(.accepted(seconds: 300))))
        #expect(later.lowerBound > 240_000)
        // What it says when it is due counts.
        _ = registration.take(.timerRang)
        #expect(registration.take(.refused(status: 403, retryAfter: nil)).contains(.tellDown(403)))
        #expect(!registration.isUp)
        // A server that has no time is away, early or not.
        var other = Registration(signOfLife: 4)
        _ = other.take(.start)
        _ = other.take(.accepted(seconds: 300))
        _ = other.take(.timerRang)
        #expect(other.take(.refused(status: 503, retryAfter: nil)).contains(.tellDown(503)))
    }

    @Test func `every state takes every input`() {
        let inputs: [Registration.Input] = [
            .start, .accepted(seconds: -1), .accepted(seconds: .max), .refused(status: 0, retryAfter: .min),
            .refused(status: 503, retryAfter: nil), .refused(status: 403, retryAfter: 5), .timerRang, .lost, .silent,
            .stop,
        ]
        var random = SystemRandomNumberGenerator()
        for round in 0..<3_000 {
            var registration = Registration(signOfLife: round % 2 * 4)
            for _ in 0..<25 {
                let actions = registration.take(inputs.randomElement(using: &random) ?? .start)
                #expect(actions.filter { $0 == .register || $0 == .unregister }.count <= 1)
                if let range = wait(actions) { #expect(range.lowerBound >= 1_000) }
            }
            _ = registration.take(.stop)
            #expect(registration.state == .leaving || registration.state == .over)
        }
    }
}

@Suite struct GrantedExpiryTests {
    private func seconds(_ contacts: [String], _ expires: String?) -> Int {
        GrantedExpiry.seconds(contacts: contacts, line: "ab", expires: expires, asked: 300)
    }

    @Test func `our own Contact says it, then Expires, then what was asked`() {
        let contacts = [
            "<sip:x@192.0.2.1;line=cd>;expires=10", "<sip:x@192.0.2.2>, <sip:x@192.0.2.1;line=ab>;expires=20",
        ]
        #expect(seconds(contacts, "30") == 20)
        #expect(seconds([contacts[0]], "30") == 30)
        #expect(seconds([contacts[0]], nil) == 300)
        #expect(seconds([], " 30 ") == 30)
    }

    @Test func `no number is too large or too small`() {
        for text in ["\(Int.max)", "\(Int.min)", "-1", "86401", "0", "", "x", "99999999999999999999", "1e9"] {
            let contact = "<sip:x@192.0.2.1;line=ab>;expires=\(text)"
            #expect((0...86_400).contains(seconds([contact], text)), "\(text)")
        }
    }
}

@Suite struct ServerLocationTests {
    struct Names: NameService {
        var services: [String: [ServiceRecord]] = [:]
        var pointers: [String: [ServiceRecord]] = [:]
        var addresses: [String: [String]] = [:]
        var isDead = false

        func services(_ name: String) -> [ServiceRecord]? { isDead ? nil : services[name] ?? [] }
        func pointers(_ name: String) -> [ServiceRecord]? { isDead ? nil : pointers[name] ?? [] }
        func addresses(_ name: String) -> [IPAddress]? {
            isDead ? nil : (addresses[name] ?? []).compactMap { IPAddress($0) }
        }
    }

    private func account(_ server: String, _ transport: String = "udp", port: UInt16? = nil) -> TrunkAccount {
        var account = TrunkAccount(
            name: "a", domain: server, server: server, transport: transport, user: "u", password: "p")
        account.port = port
        return account
    }

    private func texts(_ found: ServerLocation.Found?) -> [String]? {
        found?.addresses.map { "\($0.address):\($0.port)" }
    }

    @Test func `NAPTR, SRV and addresses, in their order`() {
        var names = Names()
        names.pointers["example.com"] = [
            ServiceRecord(order: 1, preference: 1, port: 0, target: "wrong", flags: "s", service: "SIP+D2T"),
            ServiceRecord(order: 2, preference: 1, port: 0, target: "srv.example.com", flags: "S", service: "sip+d2u"),
        ]
        names.services["srv.example.com"] = [
            ServiceRecord(order: 20, preference: 0, port: 5080, target: "b", seconds: 90),
            ServiceRecord(order: 10, preference: 0, port: 5070, target: "a", seconds: 900),
        ]
        names.addresses = ["a": ["192.0.2.1", "192.0.2.2"], "b": ["192.0.2.3"]]
        let found = ServerLocation.find(account("example.com"), in: names)
        #expect(texts(found) == ["192.0.2.1:5070", "192.0.2.2:5070", "192.0.2.3:5080"])
        #expect(found?.seconds == 90)
    }

    @Test func `without NAPTR the transport's SRV, without SRV the address, with a port nothing but the address`() {
        var names = Names()
        names.addresses = ["example.com": ["192.0.2.9"], "a": ["192.0.2.1"]]
        #expect(texts(ServerLocation.find(account("example.com", "tls"), in: names)) == ["192.0.2.9:5061"])
        names.services["_sips._tcp.example.com"] = [ServiceRecord(order: 1, preference: 1, port: 5099, target: "a")]
        #expect(texts(ServerLocation.find(account("example.com", "tls"), in: names)) == ["192.0.2.1:5099"])
        #expect(texts(ServerLocation.find(account("example.com", "tls", port: 5062), in: names)) == ["192.0.2.9:5062"])
        #expect(texts(ServerLocation.find(account("192.0.2.5"), in: Names(isDead: true))) == ["192.0.2.5:5060"])
    }

    @Test func `a dead name server and an unknown name give nothing`() {
        #expect(ServerLocation.find(account("example.com"), in: Names(isDead: true)) == nil)
        #expect(ServerLocation.find(account("example.com"), in: Names()) == nil)
    }

    @Test func `equals are drawn by weight`() {
        let records = [1, 9].map { ServiceRecord(order: 1, preference: $0, port: 1, target: "\($0)") }
        var first: [String: Int] = [:]
        for step in 0..<100 {
            let drawn = ServerLocation.ordered(records) { Double(step) / 100 }
            first[drawn.first?.target ?? "", default: 0] += 1
            #expect(drawn.count == 2)
        }
        #expect(first["9"] ?? 0 > 80 && first["1"] ?? 0 > 5)
    }
}

@Suite struct STUNTests {
    private let transaction = [UInt8](0..<12)

    @Test func `the mapped address is read, plain and masked, of both families`() {
        let head: [UInt8] = [0x21, 0x12, 0xA4, 0x42]
        func answer(_ type: UInt8, _ value: [UInt8]) -> [UInt8] {
            [0x01, 0x01, 0x00, UInt8(4 + value.count)] + head + transaction + [0, type, 0, UInt8(value.count)] + value
        }
        let masked = answer(0x20, [0, 1, 0, 0] + zip([203, 0, 113, 7], head).map { $0 ^ $1 })
        #expect(STUNMessage.mappedAddress(in: masked, transaction: transaction)?.description == "203.0.113.7")
        let plain = answer(0x01, [0, 1, 0, 0, 203, 0, 113, 8])
        #expect(STUNMessage.mappedAddress(in: plain, transaction: transaction)?.description == "203.0.113.8")
        let six = IPAddress("2001:db8::7")?.bytes ?? []
        let wide = answer(0x20, [0, 2, 0, 0] + zip(six, head + transaction).map { $0 ^ $1 })
        #expect(STUNMessage.mappedAddress(in: wide, transaction: transaction)?.description == "2001:db8::7")
        #expect(STUNMessage.mappedAddress(in: plain, transaction: [UInt8](1..<13)) == nil)
    }

    @Test func `garbage gives nothing and does not trap`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            var bytes = STUNMessage.request(transaction)
            bytes[0] = 1
            bytes[1] = 1
            bytes[3] = UInt8.random(in: 0...64, using: &random) & ~3
            bytes += (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = STUNMessage.mappedAddress(in: bytes, transaction: transaction)
            _ = STUNMessage.mappedAddress(
                in: Array(bytes.prefix(Int.random(in: 0...40, using: &random))), transaction: [])
        }
    }
}
