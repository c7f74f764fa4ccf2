// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Telephony
import Testing

/// What people at the command line ask of the house, as far as files have to be looked at for it.
@Suite struct SwitchboardTests {
    /// Somebody is alone in room 111.
    private func withRoom(
        _ media: BookkeepingMedia, _ body: (Switchboard) async throws -> Void
    ) async throws {
        let mail = Mail()
        let room = RoutingRule(name: "room", pattern: ExactPattern { _ in true }, origins: [], scenarios: ["room.js"])
        let plan = DialPlan(emergencyNumbers: ["112"], roomNumbers: ExactPattern { _ in true })
        let switchboard = Switchboard(
            options: ExchangeOptions(rules: RoutingRules([room]), dialPlan: plan, maxCalls: 10, voice: "en"),
            media: media, host: ScriptedHost(), drivers: [], lines: nil, mail: mail,
            watchers: EventWatchers(clock: { 0 }, log: { _ in }), completeStatus: { _ in })
        let work = Task { await switchboard.run() }
        defer { work.cancel() }
        let leg = ScriptedLeg(1)
        mail.incoming(
            CallOffer(
                leg: leg, destination: "conf_111", callerNumber: "21", callerName: "", origin: .phones, fromURI: "",
                toURI: "", headers: [], peer: "test", account: nil, replaces: nil))
        let (session, caller, conference) = (SessionID(1), UnitID(1), UnitID(-1))
        mail.perform(.createConference(conference, SessionConferenceOptions()), of: session)
        mail.perform(.answer(caller, headers: []), of: session)
        mail.post(.answered([]), from: leg.id)
        mail.perform(.connect(from: caller, to: conference), of: session)
        mail.perform(.connect(from: conference, to: caller), of: session)
        var people = 0
        for _ in 0..<100_000 {
            people = await switchboard.room("111")?.participants.count ?? 0
            if people > 0 { break }
            await Task.yield()
        }
        try #require(people == 1)
        try await body(switchboard)
    }

    @Test func `a file that can not be played is refused with the reason, and nothing is begun`() async throws {
        let media = BookkeepingMedia()
        try await withRoom(media) { switchboard in
            media.books.withLock { $0.obstacle = "nosuch.wav: no such file; put it into the folder of prompts" }
            let play = ControlRequest.play(room: "111", file: "nosuch.wav")
            #expect(
                await switchboard.perform(play)
                    == .refused("nosuch.wav: no such file; put it into the folder of prompts"))
            #expect(media.player(saying: "nosuch.wav") == nil)
            let elsewhere = await switchboard.perform(.play(room: "9", file: "nosuch.wav"))
            if case .notFound = elsewhere {} else { Issue.record("\(elsewhere)") }
            media.books.withLock { $0.obstacle = nil }
            #expect(await switchboard.perform(play) == .done)
            #expect(media.player(saying: "nosuch.wav") != nil)
        }
    }

    @Test func `a recording that can not begin is refused, one that runs goes on`() async throws {
        let media = BookkeepingMedia()
        try await withRoom(media) { switchboard in
            let start = ControlRequest.record(room: "111", action: "start")
            media.books.withLock { $0.obstacle = "the disk is full" }
            #expect(await switchboard.perform(start) == .refused("the disk is full"))
            #expect(media.books.withLock { $0.recorders.isEmpty })
            media.books.withLock { $0.obstacle = nil }
            #expect(await switchboard.perform(start) == .done)
            #expect(await switchboard.perform(.record(room: "111", action: "pause")) == .done)
            media.books.withLock { $0.obstacle = "the disk is full" }
            #expect(await switchboard.perform(start) == .done)
        }
    }

    @Test func `without a player that is free nothing is said to be done`() async throws {
        let media = BookkeepingMedia(maxPlayers: 0)
        try await withRoom(media) { switchboard in
            #expect(
                await switchboard.perform(.say(room: "111", text: "Dinner")) == .refused("all players are in use"))
        }
    }
}
