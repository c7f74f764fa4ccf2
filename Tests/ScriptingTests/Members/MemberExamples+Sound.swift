// SPDX-License-Identifier: Apache-2.0

import Telephony

extension MemberExamples {
    private static let one = UnitID(-1)
    private static let room = "const c = VoxEngine.createConference();"
    private static let added = room + " const p = c.add({call, mode: 'MIX', direction: 'BOTH', displayName: 'Ada'});"

    static let conference: [MemberExample] = [
        .init(
            "Conference.addEventListener", room + "hear(c, ConferenceEvents.Started)", [.conferenceStarted(one)],
            gives: "Conference.Started"),
        .init(
            "Conference.removeEventListener",
            room
                + "hear(c, ConferenceEvents.Started); c.removeEventListener(ConferenceEvents.Started); hear(c, ConferenceEvents.Stopped)",
            [.conferenceStarted(one), .conferenceStopped(one)], gives: "Conference.Stopped",
            lacks: ["Conference.Started"]),
        .init("Conference.id", room + "out(c.id() === c.getId(), c.id() !== call.id())", gives: "=> true true"),
        .init("Conference.getId", room + "out(typeof c.getId())", gives: "=> string"),
        .init("Conference.stop", room + "c.stop()", gives: "stopConference:{_0:u-1}"),
        .init("Conference.sendMediaTo", room + "c.sendMediaTo(call)", gives: "connect:{from:u-1,to:u1}"),
        .init("Conference.stopMediaTo", room + "c.stopMediaTo(call)", gives: "disconnect:{from:u-1,to:u1}"),
        .init("Conference.getList", added + "out(c.getList().length, c.getList()[0] === p)", gives: "=> 1 true"),
        .init("Conference.get", added + "out(c.get(p.id()) === p, c.get('x'))", gives: "=> true"),
        .init(
            "Conference.add", room + "c.add({call, mode: 'FORWARD', direction: 'SEND', scheme: {}})",
            gives: "connect:{from:u1,to:u-1}", "disconnect:{from:u-1,to:u1}"),
        .init(
            "Conference.say", room + "c.say('hi', Language.US_ENGLISH_FEMALE)",
            gives: "startPlayback:{_0:u-1,_1:{speech:{_0:hi,language:US_ENGLISH_FEMALE}},loop:false}"),
        .init(
            "Conference.startPlayback", room + "c.startPlayback('a.wav', true)",
            gives: "startPlayback:{_0:u-1,_1:{url:{_0:a.wav}},loop:true}"),
        .init("Conference.stopPlayback", room + "c.stopPlayback()", gives: "stopPlayback:{_0:u-1}"),
        .init(
            "ConferenceEvents.Started", room + "hear(c, ConferenceEvents.Started)", [.conferenceStarted(one)],
            gives: "Conference.Started"),
        .init(
            "ConferenceEvents.Stopped", room + "hear(c, ConferenceEvents.Stopped)", [.conferenceStopped(one)],
            gives: "Conference.Stopped"),
        .init(
            "ConferenceEvents.ConferenceError", room + "hear(c, ConferenceEvents.ConferenceError)",
            [.conferenceError(one, "full")], gives: "\"error\":\"full\",\"code\":500"),
        .init(
            "ConferenceEvents.EndpointAdded", added + "hear(c, ConferenceEvents.EndpointAdded)",
            gives: "Conference.EndpointAdded", "\"mode\":\"MIX\",\"direction\":\"BOTH\""),
        .init(
            "ConferenceEvents.EndpointUpdated",
            added + "hear(c, ConferenceEvents.EndpointUpdated); p.setDisplayName('Eve')",
            gives: "Conference.EndpointUpdated"),
        .init(
            "ConferenceEvents.EndpointRemoved", added + "hear(c, ConferenceEvents.EndpointRemoved)",
            [.disconnected(.caller, headers: [], code: 200, reason: "", seconds: 0)],
            gives: "Conference.EndpointRemoved"),
        .init(
            "ConferenceEvents.EndpointManaged",
            added + "hear(c, ConferenceEvents.EndpointManaged); p.manageEndpoint({direction: 'RECEIVE'})",
            gives: "Conference.EndpointManaged", "\"direction\":\"RECEIVE\""),
        .init("Endpoint.id", added + "out(typeof p.id())", gives: "=> string"),
        .init("Endpoint.getCall", added + "out(p.getCall() === call)", gives: "=> true"),
        .init("Endpoint.getDirection", added + "out(p.getDirection())", gives: "=> BOTH"),
        .init("Endpoint.getMode", added + "out(p.getMode())", gives: "=> MIX"),
        .init("Endpoint.setDisplayName", added + "p.setDisplayName('Eve')", gives: "nameCaller:{_0:u1,_1:Eve}"),
        .init(
            "Endpoint.manageEndpoint", added + "p.manageEndpoint({direction: 'RECEIVE'})",
            gives: "disconnect:{from:u1,to:u-1}"),
    ]

    private static let started = SessionEvent.playbackStarted(one, milliseconds: 60)

    private static func player(_ type: String, _ make: String) -> [MemberExample] {
        let begin = "const p = \(make);"
        let events = "\(type)Events"
        return [
            .init(
                "\(type).addEventListener", begin + "hear(p, \(events).Started)", [started], gives: "\(type).Started"),
            .init(
                "\(type).removeEventListener",
                begin
                    + "hear(p, \(events).Started); p.removeEventListener(\(events).Started); hear(p, \(events).PlaybackFinished)",
                [started, .playbackFinished(one, error: nil)], gives: "\(type).PlaybackFinished",
                lacks: ["\(type).Started"]),
            .init("\(type).id", begin + "out(typeof p.id(), p.id() !== call.id())", gives: "=> string true"),
            .init("\(type).pause", begin + "p.pause(); p.pause()", gives: "pausePlayer:{_0:u-1,_1:true}"),
            .init("\(type).resume", begin + "p.pause(); p.resume()", gives: "pausePlayer:{_0:u-1,_1:false}"),
            .init("\(type).stop", begin + "p.stop()", gives: "stopPlayer:{_0:u-1}"),
            .init("\(type).sendMediaTo", begin + "p.sendMediaTo(call)", gives: "connect:{from:u-1,to:u1}"),
            .init("\(type).stopMediaTo", begin + "p.stopMediaTo(call)", gives: "disconnect:{from:u-1,to:u1}"),
            .init(
                "\(type).addMarker",
                begin + "hear(p, \(events).PlaybackMarkerReached); p.addMarker(10); p.addMarker(-20)", [started],
                gives: "\"offset\":10}", "\"offset\":-20}"),
            .init("\(events).Created", begin + "hear(p, \(events).Created)", gives: "\(type).Created"),
            .init(
                "\(events).PlaybackReady", begin + "hear(p, \(events).PlaybackReady)", [started],
                gives: "\(type).PlaybackReady"),
            .init("\(events).Started", begin + "hear(p, \(events).Started)", [started], gives: "\"duration\":60}"),
            .init("\(events).Stopped", begin + "hear(p, \(events).Stopped); p.stop()", gives: "\(type).Stopped"),
            .init(
                "\(events).PlaybackFinished", begin + "hear(p, \(events).PlaybackFinished)",
                [started, .playbackFinished(one, error: nil)], gives: "\(type).PlaybackFinished"),
            .init(
                "\(events).Error", begin + "hear(p, \(events).Error)", [.playbackFinished(one, error: "no file")],
                gives: "\"error\":\"no file\"}"),
            .init(
                "\(events).PlaybackMarkerReached", begin + "hear(p, \(events).PlaybackMarkerReached); p.addMarker(5)",
                [started], gives: "\"offset\":5}"),
        ]
    }

    static let players: [MemberExample] =
        player("Player", "VoxEngine.createURLPlayer('a.wav')")
        + player("SequencePlayer", "VoxEngine.createSequencePlayer({segments: [{text: 'a'}, {url: 'b.wav'}]})") + [
            .init(
                "SequencePlayer.addMarker",
                "const p = VoxEngine.createSequencePlayer({segments: [{text: 'a'}, {url: 'b.wav'}]}); const t = []; p.addEventListener(SequencePlayerEvents.Started, () => t.push(Date.now())); p.addEventListener(SequencePlayerEvents.PlaybackMarkerReached, (m) => out(m.offset, m.segment, Date.now() - t[0] >= 28)); p.addMarker(-10, 1)",
                [.playbackSegments(one, milliseconds: [20, 20]), .playbackStarted(one, milliseconds: 40)],
                gives: "=> -10 1 true")
        ]

    private static let recording = "const r = VoxEngine.createRecorder();"
    private static let state =
        "const s = new IVRState('a', {type: 'inputunknown', terminateOn: '#', timeout: 9000}, (i) => out('done', i, s.input)); s.enter(call);"

    static let recorder: [MemberExample] = [
        .init(
            "Recorder.addEventListener", recording + "hear(r, RecorderEvents.Started)",
            [.recordStarted(one, url: "/r")], gives: "Recorder.Started"),
        .init(
            "Recorder.removeEventListener",
            recording
                + "hear(r, RecorderEvents.Started); r.removeEventListener(RecorderEvents.Started); hear(r, RecorderEvents.Stopped)",
            [.recordStarted(one, url: "/r"), .recordStopped(one, url: "/r", seconds: 2)], gives: "Recorder.Stopped",
            lacks: ["Recorder.Started"]),
        .init("Recorder.id", recording + "out(typeof r.id())", gives: "=> string"),
        .init(
            "Recorder.mute", recording + "r.mute(true); call.sendMediaTo(r)", gives: "muteRecorder:{_0:u-1,_1:true}",
            "connect:{from:u1,to:u-1}"),
        .init("Recorder.stop", recording + "r.stop()", gives: "stopRecorder:{_0:u-1}"),
        .init(
            "RecorderEvents.Started", recording + "hear(r, RecorderEvents.Started)", [.recordStarted(one, url: "/r")],
            gives: "\"url\":\"/r\"}"),
        .init(
            "RecorderEvents.Stopped", recording + "hear(r, RecorderEvents.Stopped)",
            [.recordStopped(one, url: "/r", seconds: 2)], gives: "\"url\":\"/r\",\"cost\":0,\"duration\":2}"),
        .init(
            "RecorderEvents.RecorderError", recording + "hear(r, RecorderEvents.RecorderError)",
            [.recordError(one, "full")], gives: "\"error\":\"full\"}"),
        .init(
            "IVRState.constructor", state,
            [.tone(.caller, "1", .telephoneEvent), .tone(.caller, "#", .telephoneEvent)], gives: "=> done 1# 1#"),
        .init(
            "IVRState.enter",
            "new IVRState('a', {type: 'select', prompt: {say: 'press', lang: Language.US_ENGLISH_FEMALE}}).enter(call)",
            gives: "handleTones:{_0:u1,enabled:true", "speech:{_0:press,language:US_ENGLISH_FEMALE}"),
        .init(
            "IVRState.input", state + "call.addEventListener(CallEvents.OnHold, () => out(s.input))",
            [.tone(.caller, "7", .telephoneEvent), .onHold(.caller)], gives: "=> 7"),
        .init(
            "IVR.reset", state + "IVR.reset(); call.addEventListener(CallEvents.OnHold, () => out(`[${s.input}]`))",
            [.tone(.caller, "7", .telephoneEvent), .onHold(.caller)], gives: "=> []"),
    ]
}
