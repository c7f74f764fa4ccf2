// SPDX-License-Identifier: Apache-2.0

import Telephony

extension MemberExamples {
    static let engine: [MemberExample] = [
        .init("VoxEngine.addEventListener", "out(e.destination)", gives: "=> 100"),
        .init(
            "VoxEngine.addEventListener", "", top: "VoxEngine.addEventListener(AppEvents.Started, 5);",
            gives: "is not a function"),
        .init(
            "VoxEngine.removeEventListener", "out('still')",
            top:
                "const no = () => out('never'); VoxEngine.addEventListener(AppEvents.CallAlerting, no); VoxEngine.removeEventListener(AppEvents.CallAlerting, no);",
            gives: "=> still", lacks: ["never"]),
        .init(
            "VoxEngine.callConference", "VoxEngine.callConference('conf_1')",
            gives: "dial:{_0:u-1,_1:{destination:conf_1,headers:[],target:conference}}"),
        .init(
            "VoxEngine.callConference", "VoxEngine.callConference('c', null, null, null, null)",
            gives: "destination:c,headers:[],target:conference"),
        .init(
            "VoxEngine.callConference",
            "VoxEngine.callConference({conferenceId: 'c', callerid: '7', displayName: 'Eve', extraHeaders: {'X-B': 'c'}})",
            gives: "callerName:Eve,callerNumber:7,destination:c,headers:[{name:X-B,value:c}],target:conference"),
        .init("VoxEngine.callPSTN", "VoxEngine.callPSTN('030')", gives: "destination:030,headers:[],target:pstn"),
        .init(
            "VoxEngine.callPSTN", "VoxEngine.callPSTN('030', '7', {displayName: 'Eve', headers: {'X-B': 'c'}})",
            gives: "callerName:Eve,callerNumber:7,destination:030,headers:[{name:X-B,value:c}],target:pstn"),
        .init(
            "VoxEngine.callSIP",
            "VoxEngine.callSIP('sip:a@b', {callerid: '7', displayName: 'Eve', password: 'p', authUser: 'u', headers: {'X-B': 'c'}})",
            gives: "callerName:Eve,callerNumber:7,destination:sip:a@b,headers:[{name:X-B,value:c}],target:sip"),
        .init(
            "VoxEngine.callSIP", "VoxEngine.callSIP('sip:a@b', '7', 'Eve', 'p', 'u', {'X-B': 'c'}, false, 'proxy')",
            gives: "callerName:Eve,callerNumber:7,destination:sip:a@b,headers:[{name:X-B,value:c}],target:sip"),
        .init(
            "VoxEngine.callUser",
            "VoxEngine.callUser({username: 'ada', callerid: '7', extraHeaders: {'X-B': 'c'}, video: false})",
            gives: "callerNumber:7,destination:ada,headers:[{name:X-B,value:c}],target:user"),
        .init(
            "VoxEngine.callUser", "VoxEngine.callUser('ada', '7', 'Eve', {'X-B': 'c'}, false)",
            gives: "callerName:Eve,callerNumber:7,destination:ada,headers:[{name:X-B,value:c}],target:user"),
        .init(
            "VoxEngine.callUserDirect", "VoxEngine.callUserDirect(call, 'ada', {displayName: 'Eve'})",
            gives: "callerName:Eve,callerNumber:200,destination:ada,headers:[],target:user"),
        .init(
            "VoxEngine.forwardCallToUserDirect", "", top: "VoxEngine.forwardCallToUserDirect((c1, c2) => 0);",
            gives: "callerName:Ada,callerNumber:200,destination:100"),
        .init(
            "VoxEngine.forwardCallToUserDirect", "",
            top: "VoxEngine.forwardCallToUserDirect((n) => 'x' + n, () => 0, {displayName: 'Eve'});",
            gives: "callerName:Eve,callerNumber:200,destination:x100"),
        .init(
            "VoxEngine.createConference", "VoxEngine.createConference({hd_audio: true, roomKeys: true})",
            gives: "createConference:{_0:u-1,_1:{joinTones:false,roomKeys:true}}"),
        .init(
            "VoxEngine.createConference", "require(Modules.Conference); VoxEngine.createConference()",
            gives: "createConference:{_0:u-1,_1:{joinTones:false,roomKeys:false}}"),
        .init(
            "VoxEngine.destroyConference", "VoxEngine.destroyConference(VoxEngine.createConference())",
            gives: "stopConference:{_0:u-1}"),
        .init(
            "VoxEngine.createURLPlayer", "VoxEngine.createURLPlayer('a.wav', true)",
            gives: "createPlayer:{_0:u-1,_1:{url:{_0:a.wav}},loop:true}"),
        .init(
            "VoxEngine.createURLPlayer",
            "VoxEngine.createURLPlayer({url: 'http://a/b.mp3', method: 'GET'}, {loop: false, onPause: true})",
            gives: "createPlayer:{_0:u-1,_1:{url:{_0:http://a/b.mp3}},loop:false}", "pausePlayer:{_0:u-1,_1:true}"),
        .init(
            "VoxEngine.createTTSPlayer", "VoxEngine.createTTSPlayer('hi', Language.RU_RUSSIAN_FEMALE)",
            gives: "createPlayer:{_0:u-1,_1:{speech:{_0:hi,language:RU_RUSSIAN_FEMALE}},loop:false}"),
        .init(
            "VoxEngine.createTTSPlayer",
            "VoxEngine.createTTSPlayer('hi', {voice: VoiceList.Google.de_DE_Wavenet_A, onPause: false})",
            gives: "speech:{_0:hi,language:de_DE_Wavenet_A}"),
        .init(
            "VoxEngine.createToneScriptPlayer", "VoxEngine.createToneScriptPlayer('440@-19;*(1/1/1)', {loop: true})",
            gives: "toneScript:{_0:440@-19;*(1/1/1)}},loop:true"),
        .init(
            "VoxEngine.createToneScript", "VoxEngine.createToneScript('440@-19;*(1/1/1)', true)",
            gives: "toneScript:{_0:440@-19;*(1/1/1)}},loop:true"),
        .init(
            "VoxEngine.createSequencePlayer",
            "VoxEngine.createSequencePlayer({segments: [{text: 'hi', parameters: {language: 'de-DE'}}, {url: 'a.wav', parameters: {}}]})",
            gives: "sequence:{_0:[{speech:{_0:hi,language:de-DE}},{url:{_0:a.wav}}]}},loop:false"),
        .init(
            "VoxEngine.createRecorder",
            "VoxEngine.createRecorder({name: 'n', lossless: true, hd_audio: true, expire: VoxEngine.RecordExpireTime.ONEYEAR})",
            gives:
                "createRecorder:{_0:u-1,_1:{expiresAfterDays:365,format:flac,isHighDefinition:true,isStereo:false,name:n}}"
        ),
        .init(
            "VoxEngine.sendMediaBetween", "VoxEngine.sendMediaBetween(call, VoxEngine.createConference())",
            gives: "connect:{from:u1,to:u-1}", "connect:{from:u-1,to:u1}"),
        .init(
            "VoxEngine.stopMediaBetween", "VoxEngine.stopMediaBetween(call, VoxEngine.createConference())",
            gives: "disconnect:{from:u1,to:u-1}", "disconnect:{from:u-1,to:u1}"),
        .init(
            "VoxEngine.easyProcess",
            "VoxEngine.easyProcess(call, VoxEngine.callUser('ada'), (a, b) => out('both', a.id()))",
            [.ringing(UnitID(-1), headers: []), .connected(UnitID(-1), headers: []), .connected(.caller, headers: [])],
            gives: "ring:{_0:u1", "answer:{_0:u1", "connect:{from:u1,to:u-1}", "=> both s"),
        .init(
            "VoxEngine.forwardCallToPSTN", "",
            top: "VoxEngine.forwardCallToPSTN((n) => '0' + n, null, {callerid: '5'});",
            gives: "callerNumber:5,destination:0100,headers:[],target:pstn"),
        .init(
            "VoxEngine.forwardCallToUser", "", top: "VoxEngine.forwardCallToUser();",
            gives: "callerName:Ada,callerNumber:200,destination:100,headers:[{name:X-A,value:b}],target:user"),
        .init(
            "VoxEngine.forwardCallToUser", "",
            top: "VoxEngine.forwardCallToUser((n) => 'x' + n, () => 0, {callerid: '5'});",
            gives: "callerNumber:5,destination:x100"),
        .init(
            "VoxEngine.forwardCallToSIP", "",
            top: "VoxEngine.forwardCallToSIP(() => 0, {callerid: '5'});", gives: "callerNumber:5,destination:100"),
        .init(
            "VoxEngine.forwardCallToSIP", "", top: "VoxEngine.forwardCallToSIP((n) => `sip:${n}@b`, () => 0);",
            gives: "destination:sip:100@b,headers:[{name:X-A,value:b}],target:sip"),
        .init(
            "VoxEngine.playSoundAndHangup", "", top: "VoxEngine.playSoundAndHangup('a.wav');",
            [
                .connected(.caller, headers: []), .playbackStarted(.caller, milliseconds: 9),
                .playbackFinished(.caller, error: nil),
            ], gives: "answer:{_0:u1", "startPlayback:{_0:u1,_1:{url:{_0:a.wav}},loop:false}", "hangUp:{_0:u1"),
        .init(
            "VoxEngine.customData",
            "VoxEngine.customData('x'); out(VoxEngine.customData() + VoxEngine.customData().length)", gives: "=> x1"),
        .init(
            "VoxEngine.terminate", "VoxEngine.terminate(); out('still runs')", gives: "terminate:{}", "=> still runs",
            "ended: "),
        .init("VoxEngine.RecordExpireTime", "out(VoxEngine.RecordExpireTime.TWOYEARS)", gives: "=> -2y"),
        .init("VoxEngine.CallList", "out(typeof VoxEngine.CallList.reportError)", gives: "=> function"),
    ]

    static let application: [MemberExample] = [
        .init(
            "AppEvents.Started", "", top: "hear(VoxEngine, AppEvents.Started);",
            gives: "name\":\"Application.Started\",\"sessionId\":", "\"accessURL\":\"\""),
        .init(
            "AppEvents.CallAlerting", "",
            top: "VoxEngine.addEventListener(AppEvents.CallAlerting, ({ destination }) => out('to', destination));",
            gives: "=> to 100"),
        .init(
            "AppEvents.CallAlerting", "out(plain(e))",
            gives:
                "=> {\"name\":\"Application.CallAlerting\",\"callerid\":\"200\",\"destination\":\"100\",\"displayName\":\"Ada\",\"fromURI\":\"sip:200@box\",\"toURI\":\"sip:100@box\",\"headers\":{\"X-A\":\"b\"},\"customData\":\"\",\"scheme\":\"\"}"
        ),
        .init(
            "AppEvents.HttpRequest", "",
            top: "VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => { out(plain(e)); return {seen: e.path}; });",
            [.httpRequest(7, method: "POST", path: "/a?b", content: "c", headers: [HeaderField("X-H", "v")])],
            gives:
                "=> {\"name\":\"Application.HttpRequest\",\"method\":\"POST\",\"path\":\"/a?b\",\"content\":\"c\",\"headers\":[{\"key\":\"X-H\",\"value\":\"v\"}]}",
            "httpAnswer:{_0:7,body:{\\seen\\:\\/a?b\\},contentType:application/json,status:200}"),
        .init(
            "AppEvents.HttpRequest", "",
            top:
                "VoxEngine.addEventListener(AppEvents.HttpRequest, ({content}) => [true, 'yes', 5, undefined, null, () => 1][content]); VoxEngine.addEventListener(AppEvents.HttpRequest, () => undefined);",
            [
                .httpRequest(1, method: "GET", path: "", content: "0", headers: []),
                .httpRequest(2, method: "GET", path: "", content: "1", headers: []),
                .httpRequest(3, method: "GET", path: "", content: "2", headers: []),
                .httpRequest(4, method: "GET", path: "", content: "3", headers: []),
                .httpRequest(5, method: "GET", path: "", content: "4", headers: []),
                .httpRequest(6, method: "GET", path: "", content: "5", headers: []),
            ], gives: "_0:1,body:true,contentType:application/json", "_0:2,body:yes,contentType:text/plain",
            "_0:3,body:5,contentType:text/plain", "_0:4,body:,contentType:text/plain",
            "_0:5,body:null,contentType:application/json", "_0:6,body:null,contentType:application/json"),
        .init(
            "AppEvents.HttpRequest", "",
            top: "VoxEngine.addEventListener(AppEvents.HttpRequest, async () => { await null; return 'later'; });",
            [.httpRequest(1, method: "GET", path: "", content: "", headers: [])], gives: "_0:1,body:later"),
        .init(
            "AppEvents.HttpRequest", "", [.httpRequest(9, method: "GET", path: "", content: "", headers: [])],
            gives: "httpAnswer:{_0:9,", "status:404"),
        .init(
            "AppEvents.Terminating", "",
            top:
                "VoxEngine.addEventListener(AppEvents.Terminating, (e) => { out(plain(e)); setTimeout(() => out('dead'), 1); Net.httpRequest('http://last', (r) => out(r.text)); });",
            gives: "=> {\"name\":\"Application.Terminating\"}", "=> GET http://last", "ended: "),
        .init(
            "AppEvents.Terminating", "",
            top:
                "VoxEngine.addEventListener(AppEvents.Terminating, () => { Net.httpRequest('http://a'); Net.httpRequest('http://b'); });",
            gives: "Error: the session ends: no further request is possible"),
        .init(
            "AppEvents.Terminated", "", top: "hear(VoxEngine, AppEvents.Terminated);",
            gives: "=> {\"name\":\"Application.Terminated\"}"),
    ]
}
