// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Testing

/// Who is where, without sockets.
@Suite struct RegistrarTests {
    static let anna = account("anna", "31")

    static func account(_ name: String, _ number: String?, most: Int = 2) -> PhoneAccount {
        PhoneAccount(
            name: name, extension: number, displayName: "",
            secret: DigestSecret(password: "secret", username: name, realm: "partyline"), mostContacts: most,
            networks: nil, answersAtOnce: false, hashes: [.md5])
    }

    static func request(
        _ contacts: [String], expires: Int? = 600, callID: String = "a", sequence: UInt32 = 1, isWildcard: Bool = false
    ) throws -> RegisterRequest {
        RegisterRequest(
            contacts: try contacts.map { try #require(NameAddress($0)) }, isWildcard: isWildcard, expires: expires,
            callID: callID, sequence: sequence, source: try #require(IPAddress("192.0.2.7")), port: 5060,
            transport: "udp", listener: 0, path: [], product: "")
    }

    private func uris(_ registrar: Registrar, now: Int64) -> [String] {
        registrar.bindings(of: "anna", now: now).map(\.uri).sorted()
    }

    @Test func `a phone is there until its time is over, or until it goes`() throws {
        var registrar = Registrar(shortestExpiry: 60, longestExpiry: 3_600)
        let outcome = registrar.take(try Self.request(["<sip:anna@192.0.2.7>"]), of: Self.anna, now: 0)
        guard case .bindings(let bindings) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(bindings.map(\.expires) == [600_000])
        #expect(uris(registrar, now: 599_999) == ["sip:anna@192.0.2.7"])
        #expect(uris(registrar, now: 600_000).isEmpty)
        _ = registrar.take(
            try Self.request(["<sip:anna@192.0.2.7>;expires=100"], sequence: 2), of: Self.anna, now: 1_000)
        #expect(uris(registrar, now: 100_999) == ["sip:anna@192.0.2.7"])
        #expect(uris(registrar, now: 101_000).isEmpty)
        _ = registrar.take(
            try Self.request(["<sip:anna@192.0.2.7>"], expires: 0, sequence: 3), of: Self.anna, now: 2_000)
        #expect(uris(registrar, now: 2_000).isEmpty)
    }

    @Test func `times have a floor and a ceiling`() throws {
        var registrar = Registrar(shortestExpiry: 60, longestExpiry: 3_600)
        let brief = try Self.request(["<sip:anna@192.0.2.7>"], expires: 59)
        #expect(registrar.take(brief, of: Self.anna, now: 0) == .tooBrief(60))
        #expect(uris(registrar, now: 0).isEmpty)
        _ = registrar.take(try Self.request(["<sip:anna@192.0.2.7>"], expires: 999_999), of: Self.anna, now: 0)
        #expect(registrar.bindings(of: "anna", now: 0).first?.expires == 3_600_000)
        _ = registrar.take(
            try Self.request(["<sip:anna@192.0.2.7>;expires=99999999999999999999"], sequence: 2), of: Self.anna, now: 0)
        #expect(registrar.bindings(of: "anna", now: 0).first?.expires == 3_600_000)
        _ = registrar.take(try Self.request(["<sip:anna@192.0.2.7>"], expires: nil, sequence: 3), of: Self.anna, now: 0)
        #expect(registrar.bindings(of: "anna", now: 0).first?.expires == 3_600_000)
    }

    @Test func `several places ring, and a further one takes the place of the oldest`() throws {
        var registrar = Registrar(shortestExpiry: 60, longestExpiry: 3_600)
        for (index, host) in ["192.0.2.1", "192.0.2.2", "192.0.2.3"].enumerated() {
            _ = registrar.take(
                try Self.request(["<sip:anna@\(host)>"], callID: host), of: Self.anna, now: Int64(index))
        }
        #expect(uris(registrar, now: 10) == ["sip:anna@192.0.2.2", "sip:anna@192.0.2.3"])
        // Registering anew makes nobody younger or older.
        _ = registrar.take(
            try Self.request(["<sip:anna@192.0.2.2>"], callID: "192.0.2.2", sequence: 2), of: Self.anna, now: 20)
        _ = registrar.take(try Self.request(["<sip:anna@192.0.2.4>"], callID: "4"), of: Self.anna, now: 30)
        #expect(uris(registrar, now: 40) == ["sip:anna@192.0.2.3", "sip:anna@192.0.2.4"])
    }

    @Test func `a phone that comes back with another address takes its own place`() throws {
        var registrar = Registrar(shortestExpiry: 60, longestExpiry: 3_600)
        for port in [1, 2] {
            _ = registrar.take(
                try Self.request(
                    ["<sip:anna@192.0.2.7:\(port)>;+sip.instance=\"<urn:uuid:1>\""], callID: "\(port)"),
                of: Self.anna, now: 0)
        }
        #expect(uris(registrar, now: 0) == ["sip:anna@192.0.2.7:2"])
    }

    @Test func `a star takes all away, and only together with Expires 0`() throws {
        var registrar = Registrar(shortestExpiry: 60, longestExpiry: 3_600)
        _ = registrar.take(try Self.request(["<sip:anna@192.0.2.7>", "<sip:anna@192.0.2.8>"]), of: Self.anna, now: 0)
        #expect(uris(registrar, now: 0).count == 2)
        for expires in [nil, 600] {
            let star = try Self.request([], expires: expires, sequence: 2, isWildcard: true)
            guard case .malformed = registrar.take(star, of: Self.anna, now: 0) else {
                Issue.record("taken with \(expires as Any)")
                continue
            }
        }
        #expect(uris(registrar, now: 0).count == 2)
        let star = try Self.request([], expires: 0, sequence: 2, isWildcard: true)
        #expect(registrar.take(star, of: Self.anna, now: 0) == .bindings([]))
        #expect(uris(registrar, now: 0).isEmpty)
    }

    @Test func `an older request does not undo a newer one, and changes nothing by half`() throws {
        var registrar = Registrar(shortestExpiry: 60, longestExpiry: 3_600)
        _ = registrar.take(try Self.request(["<sip:anna@192.0.2.7>"], sequence: 5), of: Self.anna, now: 0)
        let late = try Self.request(["<sip:anna@192.0.2.8>", "<sip:anna@192.0.2.7>"], sequence: 4)
        #expect(registrar.take(late, of: Self.anna, now: 0) == .outOfOrder)
        #expect(uris(registrar, now: 0) == ["sip:anna@192.0.2.7"])
        let mixed = try Self.request(["<sip:anna@192.0.2.9>", "<tel:123>"], sequence: 6)
        guard case .malformed = registrar.take(mixed, of: Self.anna, now: 0) else {
            Issue.record("a telephone number was taken as a place")
            return
        }
        #expect(uris(registrar, now: 0) == ["sip:anna@192.0.2.7"])
    }

    @Test func `asking without a Contact tells what there is`() throws {
        var registrar = Registrar(shortestExpiry: 60, longestExpiry: 3_600)
        _ = registrar.take(try Self.request(["<sip:anna@192.0.2.7>"]), of: Self.anna, now: 0)
        let outcome = registrar.take(try Self.request([], expires: nil, sequence: 2), of: Self.anna, now: 0)
        guard case .bindings(let bindings) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(bindings.map(\.uri) == ["sip:anna@192.0.2.7"])
    }

    @Test(arguments: [
        ("<sip:a@b>", "sip:a@b", ""), ("\"A, \\\"B\\\" <x>\" <sip:a@b;x=y?z>;expires=5", "sip:a@b;x=y?z", "5"),
        ("sip:a@b;expires=7", "sip:a@b", "7"),
        ("Anna <sips:a@[2001:db8::1]:5061> ; Expires = 3", "sips:a@[2001:db8::1]:5061", "3"),
    ])
    func `addresses of headers are read`(_ text: String, _ uri: String, _ expires: String) throws {
        let address = try #require(NameAddress(text))
        #expect(address.uri == uri)
        #expect(address.parameters["expires"] ?? "" == expires)
    }

    @Test(arguments: ["", "<>", "<sip:a@b", "sip a@b", "<sip:a b@c>", "\"open <sip:a@b>", "*"])
    func `what is no address is none`(_ text: String) {
        #expect(NameAddress(text) == nil)
    }

    @Test func `a list is divided at commas outside of quotes and brackets`() {
        let list = NameAddress.list("\"a,b\" <sip:a,b@c>, <sip:d@e>;q=0.5 ,sip:f@g")
        #expect(list?.map(\.uri) == ["sip:a,b@c", "sip:d@e", "sip:f@g"])
        #expect(list?.first?.displayName == "a,b")
        #expect(list?[1].parameters == ["q": "0.5"])
        #expect(NameAddress.list(String(repeating: "<sip:a@b>,", count: 40)) == nil)
    }
}
