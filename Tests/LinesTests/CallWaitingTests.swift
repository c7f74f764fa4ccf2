// SPDX-License-Identifier: Apache-2.0
import Signals
import Synchronization
import Telephony
import Testing

@testable import Lines

/// A second call for a telephone that is in one.
@Suite struct CallWaitingTests {
    @Test func `a second call beeps, its caller hears ringing, and a flash takes it`() {
        let house = Household()
        house.connect("21", "22")
        house.lift("23")
        house.press("23", "21#")
        #expect(house.heard("23") == ["ringback"] && house.otherCall("21") == "waiting")
        #expect(house.heard("21") == ["waiting"], "the tone interrupts what is heard")
        house.finishPlayers()
        #expect(house.heard("21") == ["22"])
        // It comes again after the country's pause.
        house.pass(5_200)
        #expect(house.heard("21") == ["waiting"])
        house.finishPlayers()
        house.flash("21")
        #expect(house.heard("21") == ["23"] && house.heard("23") == ["21"] && house.heard("22").isEmpty)
        #expect(house.otherCall("21") == "on hold")
        house.flash("21")
        #expect(house.heard("21") == ["22"] && house.heard("22") == ["21"] && house.heard("23").isEmpty)
        house.pass(20_000)
        #expect(house.heard("21") == ["22"], "nothing beeps any more")
        // Who hangs up has not forgotten the other one.
        house.hangUp("21")
        #expect(house.rings("21") && house.heard("22") == ["reorder"])
        house.lift("21")
        #expect(house.heard("21") == ["23"] && house.heard("23") == ["21"])
        for phone in ["21", "22", "23"] { house.hangUp(phone) }
        #expect(house.isQuiet)
    }

    @Test func `whoever hangs up while a call waits is rung by it`() {
        let house = Household()
        house.connect("21", "22")
        house.lift("23")
        house.press("23", "21#")
        house.hangUp("21")
        #expect(house.rings("21") && house.heard("22") == ["reorder"] && house.heard("23") == ["ringback"])
        house.lift("21")
        #expect(house.heard("21") == ["23"] && house.heard("23") == ["21"])
        house.hangUp("21")
        house.hangUp("22")
        house.hangUp("23")
        #expect(house.isQuiet)
    }

    @Test func `a waiting caller who gives up stops the beeps; a third one finds the telephone busy`() {
        let house = Household(["21", "22", "23", "24"])
        house.connect("21", "22")
        house.lift("23")
        house.press("23", "21#")
        house.lift("24")
        house.press("24", "21#")
        #expect(house.heard("24") == ["busy"])
        house.hangUp("23")
        house.finishPlayers()
        #expect(house.otherCall("21").isEmpty)
        house.pass(12_000)
        #expect(house.heard("21") == ["22"])
        for phone in ["21", "22", "24"] { house.hangUp(phone) }
        #expect(house.isQuiet)
    }

    @Test func `the far end of the first call leaves: the second is taken by a flash or by hanging up`() {
        for takesByFlash in [true, false] {
            let house = Household()
            house.connect("21", "22")
            house.lift("23")
            house.press("23", "21#")
            house.hangUp("22")
            #expect(house.heard("21") == ["reorder"])
            if takesByFlash {
                house.flash("21")
            } else {
                house.hangUp("21")
                #expect(house.rings("21"))
                house.lift("21")
            }
            #expect(house.heard("21") == ["23"] && house.heard("23") == ["21"])
            house.hangUp("21")
            house.hangUp("23")
            #expect(house.isQuiet)
        }
    }

    @Test func `switched off, and for who is dialling, ringing or being rung, a telephone is busy`() {
        let house = Household { $0.takesWaitingCalls = false }
        house.connect("21", "22")
        house.lift("23")
        house.press("23", "21#")
        #expect(house.heard("23") == ["busy"] && house.heard("21") == ["22"])
        let other = Household()
        other.lift("21")
        other.press("21", "22#")
        other.lift("23")
        other.press("23", "21#")
        #expect(other.heard("23") == ["busy"] && other.heard("21") == ["ringback"])
    }

    @Test func `a telephone with a display answers the alerting signal and is told who waits`() throws {
        var country = StationCountry()
        country.callerID = "bell202"
        let house = Household(country: country)
        house.connect("21", "22")
        let stranger = house.call("21", from: "0301234567")
        #expect(stranger.asked.withLock { $0 } == ["ring"])
        #expect(house.heard("21") == ["waiting and alert"])
        // The telephone mutes itself and acknowledges.
        house.press("21", "D")
        #expect(house.heard("21") == ["data"] && house.heard("22") == ["21"])
        let data = house.media.state.withLock { state in
            state.players.values.compactMap { if case .samples(let samples, _) = $0 { samples } else { nil } }
        }
        let samples = try #require(data.first)
        let receiver = CallerIDReceiver()
        let caller = samples.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { receiver.process($0, count: buffer.count) }
        }
        #expect(caller?.number == "0301234567" && caller?.name == "Erika" && caller?.kind == .bell202)
        house.finishPlayers()
        #expect(house.heard("21") == ["22"])
        // Only once, and not for who presses D later.
        house.pass(5_200)
        #expect(house.heard("21") == ["waiting"])
        house.finishPlayers()
        house.press("21", "D")
        #expect(house.heard("21") == ["22"])
    }
}
