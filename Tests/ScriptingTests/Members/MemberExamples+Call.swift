// SPDX-License-Identifier: Apache-2.0

import Telephony

extension MemberExamples {
    private static let all = "sources:[telephoneEvent,info,keys,inBand]"
    private static func playing(_ more: SessionEvent...) -> [SessionEvent] {
        [.playbackStarted(.caller, milliseconds: 1200)] + more
    }

    static let call: [MemberExample] = [
        .init("Call.addEventListener", "hear(call, CallEvents.OnHold)", [.onHold(.caller)], gives: "Call.OnHold"),
        .init(
            "Call.removeEventListener",
            "hear(call, CallEvents.OnHold); hear(call, CallEvents.OnHold); call.removeEventListener(CallEvents.OnHold); hear(call, CallEvents.OffHold)",
            [.onHold(.caller), .offHold(.caller)], gives: "Call.OffHold", lacks: ["Call.OnHold"]),
        .init(
            "Call.removeEventListener",
            "const gone = () => out('gone'); const stays = () => out('stays'); for (const f of [gone, stays]) call.addEventListener(CallEvents.OnHold, f); call.removeEventListener(CallEvents.OnHold, gone)",
            [.onHold(.caller)], gives: "=> stays", lacks: ["=> gone"]),
        .init(
            "Call.state",
            "out(call.state()); call.addEventListener(CallEvents.Connected, () => out(call.state())); const c = VoxEngine.callPSTN('1'); out(c.state()); call.addEventListener(CallEvents.Disconnected, () => out(call.state()))",
            [.connected(.caller, headers: []), .disconnected(.caller, headers: [], code: 200, reason: "", seconds: 0)],
            gives: "=> ALERTING", "=> PROGRESSING", "=> CONNECTED", "=> TERMINATED"),
        .init("Call.id", "out(call.id() === e.call.id(), typeof call.id())", gives: "=> true string"),
        .init("Call.incoming", "out(call.incoming(), VoxEngine.callPSTN('1').incoming())", gives: "=> true false"),
        .init("Call.callerid", "out(call.callerid())", gives: "=> 200"),
        .init("Call.displayName", "out(call.displayName())", gives: "=> Ada"),
        .init("Call.number", "out(call.number())", gives: "=> 100"),
        .init("Call.headers", "out(call.headers())", gives: "=> {\"X-A\":\"b\"}"),
        .init("Call.clientType", "out(call.clientType(), VoxEngine.callPSTN('1').clientType())", gives: "=> sip pstn"),
        .init("Call.customData", "call.customData('d'); out(call.customData())", gives: "=> d"),
        .init(
            "Call.vad", "call.addEventListener(CallEvents.OnHold, () => out(call.vad()))",
            [.micStatus(.caller, active: true), .onHold(.caller)], gives: "=> true"),
        .init("Call.toString", "out(`${call}`)", gives: "u1 from 200"),
        .init("Call.is_conf", "out(call.is_conf, VoxEngine.callConference('c').is_conf)", gives: "=> false true"),
        .init(
            "Call.answer", "call.answer({'X-B': 'c'}, {displayName: 'x'})",
            gives: "answer:{_0:u1,headers:[{name:X-B,value:c}]}"),
        .init("Call.answerDirect", "call.answerDirect(call)", gives: "answer:{_0:u1,headers:[]}"),
        .init(
            "Call.reject", "call.reject(404, {'X-B': 'c'})",
            gives: "reject:{_0:u1,headers:[{name:X-B,value:c}],status:404}"),
        .init("Call.decline", "call.decline()", gives: "reject:{_0:u1,headers:[],status:603}"),
        .init("Call.ring", "call.ring(null)", gives: "ring:{_0:u1,headers:[]}"),
        .init("Call.startEarlyMedia", "call.startEarlyMedia()", gives: "startEarlyMedia:{_0:u1,headers:[]}"),
        .init("Call.hangup", "call.hangup({'X-B': 'c'})", gives: "hangUp:{_0:u1,headers:[{name:X-B,value:c}]}"),
        .init(
            "Call.say", "call.say('hi', Language.US_ENGLISH_FEMALE)",
            gives: "startPlayback:{_0:u1,_1:{speech:{_0:hi,language:US_ENGLISH_FEMALE}},loop:false}"),
        .init(
            "Call.say", "call.say('hi', {voice: VoiceList.Amazon.en_US_Joanna, progressivePlayback: true})",
            gives: "speech:{_0:hi,language:en_US_Joanna}"),
        .init(
            "Call.startPlayback", "call.startPlayback('a.wav', true)",
            gives: "startPlayback:{_0:u1,_1:{url:{_0:a.wav}},loop:true}"),
        .init(
            "Call.startPlayback", "call.startPlayback('a.wav', {loop: true, progressivePlayback: true})",
            gives: "url:{_0:a.wav}},loop:true}"),
        .init("Call.stopPlayback", "call.stopPlayback()", gives: "stopPlayback:{_0:u1}"),
        .init(
            "Call.playProgressTone", "call.playProgressTone('RU')", gives: "toneScript:{_0:425@-19;*(1/4/1)}},loop:true"
        ),
        .init(
            "Call.record",
            "call.record({stereo: true, format: 'wav', recordNamePrefix: 'p', expire: RecordExpireTime.THREEMONTHS})",
            gives:
                "startRecording:{_0:u1,_1:{expiresAfterDays:90,format:wav,isHighDefinition:false,isStereo:true,name:p}}"
        ),
        .init("Call.record", "call.record()", gives: "startRecording:{_0:u1,_1:{expiresAfterDays:0,format:mp3"),
        .init("Call.stopRecording", "call.stopRecording()", gives: "stopRecording:{_0:u1}"),
        .init("Call.handleTones", "call.handleTones()", gives: "handleTones:{_0:u1,enabled:true,"),
        .init(
            "Call.handleTones", "call.handleTones(false); call.handleTones(true, DTMFType.SIP_INFO)",
            gives: "handleTones:{_0:u1,enabled:false,", "handleTones:{_0:u1,enabled:true,sources:["),
        .init("Call.sendDigits", "call.sendDigits('1p2')", gives: "sendDigits:{_0:u1,_1:1}", "sendDigits:{_0:u1,_1:2}"),
        .init("Call.sendMessage", "call.sendMessage('hey')", gives: "sendMessage:{_0:u1,_1:hey}"),
        .init(
            "Call.sendInfo", "call.sendInfo('a/b', 'c', {'X-B': 'd'})",
            gives: "sendInfo:{_0:u1,body:c,contentType:a/b,headers:[{name:X-B,value:d}]}"),
        .init("Call.sendMediaTo", "call.sendMediaTo(VoxEngine.createConference())", gives: "connect:{from:u1,to:u-1}"),
        .init(
            "Call.stopMediaTo", "call.stopMediaTo(VoxEngine.createConference())", gives: "disconnect:{from:u1,to:u-1}"),
        .init(
            "Call.handleMicStatus", "call.handleMicStatus(true); hear(call, CallEvents.MicStatusChange)",
            [.micStatus(.caller, active: true)], gives: "Call.MicStatusChange"),
        .init(
            "Call.handleBlindTransfer", "call.handleBlindTransfer(true)", gives: "handleBlindTransfer:{_0:u1,_1:true}"),
        .init(
            "Call.notifyBlindTransferSuccess", "call.notifyBlindTransferSuccess()",
            gives: "blindTransferResult:{_0:u1,isDone:true}"),
        .init(
            "Call.notifyBlindTransferFailed", "call.notifyBlindTransferFailed()",
            gives: "blindTransferResult:{_0:u1,isDone:false}"),
        .init(
            "Call.transferTo", "call.transferTo({to: 'sip:a@b', headers: {'X-B': 'c'}})",
            gives: "transfer:{_0:u1,headers:[{name:X-B,value:c}],to:sip:a@b}"),
        .init(
            "Call.transferTo", "call.transferTo({call: VoxEngine.callUser('ada')})",
            gives: "transfer:{_0:u1,call:u-1,headers:[],to:ada}"),
        .init(
            "Call.enableBeepDetection",
            "call.enableBeepDetection({timeout: 5}); hear(call, CallEvents.BeepDetectionComplete)",
            gives: "detectBeep:{_0:u1,_1:true}", "\"timeout\":true", "detectBeep:{_0:u1,_1:false}"),
        .init(
            "Call.enableBeepDetection",
            "call.enableBeepDetection({timeout: 400}); hear(call, CallEvents.BeepDetectionComplete); setTimeout(() => out('later'), 450)",
            [.beepDetected(.caller, milliseconds: 300)], gives: "\"duration\":300", "=> later",
            lacks: ["\"timeout\":true"]),
        .init("Call.disableBeepDetection", "call.disableBeepDetection()", gives: "detectBeep:{_0:u1,_1:false}"),
        .init("Call.detectProgressTone", "call.detectProgressTone()", gives: "detectProgressTone:{_0:u1,_1:true}"),
        .init(
            "Call.detectVoicemailTone", "hear(call, CallEvents.ToneDetected); call.detectVoicemailTone(5000, 0.7)",
            [.beepDetected(.caller, milliseconds: 300)], gives: "detectBeep:{_0:u1,_1:true}", "\"VoicemailTone\":true"),
        .init(
            "Call.detectVoicemailTone", "hear(call, CallEvents.ToneDetected); call.detectVoicemailTone(5)",
            gives: "\"VoicemailTone\":false"),
        .init(
            "Call.detectVoicemailPrompt", "hear(call, CallEvents.ToneDetected); call.detectVoicemailPrompt(5000, 20)",
            [.micStatus(.caller, active: true)], gives: "handleMicStatus:{_0:u1,enabled:true}",
            "\"VoicemailTone\":true"),
        .init(
            "Call.detectVoicemailPrompt", "hear(call, CallEvents.ToneDetected); call.detectVoicemailPrompt(400, 200)",
            [.micStatus(.caller, active: true), .micStatus(.caller, active: false)], gives: "\"VoicemailTone\":false"),
    ]

    private static func heard(_ name: String, _ event: SessionEvent, _ fields: String, before: String = "")
        -> MemberExample
    {
        .init(
            "CallEvents.\(name)", "\(before) hear(call, CallEvents.\(name))", [event],
            gives: "=> {\"name\":\"Call.\(name)\",\"id\":\"s", "\"\(fields)}")
    }

    static let callEvents: [MemberExample] = [
        heard(
            "Connected", .connected(.caller, headers: [HeaderField("X-B", "c")]),
            ",\"headers\":{\"X-B\":\"c\"},\"customData\":\"\""),
        heard(
            "Disconnected", .disconnected(.caller, headers: [], code: 200, reason: "bye", seconds: 3),
            ",\"headers\":{},\"internalCode\":200,\"reason\":\"bye\",\"duration\":3,\"cost\":0,\"direction\":\"Incoming\""
        ),
        .init(
            "CallEvents.Failed", "hear(VoxEngine.callPSTN('1'), CallEvents.Failed)",
            [.failed(UnitID(-1), code: 486, reason: "busy", headers: [])],
            gives: "\"code\":486,\"reason\":\"busy\",\"headers\":{}}"),
        .init(
            "CallEvents.Ringing", "hear(VoxEngine.callPSTN('1'), CallEvents.Ringing)",
            [.ringing(UnitID(-1), headers: [])], gives: "Call.Ringing"),
        .init(
            "CallEvents.AudioStarted", "hear(VoxEngine.callPSTN('1'), CallEvents.AudioStarted)",
            [.audioStarted(UnitID(-1), headers: [])], gives: "Call.AudioStarted"),
        heard("ToneReceived", .tone(.caller, "5", .info), ",\"tone\":\"5\",\"type\":3"),
        heard("PlaybackReady", .playbackStarted(.caller, milliseconds: 5), "", before: "call.say('a');"),
        heard(
            "PlaybackStarted", .playbackStarted(.caller, milliseconds: 5), ",\"duration\":5", before: "call.say('a');"),
        heard(
            "PlaybackFinished", .playbackFinished(.caller, error: "no file"), ",\"error\":\"no file\"",
            before: "call.say('a');"),
        heard("RecordStarted", .recordStarted(.caller, url: "/r"), ",\"url\":\"/r\""),
        heard(
            "RecordStopped", .recordStopped(.caller, url: "/r", seconds: 4), ",\"url\":\"/r\",\"cost\":0,\"duration\":4"
        ),
        .init(
            "CallEvents.RecordStopped", "call.record(); hear(call, CallEvents.RecordStopped)",
            [
                .disconnected(.caller, headers: [], code: 200, reason: "", seconds: 5),
                .recordStopped(.caller, url: "/late", seconds: 4),
            ], gives: "\"url\":\"/late\""),
        heard("RecordError", .recordError(.caller, "full"), ",\"error\":\"full\""),
        heard("MessageReceived", .message(.caller, "hey"), ",\"text\":\"hey\",\"headers\":{}"),
        heard(
            "InfoReceived", .info(.caller, contentType: "a/b", body: "c", headers: []),
            ",\"mimeType\":\"a/b\",\"body\":\"c\",\"headers\":{}"),
        heard("OnHold", .onHold(.caller), ""),
        heard("OffHold", .offHold(.caller), ""),
        heard(
            "MicStatusChange", .micStatus(.caller, active: false), ",\"active\":false",
            before: "call.handleMicStatus();"),
        heard(
            "ToneDetected", .toneDetected(.caller, isProgressTone: true, isVoicemail: false),
            ",\"ProgressTone\":true,\"VoicemailTone\":false"),
        heard(
            "StateChanged", .connected(.caller, headers: []), ",\"oldState\":\"ALERTING\",\"newState\":\"CONNECTED\""),
        heard(
            "BlindTransferRequested", .transferRequested(.caller, to: "sip:a@b", headers: []),
            ",\"transferTo\":\"sip:a@b\",\"headers\":{}"),
        heard("TransferComplete", .transferCompleted(.caller, role: "transferor"), ",\"role\":\"transferor\""),
        heard("TransferFailed", .transferFailed(.caller, code: 603, reason: "no"), ",\"code\":603,\"reason\":\"no\""),
        heard("FirstAudioPacketReceived", .firstAudio(.caller), ""),
        heard("RtpStopped", .mediaStopped(.caller), ""),
        heard("RtpResumed", .mediaResumed(.caller), ""),
        heard("AudioQualityDetected", .audioQuality(.caller, isHighDefinition: true), ",\"quality\":\"HD\""),
        heard(
            "ReInviteReceived", .reInvite(.caller, .received, headers: [HeaderField("X-B", "c")]),
            ",\"headers\":{\"X-B\":\"c\"}"),
        heard("ReInviteAccepted", .reInvite(.caller, .accepted, headers: []), ",\"headers\":{}"),
        heard("ReInviteRejected", .reInvite(.caller, .rejected, headers: []), ",\"headers\":{}"),
        .init(
            "CallEvents.Forwarding", "hear(VoxEngine.callPSTN('1'), CallEvents.Forwarding)",
            [.forwarding(UnitID(-1), to: "22")], gives: "\"name\":\"Call.Forwarding\"", "\"to\":\"22\"}"),
        heard(
            "BeepDetectionError", .disconnected(.caller, headers: [], code: 200, reason: "", seconds: 1),
            ",\"reason\":\"the call has ended\"", before: "call.enableBeepDetection();"),
        .init(
            "CallEvents.BeepDetectionError",
            "hear(call, CallEvents.BeepDetectionError); hear(call, CallEvents.Disconnected); call.enableBeepDetection()",
            [
                .beepDetected(.caller, milliseconds: 300),
                .disconnected(.caller, headers: [], code: 200, reason: "", seconds: 1),
            ], gives: "Call.Disconnected", lacks: ["BeepDetectionError"]),
        heard("BeepDetectionComplete", .beepDetected(.caller, milliseconds: 300), ",\"duration\":300"),
    ]
}
