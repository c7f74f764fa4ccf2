// SPDX-License-Identifier: Apache-2.0
import CLinux
import Foundation
import Glibc
import Media
import PartylineTestKit
import Telephony
import Testing

@testable import Lines

/// The real transport on a pseudo-terminal with a fake modem behind it, in virtual time.
@Suite struct VoiceModemTests {
    @Test(arguments: [FakeModem.Maker.conexant, .usRobotics])
    func `it is set up for voice, its country and caller-ID, and knows its samples`(maker: FakeModem.Maker) throws {
        let desk = try ModemDesk(maker, country: "42")
        try desk.begin()
        #expect(
            desk.modem.commands == [
                "ATE0Q0V1", "AT+VLS=0", "ATH", "AT&F0", "ATE0V1", "AT+GCI=42", "AT+VCID=1", "AT+FCLASS=8",
                "AT+VSD=128,0",
                "AT-STE=7",
                "AT+VSM=?",
            ])
        desk.transport.perform(.seize(true), now: desk.now)
        try desk.pass(300)
        #expect(desk.transport.state == .talking && desk.modem.isOffHook && desk.modem.isDuplex)
        #expect(desk.modem.commands.contains(maker == .conexant ? "AT+VSM=1,8000,0,0" : "AT+VSM=129,8000"))
        #expect(desk.signals == [.loop(isClosed: true)])
        desk.transport.perform(.seize(false), now: desk.now)
        try desk.pass(400)
        #expect(desk.transport.state == .onHook && !desk.modem.isOffHook && !desk.modem.isDuplex)
        #expect(desk.signals.last == .loop(isClosed: false))
    }

    @Test func `a call rings with its number and name, once per burst`() throws {
        let desk = try ModemDesk(.conexant)
        try desk.begin()
        desk.modem.ring(number: "0301234567", name: "AUNT EMMA")
        try desk.pass(3_000)
        #expect(
            desk.signals == [
                .ring(true), .callerID(number: "0301234567", name: "AUNT EMMA"), .ring(false),
            ])
        desk.signals = []
        try desk.pass(3_000)
        desk.modem.ring()
        try desk.pass(3_000)
        #expect(desk.signals == [.ring(true), .ring(false)])
        // A withheld number is told as the network tells it.
        desk.signals = []
        desk.modem.ring(number: "P")
        try desk.pass(1_000)
        #expect(desk.signals == [.ring(true), .callerID(number: "P", name: "")])
    }

    @Test func `a modem without caller-ID or country goes on without, one without voice is refused`() throws {
        let plain = try ModemDesk(.conexant, country: "42")
        plain.modem.refuses = ["AT+GCI=42", "AT+VCID=1"]
        try plain.begin()
        let data = try ModemDesk(.conexant)
        data.modem.refuses = ["AT+FCLASS=8"]
        do {
            try data.pass(900)
            Issue.record("taken")
        } catch let error as LineError {
            #expect(error.description.contains("AT+FCLASS=8 with ERROR: is it a voice modem?"))
        }
        // One that says nothing at all.
        let dead = try ModemDesk(.conexant)
        do {
            for _ in 0..<200 {
                dead.now += 20
                try dead.turn()
            }
            Issue.record("waited for ever")
        } catch let error as LineError {
            #expect(error.description.contains("it does not answer ATE0Q0V1"))
        }
    }

    @Test func `what the far end's release sounds like is told, digits count once`() throws {
        let desk = try ModemDesk(.usRobotics)
        try desk.begin()
        desk.transport.perform(.seize(true), now: desk.now)
        try desk.pass(300)
        desk.signals = []
        for code: Character in ["b", "d", "s", "q", "r"] { desk.modem.tell(code) }
        try desk.step()
        #expect(desk.signals == [.tone(.busy), .tone(.dial), .tone(.hangUp), .tone(.silence), .tone(.ringback)])
        desk.signals = []
        desk.modem.tell("l")
        for code: Character in ["/", "5", "~", "#", "c", "a", "P", "p"] { desk.modem.tell(code) }
        try desk.step()
        #expect(
            desk.signals == [
                .polarity(isReversed: true), .key(.five), .key(.pound), .lineInUse(true), .lineInUse(false),
            ])
        // Not every modem tells of the other phone's end.
        desk.signals = []
        desk.modem.tell("P")
        try desk.pass(9_900)
        #expect(desk.signals == [.lineInUse(true)])
        try desk.pass(200)
        #expect(desk.signals == [.lineInUse(true), .lineInUse(false)])
    }

    @Test(arguments: ["AT+VLS=1", "AT+VTR", "AT+FCLASS=8"])
    func `a modem that does not take the line says so once, and is not asked again by itself`(command: String) throws {
        let desk = try ModemDesk(.conexant)
        try desk.begin()
        desk.modem.refuses = [command]
        let before = desk.modem.commands.count
        desk.transport.perform(.seize(true), now: desk.now)
        try desk.pass(10_000)
        #expect(desk.signals == [.notTaken(isInUse: false), .loop(isClosed: false)])
        #expect(desk.modem.commands.count - before <= 8, "\(desk.modem.commands)")
        #expect(!desk.modem.isOffHook && desk.transport.state == .onHook)
        // Asked anew it tries anew.
        desk.modem.refuses = []
        desk.transport.perform(.seize(false), now: desk.now)
        desk.transport.perform(.seize(true), now: desk.now)
        try desk.pass(400)
        #expect(desk.transport.state == .talking && desk.modem.isDuplex)
    }

    @Test(arguments: [FakeModem.Maker.conexant, .usRobotics])
    func `voice goes both ways through every value of a byte`(maker: FakeModem.Maker) throws {
        let desk = try ModemDesk(maker)
        try desk.begin()
        // Every sample there is at 8 bits, so also those whose bytes are the shield.
        let said = (0..<160).map {
            Int16(truncatingIfNeeded: (($0 * 37) % 256 - 128) * 256 + (maker == .usRobotics ? 0x10 : 0))
        }
        desk.modem.line = { _ in said }
        let card = try desk.transport.line.lend()
        desk.transport.perform(.seize(true), now: desk.now)
        var heard: [Int16] = []
        var samples = [Int16](repeating: 0, count: 160)
        for _ in 0..<60 {
            _ = card.play(card.context, said, 160)
            try desk.step()
            let count = card.capture(card.context, &samples, 160)
            heard += samples.prefix(Int(count))
        }
        heard += samples.prefix(Int(card.capture(card.context, &samples, 160)))
        // Before the call it was silent for as long as the machine's clock says.
        let first = try #require(heard.indices.first { heard[$0] == said[0] && heard[$0 + 1] == said[1] })
        #expect(heard.count - first >= 160 * 40)
        #expect((first..<heard.count).allSatisfy { heard[$0] == said[($0 - first) % 160] })
        let spoken = desk.modem.spoken
        let begin = try #require(spoken.indices.first { spoken[$0] == said[0] && spoken[$0 + 1] == said[1] })
        #expect(spoken.count - begin > 160 * 30)
        #expect((begin..<spoken.count).allSatisfy { spoken[$0] == said[($0 - begin) % 160] })
        var position = CardPosition()
        #expect(card.capturePosition(card.context, 0, &position) == 0 && position.frames == Int64(heard.count))
    }

    /// For the mixer it is a card that never stops: a minute on-hook leaves nothing to catch up with.
    @Test func `on-hook it is silent and goes by the machine's clock, and a call goes on from there`() throws {
        let audio = ModemAudio()
        let card = try audio.lend()
        let start = partyline_now()
        var samples = [Int16](repeating: 7, count: 400)
        var position = CardPosition()
        var given = 0
        var now = start
        func tick() {
            given += Int(card.capture(card.context, &samples, 400))
            _ = card.capturePosition(card.context, now, &position)
            #expect(abs(position.frames - Int64(given)) <= 80)
            _ = card.playPosition(card.context, now, &position)
            _ = card.play(card.context, samples, 40)
            now += 5_000_000
        }
        for _ in 0..<12_000 { tick() }
        #expect((479_000...480_200).contains(given) && samples.allSatisfy { $0 == 0 || $0 == 7 })
        // Behind what was taken by the books, the reserve and all is there when the modem asks for the first time.
        audio.setDuplex(true, nanoseconds: now)
        let before = given
        for _ in 0..<8 { tick() }
        let piece = [Int16](repeating: 99, count: 160)
        for turn in 0..<500 {
            let answer = audio.exchange(piece, nanoseconds: now)
            if turn > 0 { #expect(answer.missing == 0) }
            for _ in 0..<4 { tick() }
        }
        #expect(given - before >= 499 * 160)
        #expect(audio.xruns.overruns == 0)
        audio.setDuplex(false, nanoseconds: now)
        for _ in 0..<200 { tick() }
    }

    /// The modem's crystal is 200 ppm fast against the mixer, which is late now and then: samples out follow samples in, so the
    /// modem's small buffer neither runs dry nor over.
    @Test func `in ten minutes of virtual time the modem never starves and never overflows`() throws {
        let desk = try ModemDesk(.conexant)
        try desk.begin()
        desk.modem.keepsSpoken = false
        let card = try desk.transport.line.lend()
        desk.transport.perform(.seize(true), now: desk.now)
        try desk.pass(200)
        let voice = (0..<160).map { Int16(8_000 * sin(Double($0) / 5)) }
        var samples = [Int16](repeating: 0, count: 512)
        var due = 0.0
        var captured = 0
        for turn in 0..<30_000 {
            // Late by up to 60 ms once a second.
            due += 160 / 1.0002
            if turn % 50 >= 3 {
                while due >= 80 {
                    _ = card.play(card.context, voice, 80)
                    due -= 80
                }
            }
            try desk.step()
            captured += Int(card.capture(card.context, &samples, 512))
        }
        #expect(desk.modem.underruns == 0 && desk.modem.overruns == 0)
        #expect(desk.transport.counters.underruns == 0 && desk.transport.counters.overruns == 0)
        #expect(desk.transport.counters.lost == 0)
        #expect(captured >= 30_000 * 160 - 160)
    }
}

@Suite struct RingEdgesTests {
    @Test func `a ringing current of 16 to 60 Hz is a burst, mains hum's single spike is not`() {
        for hertz in [16, 20, 25, 50, 60] {
            var edges = RingEdges()
            var told: [Bool] = []
            let half = Int64(500 / hertz)
            for index in 0..<(2 * hertz) {
                if let rings = edges.edge(rises: index % 2 == 0, at: Int64(index) * half) { told.append(rings) }
            }
            #expect(told == [true], "\(hertz) Hz")
            let end = Int64(2 * hertz - 1) * half
            #expect(edges.expire(now: end + 100) == nil && edges.expire(now: end + 151) == false)
        }
        var spike = RingEdges()
        #expect(spike.edge(rises: true, at: 0) == nil && spike.edge(rises: false, at: 3) == nil)
        #expect(spike.deadline == nil && spike.expire(now: 1_000) == nil)
    }

    @Test func `a detector that is left at its upper level is no bell that goes on`() {
        var edges = RingEdges()
        for index in 0...48 { _ = edges.edge(rises: index % 2 == 0, at: Int64(index) * 20) }
        #expect(edges.isRinging)
        #expect(edges.expire(now: 960 + 151) == false)
        #expect(edges.deadline == nil && edges.expire(now: 10_000) == nil)
    }

    @Test func `a detector that gives the envelope is understood as well`() {
        var edges = RingEdges()
        #expect(edges.edge(rises: true, at: 0) == nil)
        #expect(edges.expire(now: 99) == nil && edges.expire(now: 100) == true)
        #expect(edges.deadline == nil)
        #expect(edges.edge(rises: false, at: 1_000) == nil)
        #expect(edges.expire(now: 1_151) == false)
    }
}

@Suite struct ShieldedStreamTests {
    @Test func `shields are taken out wherever the pieces end`() {
        let bytes: [UInt8] = [1, 0x10, 0x10, 2, 0x10, 0x62, 0x10, 0x1A, 3]
        for cut in 0...bytes.count {
            var stream = ShieldedStream()
            var (data, codes): ([UInt8], [UInt8]) = ([], [])
            stream.take(bytes[..<cut], data: &data, codes: &codes)
            stream.take(bytes[cut...], data: &data, codes: &codes)
            #expect(data == [1, 0x10, 2, 0x10, 0x10, 3] && codes == [0x62])
        }
        #expect(ShieldedStream.shielded([0x10, 5]) == [0x10, 0x10, 5])
    }

    @Test func `any bytes at any state end without a trap and with bounded text`() {
        var random = SeededNumbers(seed: 253)
        for _ in 0..<300 {
            var dialogue = ModemDialogue(country: "42")
            var now: Int64 = 0
            _ = dialogue.start(now: now)
            for _ in 0..<40 {
                now += Int64(random.next() % 1_500)
                let bytes: [UInt8] =
                    switch random.next() % 5 {
                    case 0: Array("\r\nOK\r\n".utf8)
                    case 1: Array("\r\nCONNECT\r\n".utf8)
                    case 2: Array("\r\nNMBR = \(random.next())\r\nRING\r\n".utf8)
                    default: (0..<Int(random.next() % 300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                    }
                _ = dialogue.take(bytes, now: now)
                _ = dialogue.expire(now: now)
                _ = dialogue.seize(random.next() % 2 == 0, now: now)
            }
        }
    }
}
