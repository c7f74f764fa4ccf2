// SPDX-License-Identifier: Apache-2.0
import Foundation
import Settings
import Telephony
import Testing

@testable import Lines

/// Telephones without a hook switch of their own, with keys that are no tones, and with lamps that follow the call.
@Suite struct ButtonPhoneTests {
    private func conversation() -> Conversation {
        let talk = Conversation()
        talk.device.hasHook = false
        return talk
    }

    private func press(_ talk: Conversation, _ signals: LineSignal...) {
        talk.device.keys = signals
        talk.station.deviceReadable(now: talk.now)
        talk.deliver()
    }

    @Test func `a button lifts, keys dial, the lamp follows, the button hangs up`() {
        let talk = conversation()
        press(talk, .hookButton)
        #expect(talk.state == "dial tone" && talk.device.lamps == [.offHook])
        for digit in [DTMFDigit.one, .one, .one] { press(talk, .key(digit)) }
        #expect(talk.sink.offers.first?.destination == "111" && talk.state == "in call")
        press(talk, .key(.star))
        #expect(talk.sink.events == ["digit * by keys"])
        press(talk, .hookButton)
        #expect(talk.sink.events.last == "hung up: normal clearing" && talk.state == "on-hook")
        #expect(talk.device.lamps.isEmpty)
    }

    @Test func `whoever types first and then lifts is connected, unless he thought about it for too long`() {
        let talk = conversation()
        for digit in [DTMFDigit.one, .one, .one] { press(talk, .key(digit)) }
        talk.pass(2_000)
        #expect(talk.state == "on-hook")
        press(talk, .hookKey(lifts: true))
        #expect(talk.sink.offers.first?.destination == "111")
        press(talk, .hookKey(lifts: false))
        press(talk, .key(.five))
        talk.pass(25_000)
        press(talk, .hookKey(lifts: true))
        #expect(talk.state == "dial tone" && talk.tone == TonePlan.standard.dial)
    }

    @Test func `one press that comes as a key and as a tone counts once`() {
        let talk = conversation()
        press(talk, .hookKey(lifts: true))
        for digit in [DTMFDigit.one, .two, .three] {
            press(talk, .key(digit))
            if let port = talk.station.port { talk.station.handle(.digit(port, digit), now: talk.now) }
            talk.pass(200)
        }
        #expect(talk.sink.offers.map(\.destination) == ["123"])
    }

    @Test func `when the far end has gone a telephone without a receiver goes on-hook by itself`() throws {
        let talk = conversation()
        for digit in [DTMFDigit.one, .one, .one] { press(talk, .key(digit)) }
        press(talk, .hookButton)
        let offer = try #require(talk.sink.offers.first)
        offer.leg.hangUp(.normalClearing, [])
        talk.deliver()
        #expect(talk.device.lamps == [.offHook] && talk.tone == TonePlan.standard.reorder)
        talk.pass(120_000)
        talk.deliver()
        #expect(talk.state == "on-hook" && talk.device.lamps.isEmpty && talk.media.openPorts.isEmpty)
    }

    @Test func `the mute key mutes for one call and lights its lamp`() {
        let talk = conversation()
        press(talk, .muteButton)
        #expect(talk.device.lamps.isEmpty)
        press(talk, .hookButton)
        press(talk, .muteButton)
        #expect(talk.device.lamps == [.offHook, .mute] && talk.media.muted.count == 1)
        press(talk, .muteButton)
        #expect(talk.device.lamps == [.offHook] && talk.media.muted.isEmpty)
        press(talk, .muteButton)
        press(talk, .hookButton)
        #expect(talk.device.lamps.isEmpty)
        press(talk, .hookButton)
        #expect(talk.device.lamps == [.offHook])
    }

    @Test func `a called headset is answered by its button`() throws {
        let talk = conversation()
        _ = talk.call()
        #expect(talk.device.rings && talk.device.lamps.isEmpty)
        press(talk, .hookButton)
        #expect(!talk.device.rings && talk.device.lamps == [.offHook])
        #expect(talk.sink.events == ["ringing", "answered"])
        press(talk, .hookButton)
        #expect(talk.device.displayed == ["22", ""])
    }

    @Test func `a Yealink shows the last twelve digits of who calls`() throws {
        let folder = NSTemporaryDirectory() + "yealink-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(YealinkDisplay(folder: folder) == nil)
        let line = folder + "/line3"
        func shown(_ number: String) throws -> String {
            try Data().write(to: URL(fileURLWithPath: line))
            try #require(YealinkDisplay(folder: folder)).show(number)
            return try String(contentsOfFile: line, encoding: .utf8)
        }
        #expect(try shown("+49 30 1234567") == " 49301234567")
        #expect(try shown("00493012345678") == "493012345678")
        #expect(try shown("") == "            ")
    }

    @Test func `a telephone that is pulled out in a call ends it and is the same line when it comes back`() {
        let talk = conversation()
        press(talk, .key(.one), .key(.one), .key(.one), .hookButton)
        #expect(talk.state == "in call")
        talk.device.isGone = true
        talk.station.unplugged(now: talk.now)
        talk.deliver()
        #expect(talk.sink.events.last == "hung up: destination out of order" && talk.state == "gone")
        #expect(talk.media.openPorts.isEmpty)
        talk.device.isGone = false
        talk.station.hurry(now: talk.now)
        talk.pass(20)
        #expect(talk.state == "on-hook")
        press(talk, .hookButton)
        #expect(talk.state == "dial tone")
    }

    @Test func `the presets of the settings are those of the table, and each row is whole`() {
        #expect(LineProfiles.all.map(\.name) == LineSettings.presets)
        for profile in LineProfiles.all {
            #expect(profile.capabilities[.audio] != nil && profile.capabilities[.sense] != nil)
            #expect((profile.capabilities[.seize] != nil) == (profile.side == .landline) || profile.name == "hid-phone")
            #expect(!profile.words.isEmpty)
        }
    }
}
