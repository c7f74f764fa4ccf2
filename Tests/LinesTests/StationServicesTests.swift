// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Telephony
import Testing

@testable import Lines

/// What a telephone hears of the exchange besides its calls.
@Suite struct StationServicesTests {
    @Test func `test numbers answer: an echo, a milliwatt, the own number and the box's address`() {
        let house = Household()
        house.lift("21")
        house.press("21", "*43#")
        #expect(house.heard("21") == ["21"], "hears itself")
        house.hangUp("21")
        #expect(house.isQuiet)
        house.lift("21")
        house.press("21", "*44#")
        #expect(house.heard("21") == ["tones"])
        let tones = house.media.state.withLock { state in
            state.players.values.compactMap {
                if case .tones(let tones, let repeats) = $0, repeats { tones } else { nil }
            }
        }
        #expect(tones == [[ToneSegment(1_020, 0, levelDBm0: 0, milliseconds: 0)]])
        house.hangUp("21")
        #expect(house.isQuiet)
        house.lift("21")
        house.press("21", "*65#")
        #expect(
            house.heard("21")
                == ["The number of this telephone is 2 1. The address of this box is 1 9 2 dot 0 dot 2 dot 7."])
        house.finishPlayers()
        house.pass(100)
        #expect(house.heard("21") == ["reorder"], "that is all")
        house.hangUp("21")
        #expect(house.isQuiet)
    }

    @Test func `somebody from outside cannot dial them`() {
        let house = Household()
        let stranger = house.call("*43", from: "0301234567")
        #expect(stranger.asked.withLock { $0 } == ["reject 404"])
    }

    @Test func `the dial tone stutters while a message waits, and a lamp is lit`() throws {
        let house = Household()
        let phone = try #require(house.phones["21"])
        phone.station.handle(.messageWaiting(true), now: house.now)
        #expect(phone.device.lamps == [.messageWaiting] && phone.station.report.isMessageWaiting)
        house.lift("21")
        #expect(house.heard("21") == ["stutter"])
        house.hangUp("21")
        phone.station.handle(.messageWaiting(false), now: house.now)
        #expect(phone.device.lamps.isEmpty)
        house.lift("21")
        #expect(house.heard("21") == ["dial"])
        // Where the country has no such tone, ten short pieces go before the dial tone.
        let stutter = TonePlan.standard.stutter
        #expect(stutter.count == 21 && stutter.last == TonePlan.standard.dial.first)
        #expect(stutter.prefix(20).allSatisfy { $0.isOnce && $0.milliseconds == 100 })
    }

    @Test func `that a message waits is kept over a restart`() {
        let path = NSTemporaryDirectory() + "messages-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let memory = MessageMemory(path: path)
        #expect(memory.set(true, for: "hall") && memory.set(true, for: "desk") && memory.set(false, for: "hall"))
        let next = MessageMemory(path: path)
        #expect(next.waits(for: "desk") && !next.waits(for: "hall"))
        #expect(!MessageMemory(path: "/nowhere/messages.json").set(true, for: "hall"))
        try? "broken".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(!MessageMemory(path: path).waits(for: "desk"))
    }

    @Test func `a receiver left off hears reorder, the howler and then nothing`() {
        let house = Household()
        house.lift("21")
        house.pass(15_100)
        #expect(house.heard("21") == ["reorder"])
        house.pass(30_000)
        #expect(house.heard("21") == ["tones"], "the howler")
        house.pass(60_000)
        #expect(house.heard("21").isEmpty && house.state("21") == "off-hook")
        house.hangUp("21")
        house.lift("21")
        #expect(house.heard("21") == ["dial"])
    }

    /// On and off in turn, as heard, in tens of ms.
    private func bell(_ house: Household, seconds: Int) -> [Int] {
        var lengths: [Int] = []
        var last = false
        var count = 0
        for _ in 0..<(seconds * 100) {
            let rings = house.rings("21")
            if rings != last {
                if count > 0 || !lengths.isEmpty { lengths.append(count) }
                (last, count) = (rings, 0)
            }
            count += 1
            house.pass(10)
        }
        return lengths
    }

    @Test func `the bell tells who calls: inside, outside, a room`() {
        var country = StationCountry()
        country.cadences = [.inside: [1_000, 4_000], .outside: [400, 200, 400, 2_000], .group: [2_000, 1_000]]
        func close(_ measured: [Int], _ wanted: [Int]) -> Bool {
            measured.count >= wanted.count && zip(measured, wanted).allSatisfy { abs($0 - $1) <= 2 }
        }
        let inside = Household(country: country)
        inside.lift("22")
        inside.press("22", "21#")
        _ = bell(inside, seconds: 4)
        let first = bell(inside, seconds: 12)
        #expect(close(Array(first.dropFirst()), [100, 400]), "\(first)")
        let outside = Household(country: country)
        _ = outside.call("21", from: "0301234567")
        let second = bell(outside, seconds: 8)
        #expect(close(Array(second.dropFirst()), [20, 40, 200, 40, 20]), "\(second)")
        // A room's invitation, as the exchange asks for it.
        let group = Household(country: country)
        guard let station = group.phones["21"]?.station else { return }
        var request = DialRequest(destination: "21", callerNumber: "111", callerName: "Room 111", headers: [])
        request.caller = .group
        station.handle(.call(station.makeLeg(port: nil), request), now: group.now)
        let third = bell(group, seconds: 10)
        #expect(close(Array(third.dropFirst()), [100, 200, 100]), "\(third)")
    }

    @Test func `a rotary telephone dials, and its recall is longer than a pulse`() {
        let house = Household { $0.hasPulseDial = true }
        func pulses(_ number: String, _ count: Int) {
            for _ in 0..<count {
                house.phones[number]?.device.offHook = false
                house.phones[number]?.station.deviceReadable(now: house.now)
                house.pass(60)
                house.phones[number]?.device.offHook = true
                house.phones[number]?.station.deviceReadable(now: house.now)
                house.pass(40)
            }
            house.pass(700)
        }
        house.lift("21")
        pulses("21", 2)
        pulses("21", 2)
        house.pass(4_100)
        #expect(house.rings("22"))
        house.lift("22")
        #expect(house.heard("21") == ["22"])
        house.flash("21", milliseconds: 200)
        #expect(house.heard("21") == ["recall"])
    }

    @Test func `the country's flash window holds`() {
        var country = StationCountry()
        country.flashMilliseconds = 300...1_000
        let house = Household(country: country)
        house.connect("21", "22")
        house.flash("21", milliseconds: 150)
        #expect(house.heard("21") == ["22"], "shorter than a flash there")
        house.flash("21", milliseconds: 600)
        #expect(house.heard("21") == ["recall"])
    }
}
