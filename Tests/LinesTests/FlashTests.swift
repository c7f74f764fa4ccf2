// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Telephony
import Testing

@testable import Lines

/// Who calls whom, flashes and hangs up, and who hears whom then.
@Suite struct FlashTests {
    @Test func `a flash holds the call and gives a second dial tone, another flash comes back`() {
        let house = Household()
        house.connect("21", "22")
        #expect(house.heard("21") == ["22"] && house.heard("22") == ["21"])
        house.flash("21")
        #expect(house.heard("21") == ["recall"] && house.heard("22").isEmpty)
        #expect(house.otherCall("21") == "on hold")
        house.flash("21")
        #expect(house.heard("21") == ["22"] && house.heard("22") == ["21"] && house.otherCall("21").isEmpty)
        // Neither a bounce nor a hang-up is a flash.
        house.flash("21", milliseconds: 20)
        #expect(house.heard("21") == ["22"])
        house.hangUp("21")
        #expect(house.heard("22") == ["reorder"])
        house.hangUp("22")
        #expect(house.isQuiet)
    }

    @Test func `a second party is asked, then all three talk, then the last one is left out again`() {
        let house = Household()
        house.connect("21", "22")
        house.flash("21")
        house.press("21", "23#")
        #expect(house.rings("23") && house.heard("21") == ["ringback"])
        house.lift("23")
        #expect(house.heard("21") == ["23"] && house.heard("23") == ["21"] && house.heard("22").isEmpty)
        house.flash("21")
        #expect(house.state("21") == "three-way")
        #expect(house.heard("21") == ["22", "23"])
        #expect(house.heard("22") == ["21", "23"])
        #expect(house.heard("23") == ["21", "22"])
        #expect(house.exchange.roomReports().first?.participants.count == 3)
        house.flash("21")
        #expect(house.heard("21") == ["22"] && house.heard("22") == ["21"] && house.heard("23") == ["reorder"])
        #expect(house.exchange.roomReports().isEmpty)
        for phone in ["21", "22", "23"] { house.hangUp(phone) }
        #expect(house.isQuiet)
    }

    @Test(arguments: ["21", "22", "23"])
    func `whoever leaves a conversation of three leaves the two others together`(leaver: String) {
        let house = Household()
        house.connect("21", "22")
        house.flash("21")
        house.press("21", "23#")
        house.lift("23")
        house.flash("21")
        house.hangUp(leaver)
        let others = ["21", "22", "23"].filter { $0 != leaver }
        #expect(house.heard(others[0]) == [others[1]] && house.heard(others[1]) == [others[0]])
        #expect(house.exchange.roomReports().isEmpty && house.state(leaver) == "on-hook")
        for phone in others { house.hangUp(phone) }
        #expect(house.isQuiet)
    }

    @Test(arguments: [true, false])
    func `hanging up while asking a second party connects the two others`(isAnswered: Bool) {
        let house = Household()
        house.connect("21", "22")
        house.flash("21")
        house.press("21", "23#")
        if isAnswered { house.lift("23") }
        house.hangUp("21")
        #expect(house.state("21") == "on-hook")
        if !isAnswered {
            #expect(house.heard("22") == ["ringback"] && house.rings("23"))
            house.lift("23")
        }
        #expect(house.heard("22") == ["23"] && house.heard("23") == ["22"])
        // The telephone is free for other calls meanwhile.
        house.lift("21")
        #expect(house.heard("21") == ["dial"])
        house.hangUp("21")
        house.hangUp("22")
        house.hangUp("23")
        #expect(house.isQuiet)
    }

    @Test func `a flash while the second party rings goes back to the first`() {
        let house = Household()
        house.connect("21", "22")
        house.flash("21")
        house.press("21", "23#")
        house.flash("21")
        #expect(!house.rings("23") && house.heard("21") == ["22"] && house.heard("22") == ["21"])
        house.flash("21")
        house.press("21", "29#")
        #expect(house.heard("21") == ["reorder"])
        house.flash("21")
        #expect(house.heard("21") == ["22"])
        house.hangUp("22")
        house.hangUp("21")
        #expect(house.isQuiet)
    }

    @Test func `hanging up while somebody is on hold makes the phone ring, and lifting comes back`() {
        let house = Household()
        house.connect("21", "22")
        house.flash("21")
        house.hangUp("21")
        #expect(house.rings("21") && house.state("21") == "ringing" && house.heard("22").isEmpty)
        house.lift("21")
        #expect(house.heard("21") == ["22"] && house.heard("22") == ["21"])
        house.flash("21")
        house.hangUp("21")
        // Nobody lifts: the one on hold is not kept for ever.
        house.pass(61_000)
        #expect(!house.rings("21") && house.state("21") == "on-hook" && house.heard("22") == ["reorder"])
        house.hangUp("22")
        #expect(house.isQuiet)
    }

    @Test func `the one on hold may leave, and the flash starts anew`() {
        let house = Household()
        house.connect("21", "22")
        house.flash("21")
        house.hangUp("22")
        #expect(house.heard("21") == ["recall"] && house.otherCall("21").isEmpty)
        house.press("21", "23#")
        house.lift("23")
        #expect(house.heard("21") == ["23"])
        house.flash("21")
        #expect(house.otherCall("21") == "on hold" && house.heard("21") == ["recall"])
        house.hangUp("23")
        house.hangUp("21")
        #expect(house.isQuiet && !house.rings("21"))
    }

    @Test func `handed on to the outside goes through the fence, and its minutes run on`() throws {
        let house = Household()
        house.connect("21", "22")
        house.flash("21")
        house.press("21", "0123#")
        // Not allowed: it is told so, and the one on hold is still there.
        #expect(house.heard("21") == [Fence.Refusal.notAllowed.words] && house.strangers.isEmpty)
        house.finishPlayers()
        house.pass(50)
        #expect(house.heard("21") == ["reorder"])
        house.flash("21")
        #expect(house.heard("21") == ["22"])
        house.flash("21")
        house.press("21", "0301234#")
        let stranger = try #require(house.strangers.first)
        #expect(stranger.request.destination == "301234")
        house.answers(stranger.leg)
        #expect(house.heard("21") == ["outside"])
        house.hangUp("21")
        #expect(house.heard("22") == ["outside"] && house.heard(by: stranger.leg) == ["22"])
        #expect(house.exchange.fence.runningCalls.count == 1)
        // Ten minutes a day.
        house.pass(601_000)
        house.finishPlayers()
        house.pass(100)
        #expect(stranger.leg.asked.withLock { $0 }.last == "hang up")
        house.hangUp("22")
        #expect(house.isQuiet)
    }

    @Test func `somebody from outside is handed on to another phone`() {
        let house = Household()
        let stranger = house.call("21", from: "0301234567")
        house.lift("21")
        house.answers(stranger)
        #expect(house.heard("21") == ["outside"] && house.heard(by: stranger) == ["21"])
        house.flash("21")
        house.press("21", "22#")
        house.lift("22")
        house.hangUp("21")
        #expect(house.heard("22") == ["outside"] && house.heard(by: stranger) == ["22"])
        house.leaves(stranger)
        #expect(house.heard("22") == ["reorder"])
        house.hangUp("22")
        #expect(house.isQuiet)
    }

    @Test func `the phone that rings back names nobody who has called before`() {
        var country = StationCountry()
        country.callerID = "bell202"
        country.date = { "11300655" }
        let house = Household(country: country)
        let stranger = house.call("21", from: "0301234567")
        house.lift("21")
        house.answers(stranger)
        #expect(house.phones["21"]?.station.leg?.request?.callerNumber == "0301234567")
        house.leaves(stranger)
        house.hangUp("21")
        house.connect("21", "22")
        house.flash("21")
        house.hangUp("21")
        #expect(house.rings("21"))
        let station = house.phones["21"]?.station
        #expect(station?.leg?.request == nil)
        let nobody = Household(country: country)
        nobody.connect("21", "22")
        nobody.flash("21")
        nobody.hangUp("21")
        #expect(station?.callerData?.samples == nobody.phones["21"]?.station.callerData?.samples)
        // Who has called himself is named again.
        let second = Household(country: country)
        let caller = second.call("21", from: "0301234567")
        second.lift("21")
        second.answers(caller)
        let told = second.phones["21"]?.station.callerData?.samples
        second.flash("21")
        second.hangUp("21")
        #expect(second.rings("21") && told != nil)
        #expect(second.phones["21"]?.station.callerData?.samples == told)
    }

    @Test func `an emergency call is neither held nor handed on`() throws {
        let house = Household()
        house.lift("21")
        house.press("21", "112")
        let service = try #require(house.strangers.first)
        house.answers(service.leg)
        house.flash("21")
        #expect(house.heard("21") == ["outside"])
        house.hangUp("21")
        #expect(service.leg.asked.withLock { $0 } == ["hang up"])
        // Nor is it left to somebody on hold.
        house.connect("21", "22")
        house.flash("21")
        house.press("21", "112")
        let second = try #require(house.strangers.last)
        house.answers(second.leg)
        house.flash("21")
        #expect(house.heard("21") == ["outside"])
        house.hangUp("21")
        #expect(second.leg.asked.withLock { $0 } == ["hang up"] && house.rings("21"))
        house.lift("21")
        #expect(house.heard("21") == ["22"])
        house.hangUp("21")
        house.hangUp("22")
        #expect(house.isQuiet)
    }

    @Test func `a device that is pulled out with two calls leaves nobody behind`() {
        for stage in 0...3 {
            let house = Household()
            house.connect("21", "22")
            if stage > 0 { house.flash("21") }
            if stage > 1 {
                house.press("21", "23#")
                house.lift("23")
            }
            if stage > 2 { house.flash("21") }
            house.phones["21"]?.device.isGone = true
            house.phones["21"]?.station.deviceReadable(now: house.now)
            house.pass(50)
            #expect(house.heard("22") == ["reorder"], "stage \(stage)")
            house.hangUp("22")
            house.hangUp("23")
            #expect(house.isQuiet, "stage \(stage)")
        }
    }
}
