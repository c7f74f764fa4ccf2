// SPDX-License-Identifier: Apache-2.0
// RFC 4568.

import SDP
import Testing

@Suite struct SecurityTests {
    static let key = String(repeating: "A", count: 40)

    static func offer(_ transport: String, _ cryptos: [String]) throws -> SDPDescription {
        try SDPParser.parse(
            Offers.text(
                [
                    "v=0", "o=- 1 1 IN IP4 192.0.2.10", "s=-", "c=IN IP4 192.0.2.10", "t=0 0",
                    "m=audio 4000 \(transport) 0 8",
                ]
                    + cryptos.map { "a=crypto:\($0)" }))
    }

    static func machine(_ security: SecurityPolicy) throws -> OfferAnswer {
        let address = try #require(IPAddress("192.0.2.1"))
        return OfferAnswer(
            preferences: AudioPreferences(encodings: [.pcma, .pcmu], packetTime: 20, security: security),
            endpoint: AudioEndpoint(address: address, port: 10_000, rtcpPort: 10_001), sessionID: 7,
            secret: (0..<90).map { UInt8($0) })
    }

    @Test func `an offer with keys is answered with the best of them and a key of ours`() throws {
        let offer = try Self.offer(
            "RTP/SAVP",
            [
                "1 AES_CM_128_HMAC_SHA1_32 inline:\(Self.key)", "2 AES_CM_128_HMAC_SHA1_80 inline:\(Self.key)|2^20",
                "3 F8_128_HMAC_SHA1_80 inline:\(Self.key)",
            ])
        for policy in [SecurityPolicy.optional, .required] {
            var machine = try Self.machine(policy)
            let answer = try machine.answer(offer)
            #expect(answer.contains("m=audio 10000 RTP/SAVP 8 0"))
            #expect(answer.components("a=crypto:") == 1)
            #expect(answer.contains("a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:Hh8g"))
            let security = try #require(machine.current?.security)
            #expect(security.suite == .aes128CounterSHA80)
            #expect(security.farKey == [UInt8](repeating: 0, count: 30))
            #expect(security.ownKey == (30..<60).map { UInt8($0) })
            // What is secured once is never in clear again.
            #expect(throws: SDPRefusal.clearOnly) { try machine.answer(try Self.offer("RTP/AVP", [])) }
            #expect(try machine.offer().contains("RTP/SAVP"))
        }
    }

    @Test func `no fall back where it is required, none to it where it is off`() throws {
        var required = try Self.machine(.required)
        #expect(throws: SDPRefusal.clearOnly) { try required.answer(try Self.offer("RTP/AVP", [])) }
        var off = try Self.machine(.off)
        let secured = try Self.offer("RTP/SAVP", ["1 AES_CM_128_HMAC_SHA1_80 inline:\(Self.key)"])
        #expect(throws: SDPRefusal.securedOnly) { try off.answer(secured) }
        var optional = try Self.machine(.optional)
        #expect(try optional.answer(try Self.offer("RTP/AVP", [])).contains("crypto") == false)
        #expect(optional.current?.security == nil)
        // Keys with the profile in clear.
        var kind = try Self.machine(.optional)
        let both = try Self.offer("RTP/AVP", ["1 AES_CM_128_HMAC_SHA1_80 inline:\(Self.key)"])
        #expect(try kind.answer(both).contains("RTP/AVP 8 0"))
        #expect(kind.current?.security != nil)
    }

    @Test(arguments: [
        "1 AES_CM_128_HMAC_SHA1_80 inline:\(key)|2^20|1:4", "1 AES_CM_128_HMAC_SHA1_80 inline:AAAA",
        "1 AES_CM_128_HMAC_SHA1_80 inline:\(key) UNENCRYPTED_SRTP",
        "1 AES_CM_128_HMAC_SHA1_80 inline:\(key);inline:\(key)",
        "x AES_CM_128_HMAC_SHA1_80 inline:\(key)", "1 AES_CM_128_HMAC_SHA1_80", "", "1 AES_256 inline:\(key)",
        "1 AES_CM_128_HMAC_SHA1_80 inline:\(key.dropLast())!", "1 AES_CM_128_HMAC_SHA1_80 inline:\(key)AAAA",
        "1 AES_CM_128_HMAC_SHA1_80 uri:\(key)",
    ])
    func `keys that cannot be used are none`(_ crypto: String) throws {
        var machine = try Self.machine(.required)
        #expect(throws: SDPRefusal.securedOnly) { try machine.answer(try Self.offer("RTP/SAVP", [crypto])) }
    }

    @Test func `our own offer has all suites, and takes one of them`() throws {
        var required = try Self.machine(.required)
        let offer = try required.offer()
        #expect(offer.contains("RTP/SAVP") && offer.components("a=crypto:") == 3)
        #expect(throws: SDPRefusal.unexpected) {
            // A tag that was not offered with that suite.
            try required.accept(
                try Self.offer("RTP/SAVP", ["1 AES_CM_128_HMAC_SHA1_80 inline:\(Self.key)"]), isFinal: true)
        }
        let agreed = try required.accept(
            try Self.offer("RTP/SAVP", ["2 AES_CM_128_HMAC_SHA1_80 inline:\(Self.key)"]), isFinal: true)
        #expect(agreed.security?.suite == .aes128CounterSHA80)
        var other = try Self.machine(.required)
        _ = try other.offer()
        #expect(throws: SDPRefusal.clearOnly) { try other.accept(try Self.offer("RTP/AVP", []), isFinal: true) }
        var optional = try Self.machine(.optional)
        #expect(try optional.offer().contains("RTP/AVP "))
        #expect(try optional.accept(try Self.offer("RTP/AVP", []), isFinal: true).security == nil)
    }

    @Test func `two of us agree`() throws {
        var caller = try Self.machine(.required)
        var callee = try Self.machine(.optional)
        let answer = try callee.answer(try SDPParser.parse(try caller.offer()))
        let agreed = try caller.accept(try SDPParser.parse(answer), isFinal: true)
        #expect(agreed.security?.suite == .aeadAES128GCM)
        #expect(agreed.security?.farKey == callee.current?.security?.ownKey)
        #expect(agreed.security?.ownKey == callee.current?.security?.farKey)
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(_ text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
