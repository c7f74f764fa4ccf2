// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ScenarioAPI
import Scripting
import Telephony
import Testing

/// The scripts of `LegConversations` in real workers, on the real exchange, with legs that note what is asked of them.
@Suite(.serialized) struct LegConversationTests {
    private let caller = UInt32(1)

    private func house(
        _ script: String, _ drivers: [any LegDriver] = [], fence: FenceOptions = .closed
    ) throws -> ExchangeOnWorkers {
        let box = try ScriptedBox(["leg.js": script, "polite.js": Self.polite])
        return try ExchangeOnWorkers(
            folder: box.folder, gateway: "leg.js", conference: "polite.js", workers: 1, drivers: drivers, fence: fence,
            keeping: box)
    }

    private static let polite = """
        const room = VoxEngine.createConference();
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
            call.answer();
            call.addEventListener(CallEvents.Connected, () => VoxEngine.sendMediaBetween(call, room));
        });
        """

    private func says(_ house: ExchangeOnWorkers, _ words: String) async throws {
        try await house.wait("\"\(words)\"") { house.written.contains { $0.contains("=> \(words) ") } }
    }

    private func answered(_ house: ExchangeOnWorkers, _ destination: String = "100") async throws -> ListeningLeg {
        let leg = house.call(caller, destination, headers: [HeaderField("X-A", "b")])
        try await house.wait("an answer") { leg.asked.contains("answer") }
        house.tell(leg, .answered([]))
        return leg
    }

    @Test func `a caller is asked who he is, answered, spoken to, recorded and hung up`() async throws {
        let house = try house(LegConversations.caller)
        let leg = try await answered(house)
        let port = try #require(leg.port)
        #expect(leg.asked.prefix(3) == ["ring", "early media", "answer"])
        try await says(house, "started true")
        try await says(house, "who true 100 1  sip")
        try await says(house, "what b ALERTING false true true d")
        try await says(house, "Call.StateChanged CONNECTED")
        try await house.wait("the words") { house.media.heard(by: 1) == ["one"] }
        #expect(Set(leg.asked).isSuperset(of: ["message hello", "info a/b c"]))
        #expect(
            Set(house.media.notes).isSuperset(of: ["digits 12 to 1", "beep 1 true", "progress 1 true", "record r"]))
        house.media(.playerStarted(try #require(house.media.players.last), milliseconds: 700))
        house.media(.recordingStarted(try #require(house.media.recorders.first), name: "r.mp3"))
        house.media(.firstAudio(port))
        house.media(.talking(port, true))
        house.media(.flowing(port, false))
        house.media(.flowing(port, true))
        house.media(.progressTone(port))
        house.media(.beep(port, milliseconds: 300))
        for news in ReInvite.allCases { house.tell(leg, .reInvite(news, [])) }
        house.tell(leg, .held(true))
        house.tell(leg, .held(false))
        house.tell(leg, .message("hey"))
        house.tell(leg, .info(contentType: "x/y", body: "z", []))
        house.tell(leg, .transferRequested(TransferRequest(target: "sip:a@b", replaces: nil)))
        for words in [
            "Call.PlaybackReady", "Call.PlaybackStarted 700", "Call.RecordStarted http://localhost/recordings/r.mp3",
            "Call.FirstAudioPacketReceived", "Call.AudioQualityDetected Standard", "Call.MicStatusChange true",
            "Call.RtpStopped", "Call.RtpResumed", "Call.ToneDetected true", "Call.BeepDetectionComplete 300",
            "Call.ReInviteReceived", "Call.ReInviteAccepted", "Call.ReInviteRejected", "Call.OnHold", "Call.OffHold",
            "Call.MessageReceived hey", "Call.InfoReceived x/y",
            "Call.BlindTransferRequested sip:a@b",
        ] { try await says(house, words) }
        house.press(leg, "2")
        try await says(house, "Call.ToneReceived 2")
        try await says(house, "vad true")
        try await house.wait("the file") {
            house.media.notes.contains("recording stops") && house.media.players.count == 2
        }
        #expect(house.media.notes.contains("beep 1 false"))
        let recorder = try #require(house.media.recorders.first)
        house.media(.recordingEnded(recorder, name: "r.mp3", seconds: 2, error: "the disk is full"))
        try await says(house, "Call.RecordError the disk is full")
        try await says(house, "Call.RecordStopped http://localhost/recordings/r.mp3")
        let file = try #require(house.media.players.last)
        house.media(.playerStarted(file, milliseconds: 900))
        house.media(.playerFinished(file, error: nil))
        try await says(house, "Call.PlaybackFinished")
        house.press(leg, "3")
        try await house.wait("the tone") { house.media.players.count == 3 }
        house.tell(leg, .held(true))
        house.press(leg, "4")
        // He speaks without a pause: an announcement.
        try await says(house, "Call.ToneDetected false")
        house.press(leg, "78")
        try await house.wait("both outcomes") { leg.asked.contains("transfer 200") }
        #expect(leg.asked.contains("transfer 603"))
        let holds = house.written.filter { $0.contains("=> Call.OnHold ") }
        #expect(holds.count == 1, "that listener was removed")
        house.press(leg, "9")
        try await house.wait("the end") { leg.asked.last == "hang up" }
        try await says(house, "Call.Disconnected")
    }

    @Test func `an announcement is heard by a script that asks for nothing else`() async throws {
        let house = try house(LegConversations.prompted)
        let leg = try await answered(house)
        house.media(.talking(try #require(leg.port), true))
        try await says(house, "announcement true")
        #expect(!house.written.contains { $0.contains("not asked for") })
    }

    @Test func `a caller is refused by reject and by decline`() async throws {
        let house = try house(LegConversations.caller)
        for (number, destination, answer) in [(UInt32(1), "nobody", "reject 404"), (2, "never", "reject 603")] {
            let leg = house.call(number, destination)
            try await house.wait(answer) { leg.asked == [answer] }
        }
    }

    @Test(arguments: ["user", "direct", "pstn", "sip"])
    func `calls out ring, are heard early, answered, connected, cut and transferred`(way: String) async throws {
        let other = ListeningLeg(2)
        let third = ListeningLeg(3)
        let callable = Callable(
            inside: ["22": other, "33": third], outside: ["0301": other, "sip:a@192.0.2.9": other])
        let fence = FenceOptions(
            allowed: [AnyDestination()], barred: [], hosts: ["192.0.2.9"], minutesPerDay: 10, mostCalls: 2, code: "",
            ownNumbers: [], ownHosts: [])
        let house = try house(LegConversations.dialler, [callable], fence: fence)
        let leg = house.call(caller, way, from: .phones)
        try await house.wait("an answer") { leg.asked.contains("answer") && !callable.dialled.isEmpty }
        house.tell(leg, .answered([]))
        house.tell(other, .ringing([]))
        house.tell(other, .earlyMedia([]))
        house.tell(other, .answered([]))
        for words in ["other Call.Ringing", "other Call.AudioStarted", "other Call.Connected"] {
            try await says(house, words)
        }
        try await house.wait("both ways") { house.media.heard(by: 1) == ["2"] && house.media.heard(by: 2) == ["1"] }
        house.press(leg, "1")
        try await house.wait("silence") { house.media.heard(by: 1) == [] && house.media.heard(by: 2) == [] }
        house.press(leg, "3")
        try await house.wait("one way") { house.media.heard(by: 1) == ["2"] && house.media.heard(by: 2) == [] }
        house.press(leg, "4")
        try await house.wait("silence again") { house.media.heard(by: 1) == [] }
        // The one who was called is transferred: to somebody who is busy, then to the caller himself.
        house.press(leg, "2")
        try await house.wait("a call to 33") { callable.dialled.last == "inside 33" }
        house.tell(third, .hungUp(.userBusy, []))
        try await says(house, "other Call.TransferFailed 486")
        house.press(leg, "5")
        try await says(house, "other Call.TransferComplete transferee")
        try await says(house, "other Call.Disconnected")
        try await house.wait("together") { house.media.heard(by: 1) == ["2"] && house.media.heard(by: 2) == ["1"] }
        house.tell(leg, .hungUp(.normalClearing, []))
        #expect(other.asked.last == "hang up")
    }

    @Test func `a call out that nobody takes has failed, and one to a conference is answered by its script`()
        async throws
    {
        let other = ListeningLeg(2)
        let callable = Callable(inside: ["22": other])
        let house = try house(LegConversations.dialler, [callable])
        let leg = house.call(caller, "user", from: .phones)
        try await house.wait("an answer") { leg.asked.contains("answer") && !callable.dialled.isEmpty }
        house.tell(leg, .answered([]))
        house.tell(other, .hungUp(.userBusy, []))
        try await says(house, "other Call.Failed 486")
        let second = house.call(3, "room")
        try await house.wait("an answer") { second.asked.contains("answer") }
        house.tell(second, .answered([]))
        try await says(house, "it is conference true")
        let third = house.call(4, "room")
        try await house.wait("an answer") { third.asked.contains("answer") }
        house.tell(third, .answered([]))
        try await house.wait("both in the room") {
            house.media.heard(by: 3) == ["4"] && house.media.heard(by: 4) == ["3"]
        }
    }

    @Test func `a conference of the caller's own session`() async throws {
        let other = ListeningLeg(2)
        let callable = Callable(inside: ["22": other])
        let house = try house(LegConversations.room, [callable])
        let leg = try await answered(house)
        try await house.wait("a call to 22") { !callable.dialled.isEmpty }
        house.tell(other, .answered([]))
        for words in [
            "Conference.Started", "id true", "end true true BOTH MIX", "list 1 true", "Conference.EndpointAdded BOTH",
            "Conference.EndpointUpdated BOTH",
        ] {
            try await says(house, words)
        }
        try await house.wait("they meet") { house.media.heard(by: 1) == ["2"] && house.media.heard(by: 2) == ["1"] }
        house.press(leg, "1")
        try await says(house, "Conference.EndpointManaged SEND")
        try await house.wait("one way") { house.media.heard(by: 1) == [] && house.media.heard(by: 2) == ["1"] }
        house.press(leg, "2")
        try await house.wait("both ways") { house.media.heard(by: 1) == ["2"] }
        house.press(leg, "3")
        try await house.wait("one way again") { house.media.heard(by: 1) == [] }
        house.press(leg, "4")
        try await house.wait("words for all") { house.media.heard(by: 2) == ["1", "to all"] }
        house.press(leg, "5")
        try await house.wait("no words") { house.media.heard(by: 2) == ["1"] }
        house.press(leg, "6")
        try await house.wait("a file") { house.media.players.count >= 2 }
        house.press(leg, "8")
        try await says(house, "Conference.Stopped")
        house.press(leg, "9")
        house.tell(leg, .hungUp(.normalClearing, []))
        try await house.wait("the other is alone") { house.media.heard(by: 2) == [] }
    }

    @Test func `players and a recorder go where they are sent`() async throws {
        let house = try house(LegConversations.sounds)
        let leg = try await answered(house)
        for words in ["Player.Created", "SequencePlayer.Created", "ids 4"] { try await says(house, words) }
        try await house.wait("five players, one recorder") {
            house.media.players.count == 5 && house.media.notes.contains("record own")
        }
        let (player, sequence) = (house.media.players[0], house.media.players[4])
        house.press(leg, "1")
        try await house.wait("words") { house.media.heard(by: 1) == ["spoken"] }
        house.media(.playerStarted(player, milliseconds: 60))
        for words in ["Player.PlaybackReady", "Player.Started 60", "Player.PlaybackMarkerReached 1"] {
            try await says(house, words)
        }
        house.press(leg, "2")
        try await house.wait("a pause") { house.media.notes.suffix(2) == ["pause", "resume"] }
        house.press(leg, "3")
        try await house.wait("silence") { house.media.heard(by: 1) == [] }
        house.press(leg, "4")
        house.media(.playerSegments(sequence, milliseconds: [40, 40]))
        house.media(.playerStarted(sequence, milliseconds: 80))
        for words in [
            "SequencePlayer.PlaybackReady", "SequencePlayer.Started 80", "SequencePlayer.PlaybackMarkerReached 1",
        ] {
            try await says(house, words)
        }
        house.press(leg, "5")
        try await house.wait("a muted recorder") { house.media.notes.contains("recorder silent") }
        let recorder = try #require(house.media.recorders.first)
        house.media(.recordingStarted(recorder, name: "own.mp3"))
        try await says(house, "Recorder.Started http://localhost/recordings/own.mp3")
        house.press(leg, "6")
        try await house.wait("its end") { house.media.notes.contains("recording stops") }
        house.media(.recordingEnded(recorder, name: "own.mp3", seconds: 3, error: "the disk is full"))
        try await says(house, "Recorder.Stopped http://localhost/recordings/own.mp3")
        house.press(leg, "7")
        try await says(house, "Player.Stopped")
        house.press(leg, "8")
        try await says(house, "SequencePlayer.Stopped")
        #expect(house.written.contains { $0.contains("Recorder.RecorderError the disk is full") })
    }

    @Test func `these scripts use all that a call, a conference, a player and a recorder can do`() {
        let written = ScriptWords.of(LegConversations.all.joined(separator: "\n"))
        let owners = [
            "Call", "CallEvents", "Conference", "ConferenceEvents", "Endpoint", "Player", "PlayerEvents",
            "SequencePlayer", "SequencePlayerEvents", "Recorder", "RecorderEvents",
        ]
        let missing = owners.flatMap(MemberTable.members(of:)).filter { member in
            guard member.isSupported else { return false }
            return !written.contains(MemberTable.classes.contains(member.owner) ? ".\(member.name)" : member.path)
        }
        // A beep that can not be looked for any more, a call out that was sent elsewhere, a mixer that is full: MemberTests has them.
        let elsewhere = ["CallEvents.BeepDetectionError", "CallEvents.Forwarding", "ConferenceEvents.ConferenceError"]
        #expect(missing.map(\.path) == elsewhere)
    }
}

private struct AnyDestination: DestinationPattern {
    func matchesWhole(_ destination: String) -> Bool { true }
}
