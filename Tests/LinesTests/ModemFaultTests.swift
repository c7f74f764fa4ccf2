// SPDX-License-Identifier: Apache-2.0
import Media
import PartylineTestKit
import Telephony
import Testing

@testable import Lines

/// Voice modems that end a call by themselves, stall, or are in a call of which nobody knows: the line is let go, and serves again.
@Suite struct ModemFaultTests {
    /// With DLE ETX or without, and the result behind it.
    struct End: Sendable {
        var code: Bool
        var result: String
    }

    static let ends = [
        End(code: true, result: "NO CARRIER"), End(code: true, result: "OK"), End(code: true, result: "BUSY"),
        End(code: false, result: "NO CARRIER"),
    ]

    @Test(arguments: [FakeModem.Maker.conexant, .usRobotics], ends)
    func `a modem that ends the call by itself says so, is put on-hook and takes the next call`(
        maker: FakeModem.Maker, end: End
    ) throws {
        let desk = try ModemDesk(maker)
        try desk.begin()
        try desk.call()
        desk.signals = []
        desk.modem.endCall(code: end.code, end.result)
        try desk.pass(1_000)
        #expect(desk.signals == [.ended, .loop(isClosed: false)])
        #expect(desk.modem.commands.suffix(2) == ["AT+VLS=0", "ATH"])
        #expect(desk.transport.state == .onHook && !desk.modem.isOffHook)
        // It stays on-hook until somebody wants it.
        desk.transport.perform(.seize(false), now: desk.now)
        try desk.pass(10_000)
        #expect(desk.transport.state == .onHook)
        desk.signals = []
        desk.modem.ring(number: "0301")
        try desk.pass(1_000)
        #expect(desk.signals == [.ring(true), .callerID(number: "0301", name: "")])
        try desk.call()
    }

    @Test func `a bell right behind the end of a call is heard`() throws {
        let desk = try ModemDesk(.conexant)
        try desk.begin()
        try desk.call()
        desk.signals = []
        desk.modem.endCall("NO CARRIER", "RING", "NMBR = 0302")
        try desk.pass(1_000)
        #expect(Set(desk.signals.prefix(2)) == [.ended, .ring(true)])
        #expect(desk.signals.contains(.callerID(number: "0302", name: "")))
    }

    private static func talking() -> ModemDialogue {
        var dialogue = ModemDialogue(country: nil)
        _ = dialogue.start(now: 0)
        _ = dialogue.expire(now: 300)
        while dialogue.state == .starting { _ = dialogue.take(Array("OK\r\n".utf8), now: 300) }
        _ = dialogue.seize(true, now: 300)
        for _ in 0..<4 { _ = dialogue.take(Array("OK\r\n".utf8), now: 300) }
        _ = dialogue.take(Array("CONNECT\r\n".utf8), now: 300)
        return dialogue
    }

    @Test func `the words of the end count as a whole and wherever the pieces end, and are else samples`() {
        let words = Array("\r\nNO CARRIER\r\n".utf8)
        for cut in 0...words.count {
            var dialogue = Self.talking()
            var outputs = dialogue.take([0x80, 13] + words[..<cut], now: 400)
            outputs += dialogue.take(Array(words[cut...]), now: 420)
            #expect(outputs.contains(.signal(.ended)) && outputs.contains(.duplex(false)), "cut at \(cut)")
            #expect(dialogue.state == .leaving)
        }
        var dialogue = Self.talking()
        for near in ["NO CARRIER\r\n", "\r\nNO CARRIER", "\r\nNO CARRIERS\r\n", "\r\nOK\r\n", "\r\nRING\r\n"] {
            let outputs = dialogue.take([0x80] + Array(near.utf8) + [0x80], now: 500)
            #expect(outputs == [.samples([0x80] + Array(near.utf8) + [0x80])], "\(near)")
        }
        #expect(dialogue.state == .talking)
    }

    @Test(arguments: [FakeModem.Maker.conexant, .usRobotics])
    func `a modem that sends no sound any more is given up after two seconds, and serves again when opened anew`(
        maker: FakeModem.Maker
    ) throws {
        let desk = try ModemDesk(maker)
        try desk.begin()
        // On-hook it has nothing to say.
        try desk.pass(600_000)
        try desk.call()
        try desk.pass(60_000)
        desk.modem.isMute = true
        let fault = try #require(desk.fault(within: 5_000))
        #expect(fault.words.contains("it sends no sound any more"))
        #expect((1_980...2_060).contains(fault.after), "\(fault.after) ms")
        #expect(!desk.transport.isReady)
        desk.modem.isMute = false
        try desk.reopen()
        #expect(!desk.transport.isReady)
        try desk.begin()
        #expect(!desk.modem.isOffHook && !desk.modem.isDuplex)
        try desk.call()
    }

    @Test func `a thread that was held up for three seconds does not blame the modem, whose samples wait`() throws {
        let desk = try ModemDesk(.conexant)
        try desk.begin()
        try desk.call()
        for _ in 0..<150 {
            desk.now += 20
            desk.modem.step()
        }
        // The deadlines come before what can be read.
        desk.signals += try desk.transport.expire(now: desk.now)
        try desk.pass(1_000)
        #expect(desk.transport.state == .talking && desk.modem.isDuplex)
    }

    @Test(arguments: [FakeModem.Maker.conexant, .usRobotics])
    func `a modem that takes nothing is tried every 10 ms, not all the time, and given up a second later`(
        maker: FakeModem.Maker
    ) throws {
        let desk = try ModemDesk(maker)
        try desk.begin()
        try desk.call()
        desk.modem.takesNothing = true
        // The kernel holds some kilobytes for it; only then is its line full. `turn` looks at the deadlines.
        let fault = try #require(desk.fault(within: 10_000))
        #expect(fault.words.contains("it takes nothing that it is sent"))
        #expect(desk.transport.counters.unsent > 0)
        desk.modem.takesNothing = false
        try desk.reopen()
        try desk.begin()
        #expect(!desk.modem.isOffHook && !desk.modem.isDuplex)
        try desk.call()
    }

    @Test func `after a stall that passes the modem has lost whole samples only, and no code was made of them`() throws
    {
        let desk = try ModemDesk(.usRobotics)
        try desk.begin()
        // Each sample with a byte that is the shield.
        let said = (0..<160).map { Int16(truncatingIfNeeded: (($0 * 37) % 256 - 128) * 256 + 0x10) }
        let card = try desk.transport.line.lend()
        try desk.call()
        func speak() throws {
            _ = card.play(card.context, said, 160)
            try desk.step()
        }
        for _ in 0..<50 { try speak() }
        desk.modem.takesNothing = true
        for _ in 0..<300 where desk.transport.counters.unsent == 0 { try speak() }
        for _ in 0..<20 { try speak() }
        #expect(desk.transport.counters.unsent > 0)
        desk.modem.takesNothing = false
        for _ in 0..<200 { try speak() }
        #expect(desk.transport.state == .talking && desk.modem.isDuplex)
        let allowed = Set(said + [0])
        #expect(desk.modem.spoken.count > 160 * 150)
        #expect(desk.modem.spoken.allSatisfy(allowed.contains))
    }

    /// Ends with DLE ETX or with DLE ^, whatever its samples look like.
    @Test(arguments: [FakeModem.Maker.conexant, .usRobotics], [UInt8(0x03), UInt8(ascii: "^")])
    func `a modem that was left in a call is brought back before all else`(maker: FakeModem.Maker, ending: UInt8) throws
    {
        let desk = try ModemDesk(maker)
        desk.modem.ending = ending
        desk.modem.line = { position in (0..<160).map { Int16(truncatingIfNeeded: ($0 + position) * 1_031) } }
        desk.modem.beginInCall()
        for _ in 0..<20 { desk.modem.step() }
        try desk.step()
        #expect(!desk.transport.isReady)
        try desk.begin()
        #expect(!desk.modem.isOffHook && !desk.modem.isDuplex)
        #expect(desk.signals.isEmpty)
        // And from a call of ours as well.
        try desk.call()
        desk.transport.perform(.seize(false), now: desk.now)
        try desk.pass(1_500)
        #expect(desk.transport.state == .onHook && !desk.modem.isOffHook && !desk.modem.isDuplex)
    }

    @Test(arguments: [UInt8(0x03), UInt8(ascii: "^")], [false, true])
    func `a daemon that ends in a call leaves the line on-hook, also with samples waiting`(
        ending: UInt8, isFull: Bool
    ) throws {
        func leftModem() throws -> FakeModem {
            let desk = try ModemDesk(.conexant)
            desk.modem.ending = ending
            try desk.begin()
            try desk.call()
            desk.modem.takesNothing = isFull
            for _ in 0..<300 where isFull && desk.transport.counters.unsent == 0 { try desk.step() }
            return desk.modem
        }
        let modem = try leftModem()
        modem.takesNothing = false
        for _ in 0..<20 { modem.step() }
        #expect(!modem.isOffHook && !modem.isDuplex)
    }
}
