// SPDX-License-Identifier: Apache-2.0

import Foundation
import SDP
import Testing

@Suite struct SDPParserTests {
    static let corpus = [Offers.baresip, Offers.linphone, Offers.router, Offers.desk, Offers.six]

    @Test func `any line end is taken`() throws {
        for end in ["\n", "\r", "\r\n", "\n\n", "\r\n\r\n"] {
            let text = Offers.router.replacing("\r\n", with: end)
            #expect(try SDPParser.parse(text).media.first?.port == 7_084)
        }
    }

    @Test func `what is written is read back`() throws {
        for text in Self.corpus {
            let description = try SDPParser.parse(text)
            #expect(try SDPParser.parse(SDPWriter.text(description)) == description)
        }
    }

    @Test func `nothing from outside starts a line of ours`() throws {
        var description = SDPDescription()
        description.media = [SDPMedia(kind: "audio\r\na=evil", port: 1, transport: "RTP/AVP", formats: ["0\nm=x"])]
        description.media[0].attributes = [SDPAttribute("x", "1\r\ny=2\rz")]
        #expect(
            SDPWriter.text(description).split(separator: "\r\n").map { $0.first } == ["v", "o", "s", "t", "m", "a"])
        #expect(!SDPWriter.text(description).replacing("\r\n", with: "").contains { $0.isNewline })
    }

    @Test(arguments: [
        ("", SDPError.noVersion), ("hello", .noVersion), ("v=1\r\n", .noVersion), ("o=x\r\nv=0\r\n", .noVersion),
        ("v=0\r\nm=audio\r\n", .malformed(line: 2)), ("v=0\r\n\r\nm=audio 99999 RTP/AVP 0", .malformed(line: 2)),
        ("v=0\r\nm=audio -1 RTP/AVP 0", .malformed(line: 2)),
        ("v=0\r\n" + String(repeating: "m=audio 1 RTP/AVP 0\r\n", count: 33), .tooManyMedia),
        (String(repeating: "v", count: 70_000), .tooLong(bytes: 65_537)),
    ])
    func `what is no description is told why`(_ text: String, _ expected: SDPError) {
        #expect(throws: expected) { try SDPParser.parse(text) }
    }

    @Test func `long sections are cut, not refused`() throws {
        let many =
            "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 5000 RTP/AVP 0\r\n" + String(repeating: "a=x:y\r\n", count: 500)
            + "m=video 0 RTP/AVP 31\r\na=z\r\n"
        let description = try SDPParser.parse(many)
        #expect(description.media.map(\.attributes.count) == [64, 1])
        let formats = "v=0\r\nm=audio 5000 RTP/AVP " + (0..<5_000).map(String.init).joined(separator: " ")
        #expect(try SDPParser.parse(formats).media[0].formats.count == 64)
    }

    @Test func `the descriptions inside the torture messages are read`() throws {
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures")
        var read = 0
        for folder in ["rfc4475", "rfc5118"] {
            let url = fixtures.appendingPathComponent(folder)
            for name in try FileManager.default.contentsOfDirectory(atPath: url.path) {
                let bytes = [UInt8](try Data(contentsOf: url.appendingPathComponent(name)))
                guard let start = bytes.firstRange(of: Array("\nv=0".utf8))?.lowerBound else { continue }
                let description = try SDPParser.parse(bytes: Array(bytes[(start + 1)...]))
                read += 1
                if name == "ipv6-in-sdp.dat" { #expect(description.connection?.address == IPAddress("2001:db8::20")) }
                if name == "mult-ip-in-sdp.dat" {
                    #expect(description.media.compactMap(\.connection?.address?.family).contains(.ipv6))
                    var machine = try Offers.machine()
                    _ = try? machine.answer(description)
                }
            }
        }
        #expect(read > 15)
    }

    @Test func `mutilated descriptions never trap`() {
        var random = SystemRandomNumberGenerator()
        let rounds = ProcessInfo.processInfo.environment["PARTYLINE_FUZZ"].flatMap { Int($0) } ?? 4_000
        for round in 0..<rounds {
            var bytes = Array(Self.corpus[round % Self.corpus.count].utf8)
            for _ in 0..<Int.random(in: 1...12, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[index] = UInt8(ascii: "9")
                case 2: bytes.remove(at: index)
                case 3: bytes.insert(contentsOf: bytes[index..<min(index + 40, bytes.count)], at: index)
                default: bytes.removeSubrange(index..<min(index + 7, bytes.count))
                }
            }
            guard let description = try? SDPParser.parse(bytes: bytes), var machine = try? Offers.machine() else {
                continue
            }
            if round % 2 == 0 {
                if let answer = try? machine.answer(description) { #expect((try? SDPParser.parse(answer)) != nil) }
            } else {
                _ = try? machine.offer()
                _ = try? machine.accept(description, isFinal: true)
                machine.withdraw()
                #expect((try? machine.offer()) != nil)
            }
        }
    }
}

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::", "::"), ("::1", "::1"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1::8", "1::8"), ("::ffff:192.0.2.1", "::ffff:c000:201"),
        ("[2001:db8::1]", "2001:db8::1"), ("1:0:0:4:5:6:7:8", "1::4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("fe80::", "fe80::"),
    ])
    func `numeric addresses are read and written`(_ text: String, _ written: String) throws {
        #expect(try #require(IPAddress(text)).description == written)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.", "a.b.c.d", "localhost", ":", ":::", "1::2::3",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::12345", "1:2:3:4:5:6:7:8::", "fe80::1%eth0", "::1.2.3", "1:", ":1",
        "[1.2.3.4]", "[::1", "::g", "1:2:3:4:5:6:7:1.2.3.4", "１.2.3.4",
    ])
    func `everything else is none`(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test func `mapped addresses are unwrapped`() {
        #expect(IPAddress("::ffff:10.0.0.1")?.unmapped == IPAddress("10.0.0.1"))
        #expect(IPAddress("::1")?.isLoopback == true && IPAddress("127.3.2.1")?.isLoopback == true)
        #expect(
            IPAddress("239.1.1.1")?.isMulticastOrBroadcast == true
                && IPAddress("255.255.255.255")?.isMulticastOrBroadcast == true)
        #expect(
            IPAddress("ff02::1")?.isMulticastOrBroadcast == true
                && IPAddress("223.1.1.1")?.isMulticastOrBroadcast == false)
    }
}
