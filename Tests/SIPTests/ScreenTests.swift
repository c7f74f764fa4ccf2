// SPDX-License-Identifier: Apache-2.0

import SDP
import Testing

@testable import SIP

@Suite struct ScreenTests {
    static func request(
        _ first: String = "OPTIONS sip:1@127.0.0.1 SIP/2.0",
        via: String = "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1;rport",
        further: [String] = [], method: String = "OPTIONS", length: String? = "0"
    ) -> RawMessage {
        let lines =
            [first, "Via: \(via)", "From: <sip:a@b>;tag=1", "To: <sip:1@127.0.0.1>", "Call-ID: x", "CSeq: 1 \(method)"]
            + further + (length.map { ["Content-Length: \($0)"] } ?? [])
        return RawMessage(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    }

    static func status(_ message: RawMessage, isDatagram: Bool = true) -> Int {
        switch SIPScreen.judge(message, isDatagram: isDatagram) {
        case .pass: 200
        case .drop: 0
        case .refuse(let refusal): refusal.status
        }
    }

    @Test func `caps hold before anything is parsed`() {
        #expect(Self.status(Self.request()) == 200)
        let header = { (count: Int) in (0..<count).map { "X-\($0): y" } }
        #expect(Self.status(Self.request(further: header(240))) == 200)
        #expect(Self.status(Self.request(further: header(260))) == 513)
        #expect(Self.status(Self.request(further: ["X: " + String(repeating: "y", count: 8_000)])) == 200)
        #expect(Self.status(Self.request(further: ["X: " + String(repeating: "y", count: 8_200)])) == 513)
        #expect(
            Self.status(Self.request(further: (0..<6).map { "X-\($0): " + String(repeating: "y", count: 8_000) }))
                == 513)
        #expect(Self.status(Self.request(further: (0..<63).map { _ in "Via: SIP/2.0/UDP 192.0.2.2" })) == 200)
        #expect(Self.status(Self.request(further: (0..<64).map { _ in "Via: SIP/2.0/UDP 192.0.2.2" })) == 400)
        #expect(Self.status(Self.request(length: "70000"), isDatagram: false) == 413)
        #expect(Self.status(Self.request(length: nil), isDatagram: false) == 400)
        #expect(Self.status(Self.request(length: nil)) == 200)
        #expect(Self.status(Self.request(length: "99999999999")) == 400)
    }

    @Test func `what is no request gets no answer`() {
        for text in [
            "", "\r\n\r\n", "GET / HTTP/1.1", "\u{0}\u{1}\r\n\r\n", "SIP/2.0 200", "SIP/2.0 99 No\r\n\r\n", "x\r\n\r\n",
        ] {
            #expect(Self.status(RawMessage(Array(text.utf8))) == 0, "\(text)")
        }
        #expect(
            Self.status(Self.request("ACK sip:1@127.0.0.1 SIP/2.0", further: ["To: <sip:x@y>"], method: "ACK")) == 0)
        #expect(Self.status(RawMessage([UInt8](repeating: 65, count: 60_000))) == 0)
    }

    /// What the library would throw away is answered here, or the phone would repeat it for half a minute.
    @Test(arguments: ["sip:%@127.0.0.1", "sip:a%zz@127.0.0.1", "sip:[1@127.0.0.1", "tel:%"])
    func `a request to an address with a broken escape is answered`(address: String) {
        #expect(Self.status(Self.request("INVITE \(address) SIP/2.0", method: "INVITE")) == 400)
    }

    @Test func `nothing that came from outside can start a line of an answer`() throws {
        let source = try #require(IPAddress("192.0.2.1"))
        let message = Self.request(
            "OPTIONS foo:1 SIP/2.0", via: "SIP/2.0/UDP 192.0.2.1\r\n ;branch=1\r\n ;rport", further: ["X: y"])
        guard case .refuse(let refusal) = SIPScreen.judge(message, isDatagram: true) else {
            Issue.record("not refused")
            return
        }
        let text = String(decoding: refusal.response(to: message, source: source, port: 4_711, tag: "t"), as: UTF8.self)
        #expect(text.hasPrefix("SIP/2.0 416 "))
        let names = text.components("\r\n").map { $0.prefix { $0 != ":" } }
        #expect(
            names == [
                "SIP/2.0 416 Unsupported URI Scheme", "Via", "From", "To", "Call-ID", "CSeq", "Content-Length", "", "",
            ])
        #expect(text.contains("rport=4711;received=192.0.2.1"))
        #expect(text.contains("To: <sip:1@127.0.0.1>;tag=t\r\n"))
    }

    @Test func `answers go to the port that the Via names`() {
        func port(_ via: String) -> UInt16 { StatelessAnswer.returnPort(of: Self.request(via: via), source: 4_711) }
        #expect(port("SIP/2.0/UDP 192.0.2.1:5070;branch=x") == 5_070)
        #expect(port("SIP/2.0/UDP 192.0.2.1;branch=x") == 5_060)
        #expect(port("SIP/2.0/UDP [2001:db8::1]:5071;branch=x") == 5_071)
        #expect(port("SIP/2.0/UDP [2001:db8::1];branch=x") == 5_060)
        #expect(port("SIP/2.0/UDP 192.0.2.1:5070;rport;branch=x") == 4_711)
        #expect(port("SIP/2.0/UDP 192.0.2.1:5070 ; rport = 1") == 4_711)
        #expect(port("broken") == 4_711)
        #expect(port("SIP/2.0/UDP 192.0.2.1:99999") == 4_711)
    }

    @Test(arguments: [
        ("sip:1@127.0.0.1", true), ("sips:a.b-c@host.example:5061;lr", true), ("sip:[::1]:5060", true),
        ("tel:+49301", true),
        ("sip:2001:db8::10", false), ("sip:a@", false), ("sip:@b", false), ("sip:", false), ("", false),
        ("sip:a@b:0", false),
        ("sip:a@b:65536", false), ("sip:a@b c", false), ("sip:a@<b>", false), ("sip:[::g]", false), ("sip:[::1", false),
        ("1sip:a@b", false), ("sip:a@b:", false), ("sip:a@bücher", false),
        ("sip:a%41%2a@b", true), ("sip:a@b;p=%7e", true), ("tel:1%23", true), ("sip:1#@b", true),
        ("sip:%@b", false), ("sip:a%4@b", false), ("sip:a%zz@b", false), ("sip:a@b;p=%", false), ("tel:1%2g", false),
        ("sip:[@b", false), ("sip:a]@b", false),
    ])
    func `addresses are well formed or not`(_ text: String, _ isGood: Bool) {
        #expect((RawURI.kind(Array(text.utf8)[...]) == .telephone) == isGood)
    }

    @Test(arguments: [
        ("\"A \\\" B\" <sip:a@b>;tag=1", true), ("A B <sip:a@b>", true), ("sip:a@b;tag=1", true),
        ("<sip:a@b>;x=\"y;z\"", true),
        ("\"A <sip:a@b>", false), ("A, B <sip:a@b>", false), ("<sip:a@b", false), ("<sip:a@b>;;", false),
        ("sip:a@b?X=y", false), ("< sip:a@b >", false), ("<sip:a@b>x", false), ("", false), ("\"A\\", false),
    ])
    func `names and addresses are well formed or not`(_ text: String, _ isGood: Bool) {
        #expect(RawAddress.isWellFormed(Array(text.utf8)[...]) == isGood)
    }
}

extension String {
    fileprivate func components(_ separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
