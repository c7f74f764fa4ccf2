// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// What a script is told of the signalling of its calls, and sounds that it asks for by more than an address.
@Suite struct ScriptNewsTests {
    private let anna = ScriptedLeg(1)
    private let bert = ScriptedLeg(2)
    private let carl = ScriptedLeg(3)
    private static let caller = UnitID(1)
    private static let agent = UnitID(-1)

    /// Anna has called a number whose script has answered and calls Bert, 22; Carl is 33.
    private func calling() throws -> TestHouse {
        let house = TestHouse(
            drivers: [OnePhone("22", bert), OnePhone("33", carl)], fence: try FenceTests.options())
        house.call(anna, "welcome", account: "anna")
        house.script(1, .answer(Self.caller, headers: []))
        house.leg(anna, .answered([]))
        house.script(
            1,
            .dial(
                Self.agent,
                SessionDial(target: .user, destination: "22", callerNumber: nil, callerName: nil, headers: [])))
        return house
    }

    private func told(_ house: TestHouse) -> [SessionEvent] {
        house.host.told.filter { $0.session == SessionID(1) }.map(\.event)
    }

    @Test func `a redirection that is followed is told, one that is not is a failure`() throws {
        let house = try calling()
        house.leg(bert, .redirected(["sip:33@192.0.2.1"]))
        house.leg(bert, .hungUp(.interworking, []))
        #expect(told(house).last == .forwarding(Self.agent, to: "33"))
        house.leg(carl, .answered([]))
        #expect(told(house).last == .connected(Self.agent, headers: []))
        let other = try calling()
        other.leg(bert, .redirected(["sip:0900123@192.0.2.1"]))
        other.leg(bert, .hungUp(.interworking, []))
        guard case .failed(Self.agent, _, _, _)? = told(other).last else {
            Issue.record("\(told(other))")
            return
        }
        #expect(!told(other).contains { if case .forwarding = $0 { true } else { false } })
    }

    @Test(arguments: ReInvite.allCases) func `a re-INVITE is told to the script of its call`(_ news: ReInvite) throws {
        let house = try calling()
        let headers = [HeaderField("X-A", "b")]
        house.leg(bert, .answered([]))
        house.leg(bert, .reInvite(news, headers))
        #expect(told(house).last == .reInvite(Self.agent, news, headers: headers))
        house.leg(anna, .reInvite(news, []))
        #expect(told(house).last == .reInvite(Self.caller, news, headers: []))
    }

    @Test func `a sound is asked for as the script wants it, over http only`() throws {
        let house = try calling()
        let request = SoundRequest(
            method: "POST", url: "https://x.example/say", headers: [HeaderField("X-Key", "k")], body: "{}")
        house.script(1, .createPlayer(UnitID(-5), .request(request), loop: false))
        #expect(house.media.player(saying: "POST https://x.example/say") != nil)
        house.script(
            1, .createPlayer(UnitID(-6), .request(SoundRequest(method: "POST", url: "a.wav")), loop: false))
        guard case .playbackFinished(UnitID(-6), .some)? = told(house).last else {
            Issue.record("\(told(house))")
            return
        }
    }
}
