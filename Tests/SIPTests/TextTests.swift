// SPDX-License-Identifier: Apache-2.0

import SDP
import Telephony
import Testing

@testable import SIP

@Suite struct SIPTextTests {
    @Test(arguments: [
        ("4711%23", "4711#"), ("%2a9", "*9"), ("a%00b%0d%0ac", "abc"), ("%zz%4", "%zz%4"), ("m%C3%BCller", "müller"),
        ("%ff%fe", "\u{FFFD}\u{FFFD}"), ("", ""), ("evil\u{202E}abc", "evilabc"), ("conf_77%23", "conf_77#"),
        ("conf_7%0d%0aX", "conf_7\u{FFFD}\u{FFFD}X"), ("%00conf_7", "\u{FFFD}conf_7"),
        ("conf_%c2%857", "conf_\u{FFFD}7"), ("7%0d7", "77"),
    ])
    func `user parts are unescaped and cleaned`(_ text: String, _ expected: String) {
        #expect(SIPText.unescaped(text, most: 128) == expected)
    }

    @Test func `long texts are cut`() {
        #expect(SIPText.unescaped(String(repeating: "%31", count: 5_000), most: 128).count == 128)
        #expect(SIPText.logWord(String(repeating: "x", count: 5_000), most: 64).count == 64)
        // One letter with a thousand accents is no way around.
        #expect(SIPText.cleaned("e" + String(repeating: "\u{301}", count: 1_000), most: 16).unicodeScalars.count == 16)
    }

    @Test(arguments: [
        ("\"Alice \\\"A\\\"\"", "Alice \"A\""), ("Bob", "Bob"), ("\"\"", ""), ("\"open", "open"), ("  \"x\" y", "x"),
    ])
    func `display names lose their quotes`(_ text: String, _ expected: String) {
        #expect(SIPText.displayName(text, most: 128) == expected)
    }

    @Test func `header lines cannot break a message`() {
        let lines = SIPText.headerLines([
            HeaderField("X-Good", "a\r\nEvil: b"), HeaderField("Via", "x"), HeaderField("Bad Name", "x"),
            HeaderField("", "x"),
            HeaderField("X-Ev\r\nil", "x"), HeaderField("X-Empty", ""), HeaderField("v", "x"),
            HeaderField("X-Two", "y"),
        ])
        #expect(lines == "X-Good: aEvil: b\r\nX-Two: y")
    }

    @Test(arguments: [
        ("Q.850;cause=17", HangupCause.userBusy), ("SIP;cause=200;text=\"x\"", .normalClearing),
        ("SIP ;cause=486 , Q.850 ;cause=34", .noCircuitAvailable), ("q.850; cause=99", .normalUnspecified),
    ])
    func `reasons are read`(_ text: String, _ cause: HangupCause) {
        #expect(HangupCause(reasonsIn: [HeaderField("X", "y"), HeaderField("reason", text)]) == cause)
    }

    @Test(arguments: ["", "Q.850", "SIP;cause=x", "Q.850;cause=999999999999999999999", "preemption;cause=1"])
    func `other reasons are none`(_ text: String) {
        #expect(HangupCause(reasonsIn: [HeaderField("Reason", text)]) == nil)
    }

    @Test(arguments: [
        ("sip:bob@192.0.2.1", "bob", "192.0.2.1", 5060, "udp"),
        ("SIP:[::1]:5070;transport=TCP", "", "[::1]", 5070, "tcp"),
        ("sip:a%20b@192.0.2.1:99;x=y?z=1", "a b", "192.0.2.1", 99, "udp"),
    ])
    func `URIs are taken apart`(_ text: String, _ user: String, _ host: String, _ port: UInt16, _ transport: String)
        throws
    {
        let uri = try #require(SIPURI(text))
        #expect(uri.user == user && uri.host == host && uri.port == port && uri.transport == transport)
    }

    @Test(arguments: [
        "tel:1", "sips:a@b;transport=udp", "sip:", "sip:a@", "sip:a@b:0", "sip:a@b:99999", "sip:a b@c",
        "sip:a@b;transport=ws",
        "sip:a\r\n@b",
        "sip:;x",
    ])
    func `what is no URI of ours is none`(_ text: String) { #expect(SIPURI(text) == nil) }
}

@Suite struct MessageBodyTests {
    @Test(arguments: [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160", DTMFDigit.five),
        ("Application/DTMF-Relay; x=y", "Duration= 100\nSignal= #", .pound), ("application/dtmf", " * \r\n", .star),
        ("application/dtmf", "11", .pound), ("application/dtmf-relay", "signal=d\n", .d),
    ])
    func `digits are read`(_ type: String, _ body: String, _ digit: DTMFDigit) {
        #expect(MessageBody.digit(type: type, body: Array(body.utf8)) == .some(digit))
    }

    @Test(arguments: ["", "Signal=", "Signal=flash", "Duration=5", "Signal=77"])
    func `bodies about no digit are told from bodies about something else`(_ body: String) {
        #expect(MessageBody.digit(type: "application/dtmf-relay", body: Array(body.utf8)) == .some(nil))
        #expect(MessageBody.digit(type: "text/plain", body: Array(body.utf8)) == nil)
    }

    @Test func `multipart bodies without a description count as none, compressed ones are refused`() {
        let body = Array("--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b--\r\n".utf8)
        #expect(MessageBody.description(type: "multipart/mixed; boundary=b", encoding: "", body: body) == .none)
        #expect(MessageBody.description(type: "multipart/mixed", encoding: "", body: body) == .unsupported)
        #expect(MessageBody.description(type: "application/sdp", encoding: "gzip", body: [1]) == .unsupported)
        #expect(
            MessageBody.description(type: "", encoding: "", body: Array("v=0".utf8)) == .description(Array("v=0".utf8)))
        #expect(MessageBody.description(type: "application/sdp", encoding: "", body: []) == .none)
    }

    @Test func `random multipart bodies never trap`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let pieces = ["--b", "\r\n", "\n", "--b--", "Content-Type: application/sdp", ":", "v=0", "", " "]
            let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }
            _ = MessageBody.description(type: "multipart/x;boundary=b", encoding: "", body: Array(text.joined().utf8))
        }
    }
}

@Suite struct AddressListTests {
    @Test func `networks contain what they should`() throws {
        let list = try AddressList(["192.0.2.0/25", "10.1.2.3", "2001:db8::/33", "0.0.0.0/32"])
        for (text, expected) in [
            ("192.0.2.127", true), ("192.0.2.128", false), ("10.1.2.3", true), ("10.1.2.4", false),
            ("2001:db8:7fff::1", true),
            ("2001:db8:8000::1", false), ("::ffff:10.1.2.3", true), ("::1", false),
        ] {
            #expect(list.contains(try #require(IPAddress(text))) == expected, "\(text)")
        }
        #expect(AddressList.loopback.contains(try #require(IPAddress("127.9.9.9"))))
        #expect(AddressList.loopback.contains(try #require(IPAddress("::1"))))
        #expect(!AddressList.loopback.contains(try #require(IPAddress("192.0.2.1"))))
        #expect(try AddressList(["0.0.0.0/0"]).contains(try #require(IPAddress("8.8.8.8"))))
    }

    @Test(arguments: ["", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "10.0.0.0/x", "/8"])
    func `what is no network is named`(_ text: String) {
        #expect(throws: SIPError.addressList(text)) { try AddressList(["127.0.0.1", text]) }
    }

    @Test func `half-open calls are counted by source`() throws {
        var limits = SourceLimits()
        let one = try #require(IPAddress("192.0.2.1"))
        for _ in 0..<SourceLimits.mostPerSource {
            let isTaken = limits.open(one, isGuest: false)
            #expect(isTaken)
        }
        let isOver = limits.open(one, isGuest: false)
        #expect(!isOver)
        limits.close(one, isGuest: false)
        let isTakenAgain = limits.open(one, isGuest: false)
        #expect(isTakenAgain)
        limits.close(try #require(IPAddress("192.0.2.9")), isGuest: false)
        for last in 2..<9 {
            let other = try #require(IPAddress("192.0.2.\(last)"))
            for _ in 0..<SourceLimits.mostPerSource { _ = limits.open(other, isGuest: false) }
        }
        let isFull = limits.open(try #require(IPAddress("192.0.2.77")), isGuest: false)
        #expect(!isFull)
    }

    @Test func `of those who showed no password sixty-four calls are open, wherever they come from`() throws {
        var limits = SourceLimits()
        var taken = 0
        for number in 0..<1_000 {
            let source = try #require(IPAddress("10.0.\(number >> 8).\(number & 255)"))
            if limits.open(source, isGuest: true) { taken += 1 }
        }
        #expect(taken == 64)
        let phone = try #require(IPAddress("192.0.2.1"))
        let isPhoneTaken = limits.open(phone, isGuest: false)
        limits.close(phone, isGuest: false)
        let isStillFull = limits.open(phone, isGuest: true)
        limits.close(try #require(IPAddress("10.0.0.5")), isGuest: true)
        let isTaken = limits.open(phone, isGuest: true)
        #expect(isPhoneTaken && !isStillFull && isTaken)
    }
}
