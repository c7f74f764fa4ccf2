// SPDX-License-Identifier: Apache-2.0

import SDP
import Testing

@Suite struct OfferAnswerTests {
    private func answered(
        _ text: String, _ address: String = "198.51.100.1", encodings: [AudioEncoding] = [.g722, .pcma, .pcmu, .opus]
    ) throws -> (SDPDescription, NegotiatedAudio) {
        var machine = try Offers.machine(address, encodings: encodings)
        let answer = try machine.answer(SDPParser.parse(text))
        return (try SDPParser.parse(answer), try #require(machine.current))
    }

    @Test func `baresip is answered in our order with its numbers`() throws {
        let (answer, audio) = try answered(Offers.baresip)
        #expect(answer.media.map(\.formats) == [["8", "0", "96", "97"]])
        #expect(audio.sending == AudioPayload(type: 8, encoding: .pcma))
        #expect(audio.multiplexesRTCP && audio.remoteRTCPPort == 10_012)
        #expect(audio.sendingEvents == EventPayload(type: 97, clockRate: 8_000))
        #expect(answer.media[0].value(of: "rtcp-mux") != nil)
        #expect(answer.media[0].value(of: "rtcp") == "20000")
        #expect(answer.media[0].port == 20_000)
        #expect(answer.connection?.address == IPAddress("198.51.100.1"))
        let (_, wide) = try answered(Offers.baresip, encodings: [.opus, .pcmu])
        #expect(wide.sending.encoding == .opus && wide.sending.type == 96 && wide.sending.opus?.wantsStereo == true)
        // Its only telephone-event has another clock than opus: still better than none.
        #expect(wide.sendingEvents?.clockRate == 8_000)
    }

    @Test func `linphone gets AVPF back, digits at the clock of the codec, and no video`() throws {
        let (answer, audio) = try answered(Offers.linphone, encodings: [.opus, .pcma])
        #expect(answer.media.map(\.kind) == ["audio", "video"])
        #expect(answer.media.map(\.port) == [20_000, 0])
        #expect(answer.media.map(\.transport) == ["RTP/AVPF", "RTP/AVPF"])
        #expect(answer.media[0].formats == ["96", "8", "101", "99"])
        #expect(audio.sendingEvents == EventPayload(type: 101, clockRate: 48_000))
        #expect(audio.receivingEvents.map(\.type) == [101, 99])
        #expect(audio.sending.opus?.wantsForwardErrorCorrection == true)
    }

    @Test func `a router's wide band is taken`() throws {
        let (answer, audio) = try answered(Offers.router)
        #expect(answer.media[0].formats == ["9", "8", "0", "101"])
        #expect(audio.sending.encoding == .g722)
        #expect(audio.remoteRTCPPort == 7_085 && !audio.multiplexesRTCP)
        #expect(answer.media[0].value(of: "rtcp") == "20001")
    }

    @Test func `a router's G726-32 is taken under its number, GSM without an rtpmap line`() throws {
        let (answer, audio) = try answered(Offers.router, encodings: [.g726, .pcma])
        #expect(audio.sending == AudioPayload(type: 2, encoding: .g726))
        #expect(answer.media[0].attributes.contains(SDPAttribute("rtpmap", "2 G726-32/8000")))
        let gsm = Offers.desk.replacing("RTP/AVP 0 8 116", with: "RTP/AVP 3 0 116")
        let (_, spoken) = try answered(gsm, encodings: [.gsm, .pcmu])
        #expect(spoken.sending == AudioPayload(type: 3, encoding: .gsm))
        // 30 ms are wished for; GSM has frames of 20.
        #expect(spoken.packetTime == 20)
    }

    @Test func `comfort noise is taken where it is offered, wanted and of the codec's clock`() throws {
        let offer = Offers.desk.replacing("RTP/AVP 0 8 116", with: "RTP/AVP 0 8 13 116")
        for (text, wanted, encoding, expected) in [
            (offer, true, AudioEncoding.pcma, UInt8?(13)), (offer, false, .pcma, nil), (Offers.desk, true, .pcma, nil),
            (offer.replacing("a=ptime", with: "a=rtpmap:13 CN/16000\r\na=ptime"), true, .pcma, nil),
            (
                offer.replacing(" 13 ", with: " 98 ").replacing("a=ptime", with: "a=rtpmap:98 CN/8000\r\na=ptime"),
                true,
                .pcmu, 98
            ),
        ] {
            var machine = OfferAnswer(
                preferences: AudioPreferences(encodings: [encoding], packetTime: 20, comfortNoise: wanted),
                endpoint: AudioEndpoint(
                    address: try #require(IPAddress("198.51.100.1")), port: 20_000, rtcpPort: 20_001),
                sessionID: 7)
            let answer = try SDPParser.parse(try machine.answer(try SDPParser.parse(text)))
            #expect(machine.current?.comfortNoise == expected)
            #expect(answer.media[0].formats.contains("13") == (expected == 13))
            #expect(answer.media[0].formats.contains("98") == (expected == 98))
        }
    }

    @Test func `a desk phone's packet time is kept within what the codec takes`() throws {
        let (answer, audio) = try answered(Offers.desk)
        #expect(audio.packetTime == 30)
        #expect(audio.remoteAddress == IPAddress("192.0.2.30"))
        #expect(answer.media.map(\.port) == [20_000, 0, 0])
        #expect(answer.media.map(\.kind) == ["audio", "application", "text"])
        for (wish, most, expected) in [
            ("5", "60", 10), ("60", "60", 60), ("200", "200", 60), ("60", "20", 20), ("x", "y", 20),
        ] {
            let text = Offers.desk.replacing("a=ptime:30", with: "a=ptime:\(wish)").replacing(
                "maxptime:40", with: "maxptime:\(most)")
            #expect(try answered(text).1.packetTime == expected)
        }
        let opus = Offers.baresip.replacing("ptime:20", with: "ptime:30")
        #expect(try answered(opus, encodings: [.opus]).1.packetTime == 20)
    }

    @Test func `IPv6 audio is found behind other media`() throws {
        let (answer, audio) = try answered(Offers.six, "2001:db8::1")
        #expect(answer.media.map(\.port) == [0, 20_000, 0])
        #expect(audio.remoteAddress == IPAddress("2001:db8::30"))
        #expect(audio.remoteRTCPAddress == IPAddress("2001:db8::31") && audio.remoteRTCPPort == 53_020)
        #expect(answer.origin?.address == "2001:db8::1")
        #expect(throws: SDPRefusal.address) { try answered(Offers.six) }
    }

    @Test(arguments: [
        ("a=sendonly", "a=recvonly", true, false), ("a=inactive", "a=inactive", true, false),
        ("a=recvonly", "a=sendonly", false, true), ("a=sendrecv", "a=sendrecv", false, true),
    ])
    func `directions are mirrored`(_ offered: String, _ expected: String, _ held: Bool, _ sends: Bool) throws {
        var machine = try Offers.machine()
        let answer = try machine.answer(SDPParser.parse(Offers.router.replacing("a=sendrecv", with: offered)))
        #expect(answer.contains(expected + "\r\n"))
        #expect(machine.current?.isHeld == held && machine.current?.sends == sends)
        #expect(machine.current?.receives == (offered == "a=sendrecv"))
    }

    @Test func `a direction of the session counts for the medium, and 0_0_0_0 is a hold`() throws {
        let session = Offers.router.replacing("a=sendrecv\r\n", with: "").replacing(
            "t=0 0\r\n", with: "t=0 0\r\na=sendonly\r\n")
        #expect(try answered(session).1.isHeld)
        let (answer, audio) = try answered(Offers.router.replacing("c=IN IP4 192.0.2.1", with: "c=IN IP4 0.0.0.0"))
        #expect(audio.isHeld && !audio.sends && !audio.receives && audio.remoteAddress == nil)
        #expect(answer.media[0].attributes.contains(SDPAttribute("recvonly")))
    }

    @Test(arguments: [
        (Offers.text(["v=0", "t=0 0"]), SDPRefusal.noAudio),
        (Offers.text(["v=0", "c=IN IP4 192.0.2.1", "m=image 5000 udptl t38"]), .noAudio),
        (Offers.text(["v=0", "c=IN IP4 192.0.2.1", "m=audio 0 RTP/AVP 0"]), .noAudio),
        (Offers.text(["v=0", "c=IN IP4 192.0.2.1", "m=audio 5000 RTP/SAVP 0"]), .securedOnly),
        (Offers.text(["v=0", "c=IN IP4 192.0.2.1", "m=audio 5000 RTP/AVP 3 18"]), .noCommonCodec),
        (Offers.text(["v=0", "c=IN IP4 192.0.2.1", "m=audio 5000 RTP/AVP 0", "a=rtpmap:0 GSM/8000"]), .noCommonCodec),
        (Offers.text(["v=0", "c=IN IP4 host.example.com", "m=audio 5000 RTP/AVP 0"]), .address),
        (Offers.text(["v=0", "c=IN IP4 224.2.1.1/127", "m=audio 5000 RTP/AVP 0"]), .address),
        (Offers.text(["v=0", "m=audio 5000 RTP/AVP 0"]), .address),
    ])
    func `what cannot be taken is refused and changes nothing`(_ text: String, _ refusal: SDPRefusal) throws {
        var machine = try Offers.machine()
        _ = try machine.answer(SDPParser.parse(Offers.router))
        let before = machine.current
        let offer = try SDPParser.parse(text)
        let seen = Offers.refusal { _ = try machine.answer(offer) }
        #expect(seen == refusal)
        #expect(machine.current == before)
    }

    @Test func `a secured stream beside a plain one is answered with port 0`() throws {
        let both = Offers.text([
            "v=0", "c=IN IP4 192.0.2.1", "m=audio 5000 RTP/SAVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x",
            "m=audio 5002 RTP/AVP 0",
        ])
        #expect(try answered(both).0.media.map(\.port) == [0, 20_000])
    }

    @Test func `lines that do not matter never refuse an offer`() throws {
        let odd = Offers.router.replacing(
            "a=rtcp:7085",
            with:
                "a=rtcp:x\r\na=rtpmap:200 PCMU/8000\r\na=rtpmap:\r\na=rtpmap\r\na=fmtp:\r\na=ptime:\r\na=:\r\na=\r\nnonsense\r\nq"
        )
        #expect(try answered(odd).1.remoteRTCPPort == 7_085)
    }

    @Test func `the version grows with every change and only then`() throws {
        var machine = try Offers.machine()
        func version(_ text: String) throws -> String { try #require(SDPParser.parse(text).origin).version }
        let first = try version(machine.answer(SDPParser.parse(Offers.router)))
        let same = try version(machine.answer(SDPParser.parse(Offers.router)))
        let held = try version(machine.answer(SDPParser.parse(Offers.router.replacing("sendrecv", with: "sendonly"))))
        #expect(first == same && held != same && UInt64(held) == UInt64(same).map { $0 + 1 })
    }

    @Test func `our offer, its answer, and the next offer keep their numbers`() throws {
        var machine = try Offers.machine()
        let offer = try SDPParser.parse(try machine.offer())
        #expect(offer.media[0].formats == ["9", "8", "0", "96", "101", "100"])
        let seen = [
            Offers.refusal { _ = try machine.offer() },
            Offers.refusal { _ = try machine.answer(SDPParser.parse(Offers.router)) },
        ]
        #expect(seen == [.pending, .pending])
        // The far end names another number for opus than we did: we send with its number and understand both.
        let answer = Offers.text([
            "v=0", "c=IN IP4 192.0.2.1", "m=audio 5000 RTP/AVP 111 8", "a=rtpmap:111 opus/48000/2",
        ])
        let audio = try machine.accept(SDPParser.parse(answer), isFinal: true)
        #expect(audio.sending.type == 111)
        #expect(audio.receiving.map(\.type) == [111, 96, 8])
        #expect(audio.sendingEvents == nil && !audio.multiplexesRTCP)
        let again = try SDPParser.parse(try machine.offer())
        #expect(again.media[0].formats == ["9", "8", "0", "96", "101", "100"])
        machine.withdraw()
        #expect(machine.current == audio)
        let late = Offers.refusal { _ = try machine.accept(SDPParser.parse(answer), isFinal: true) }
        #expect(late == .unexpected)
    }

    @Test func `an answer before the answer may be replaced`() throws {
        var machine = try Offers.machine()
        _ = try machine.offer()
        _ = try machine.accept(
            SDPParser.parse(Offers.text(["v=0", "c=IN IP4 192.0.2.1", "m=audio 5000 RTP/AVP 8"])), isFinal: false)
        let last = try machine.accept(
            SDPParser.parse(Offers.text(["v=0", "c=IN IP4 192.0.2.2", "m=audio 6000 RTP/AVP 0"])), isFinal: true)
        #expect(last.sending.encoding == .pcmu && last.remotePort == 6_000 && !machine.isPending)
    }

    @Test func `after answering, our own offer keeps the lines of the far end`() throws {
        var machine = try Offers.machine()
        _ = try machine.answer(SDPParser.parse(Offers.linphone))
        let offer = try SDPParser.parse(try machine.offer())
        #expect(offer.media.map(\.kind) == ["audio", "video"])
        #expect(offer.media.map(\.port) == [20_000, 0])
        // 96 is opus and 101 telephone-event/48000 in this session, and stays so.
        #expect(offer.media[0].attributes.contains(SDPAttribute("rtpmap", "96 opus/48000/2")))
        #expect(offer.media[0].attributes.contains(SDPAttribute("rtpmap", "101 telephone-event/48000")))
    }
}
