// SPDX-License-Identifier: Apache-2.0

extension MemberTable {
    static let call: [ScenarioMember] = [
        .function(
            "Call", "addEventListener",
            "<K extends keyof CallEventMap>(event: K, listener: (event: CallEventMap[K]) => void): void"),
        .function(
            "Call", "removeEventListener", "(event: keyof CallEventMap, listener?: Function): void",
            note: "Without a listener all of the event go."),
        .function("Call", "state", "(): \"ALERTING\" | \"PROGRESSING\" | \"CONNECTED\" | \"TERMINATED\""),
        .function("Call", "id", "(): string"),
        .function("Call", "incoming", "(): boolean"),
        .function("Call", "callerid", "(): string"),
        .function("Call", "displayName", "(): string"),
        .function("Call", "number", "(): string"),
        .function("Call", "headers", "(): CallHeaders"),
        .function("Call", "clientType", "(): \"pstn\" | \"sip\" | \"user\" | \"conference\""),
        .function("Call", "customData", "(data?: string): string"),
        .function("Call", "vad", "(): boolean", note: "Whether speech comes from the call now."),
        .function("Call", "toString", "(): string"),
        .constant("Call", "is_conf", "boolean", note: "A call to or from a conference."),
        .function("Call", "answer", "(headers?: CallHeaders, options?: object): void"),
        .function("Call", "answerDirect", "(peer?: Call, headers?: CallHeaders): void", note: "The same as answer."),
        .function("Call", "reject", "(code?: number, headers?: CallHeaders): void", note: "SIP codes 300 to 699."),
        .function("Call", "decline", "(code?: number, headers?: CallHeaders): void", note: "Old; reject with 603."),
        .function("Call", "ring", "(headers?: CallHeaders): void"),
        .function("Call", "startEarlyMedia", "(headers?: CallHeaders, scheme?: unknown): void"),
        .function("Call", "hangup", "(headers?: CallHeaders): void"),
        .function(
            "Call", "say", "(text: string, options?: SpeechOptions): void",
            old: ["(text: string, language?: string): void"],
            note: "At most 1500 characters. Replaces what the call hears."),
        .function(
            "Call", "startPlayback", "(url: string, options?: PlayerOptions): void",
            old: ["(url: string, loop?: boolean): void"], note: "Replaces what the call hears."),
        .function("Call", "stopPlayback", "(): void", note: "PlaybackFinished does not follow."),
        .function("Call", "playProgressTone", "(country: \"US\" | \"RU\"): void"),
        .function("Call", "record", "(options?: RecordOptions): void"),
        .function("Call", "stopRecording", "(): void", note: "Ours; a recording ends with its call anyway."),
        .function(
            "Call", "handleTones", "(enabled?: boolean, type?: number): void",
            note: "Off when a call begins; without an argument: on."),
        .function("Call", "sendDigits", "(digits: string): void", note: "0-9 * # and p, a pause of a second."),
        .function("Call", "sendMessage", "(text: string): void"),
        .function("Call", "sendInfo", "(mimeType: string, body: string, headers?: CallHeaders): void"),
        .function("Call", "sendMediaTo", "(unit: MediaUnit): void"),
        .function("Call", "stopMediaTo", "(unit: MediaUnit): void"),
        .function("Call", "handleMicStatus", "(enabled?: boolean): void"),
        .function(
            "Call", "handleBlindTransfer", "(enabled?: boolean): void",
            note:
                "On: BlindTransferRequested tells what the phone at the far end wants, and the script does it. Off, as a call begins: the box does it; the script keeps its call, with somebody else at its far end."
        ),
        .function("Call", "notifyBlindTransferSuccess", "(): void"),
        .function("Call", "notifyBlindTransferFailed", "(): void"),
        .function(
            "Call", "transferTo", "(target: { to?: string; call?: Call; headers?: CallHeaders }): void",
            note:
                "To a number or address (as a phone of the house would dial it), or to another call of the session; TransferComplete and Disconnected follow, or TransferFailed, and then nothing has changed."
        ),
        .function(
            "Call", "enableBeepDetection", "(options?: { timeout?: number; [other: string]: unknown }): void",
            note: "timeout in milliseconds; then BeepDetectionComplete comes with timeout: true."),
        .function("Call", "disableBeepDetection", "(): void"),
        .function(
            "Call", "detectProgressTone", "(enabled?: boolean): void",
            note: "Of 2016; ToneDetected tells of each tone of the country's network."),
        .function(
            "Call", "detectVoicemailTone", "(timeout?: number, threshold?: number): void",
            note: "Of 2016; ToneDetected tells, after the timeout in any case."),
        .function(
            "Call", "detectVoicemailPrompt", "(timeout?: number, speechDuration?: number): void",
            note: "Of 2016; speech of speechDuration (3000 ms) without a pause is an announcement; ToneDetected tells."),
        .function(
            "Call", "reInvite", "(...values: unknown[]): never",
            support: .refused("the box renews sessions by itself")),
        .function(
            "Call", "acceptReInvite", "(...values: unknown[]): never",
            support: .refused("the box answers by itself")),
        .function(
            "Call", "rejectReInvite", "(...values: unknown[]): never",
            support: .refused("the box answers by itself")),
    ]

    private static let noVideo = "there is no video here"

    static let callEvents: [ScenarioMember] = [
        .event("CallEvents", "Connected", "headers: CallHeaders; customData: string"),
        .event(
            "CallEvents", "Disconnected",
            "headers: CallHeaders; internalCode: number; reason: string; duration: number; cost: number; direction: \"Incoming\" | \"Outgoing\""
        ),
        .event(
            "CallEvents", "Failed", "code: number; reason: string; headers: CallHeaders",
            note: "408 when nobody answers within 60 s."),
        .event("CallEvents", "Ringing", "headers: CallHeaders"),
        .event("CallEvents", "AudioStarted", "headers: CallHeaders"),
        .event("CallEvents", "ToneReceived", "tone: string; type: number"),
        .event("CallEvents", "PlaybackReady"),
        .event("CallEvents", "PlaybackStarted", "duration: number"),
        .event(
            "CallEvents", "PlaybackFinished", "error?: string",
            note: "Only at the natural end, or when it can not be played."),
        .event("CallEvents", "RecordStarted", "url: string"),
        .event("CallEvents", "RecordStopped", "url: string; cost: number; duration: number"),
        .event("CallEvents", "RecordError", "error: string"),
        .event("CallEvents", "MessageReceived", "text: string; headers: CallHeaders"),
        .event("CallEvents", "InfoReceived", "mimeType: string; body: string; headers: CallHeaders"),
        .event("CallEvents", "OnHold"),
        .event(
            "CallEvents", "OffHold",
            note: "Also when whoever held the call has handed it on: by REFER, or by hanging up after a flash."),
        .event("CallEvents", "MicStatusChange", "active: boolean", note: "After handleMicStatus(true)."),
        .event("CallEvents", "ToneDetected", "ProgressTone: boolean; VoicemailTone: boolean"),
        .event("CallEvents", "StateChanged", "oldState: string; newState: string"),
        .event(
            "CallEvents", "BlindTransferRequested", "transferTo: string; headers: CallHeaders",
            note: "After handleBlindTransfer(true)."),
        .event(
            "CallEvents", "TransferComplete", "role: string",
            note: "\"transferee\": the call that was transferred; \"target\": the one to which it was."),
        .event("CallEvents", "TransferFailed", "code: number; reason: string"),
        .event("CallEvents", "FirstAudioPacketReceived"),
        .event("CallEvents", "RtpStopped"),
        .event("CallEvents", "RtpResumed"),
        .event("CallEvents", "AudioQualityDetected", "quality: \"HD\" | \"Standard\""),
        .event("CallEvents", "BeepDetectionComplete", "duration: number; timeout?: true"),
        .event(
            "CallEvents", "BeepDetectionError", "reason: string",
            note: "The call has ended, or had ended before, and no beep was heard."),
        .event(
            "CallEvents", "ReInviteReceived", "headers: CallHeaders",
            note:
                "SIP: a phone holds, comes back, or changes its codec. The box answers by itself; OnHold or OffHold follows."
        ),
        .event(
            "CallEvents", "ReInviteAccepted", "headers: CallHeaders",
            note: "SIP: of a re-INVITE by which the box itself renews the session."),
        .event(
            "CallEvents", "ReInviteRejected", "headers: CallHeaders",
            note: "The same; the call goes on as it was."),
        .event(
            "CallEvents", "Forwarding", "to: string",
            note:
                "Whoever was called named another place (SIP 3xx), and the box calls there. What the settings forbid is not followed."
        ),
        .event("CallEvents", "PushSent", "", support: .refused("there are no push services here")),
        .event("CallEvents", "Statistics", "", support: .refused("see `partyline room`")),
        .event("CallEvents", "VideoTrackCreated", "", support: .refused(noVideo)),
        .event("CallEvents", "FirstVideoPacketReceived", "", support: .refused(noVideo)),
        .event("CallEvents", "AudioIdentificationComplete", "", support: .refused("a service of the cloud")),
        .event("CallEvents", "AudioIdentificationError", "", support: .refused("a service of the cloud")),
    ]
}
