// SPDX-License-Identifier: Apache-2.0

extension MemberTable {
    static let outOfScope = "not a matter of voice on one box"
    static let noRecognition = "there is no speech recognition on this box"
    static let noWebSockets = "no web sockets; Net.httpRequest and AppEvents.HttpRequest do it"

    static let engine: [ScenarioMember] = [
        .function(
            "VoxEngine", "addEventListener",
            "<K extends keyof AppEventMap>(event: K, listener: (event: AppEventMap[K]) => unknown): void"),
        .function(
            "VoxEngine", "removeEventListener", "(event: keyof AppEventMap, listener?: Function): void",
            note: "Without a listener all of the event go."),
        .function(
            "VoxEngine", "callConference",
            "(id: string, callerid?: string | null, displayName?: string | null, headers?: CallHeaders | null, scheme?: unknown): Call",
            "(options: { conferenceId: string; callerid?: string; displayName?: string; extraHeaders?: CallHeaders }): Call",
            note: "Joins the running session of that id, or starts one by the rules."),
        .function(
            "VoxEngine", "callPSTN", "(number: string, callerid?: string | null, options?: CallOptions): Call",
            old: ["(number: string): Call"],
            note:
                "By a landline or a trunk, as far as the settings allow; an emergency number always, but for callers from outside without the code."
        ),
        .function(
            "VoxEngine", "callSIP", "(to: string, options?: CallOptions): Call",
            old: [
                "(to: string, callerid?: string, displayName?: string, password?: string, authUser?: string, headers?: CallHeaders): Call"
            ], note: "Passwords and proxies of a trunk stand in the settings, not in scripts."),
        .function(
            "VoxEngine", "callUser", "(options: CallOptions & { username: string }): Call",
            old: ["(username: string, callerid?: string, displayName?: string, headers?: CallHeaders): Call"],
            note: "A phone of this box, by its name or extension."),
        .function(
            "VoxEngine", "callUserDirect", "(incoming: Call, username: string, options?: CallOptions): Call",
            note: "The same as callUser: sound always goes through the box."),
        .function(
            "VoxEngine", "forwardCallToUserDirect", "(onEstablished?: Established, options?: CallOptions): void",
            "(transform: (name: string) => string, onEstablished: Established, options?: CallOptions): void"),
        .function(
            "VoxEngine", "createConference",
            "(options?: { hd_audio?: boolean; roomKeys?: boolean; joinTones?: boolean }): Conference",
            note:
                "roomKeys and joinTones are ours. hd_audio changes nothing: each hears the others as well as the own line can."
        ),
        .function("VoxEngine", "destroyConference", "(conference: Conference): void"),
        .function(
            "VoxEngine", "createURLPlayer",
            "(url: string | { url: string; method?: string; headers?: CallHeaders; body?: string }, options?: PlayerOptions): Player",
            old: ["(url: string, loop?: boolean): Player"],
            note: "The answer to anything but a GET without a body is fetched anew each time and not kept."),
        .function(
            "VoxEngine", "createTTSPlayer", "(text: string, options?: SpeechOptions & PlayerOptions): Player",
            old: ["(text: string, language?: string, options?: PlayerOptions): Player"],
            note: "At most 1500 characters are said."),
        .function("VoxEngine", "createToneScriptPlayer", "(script: string, options?: PlayerOptions): Player"),
        .function("VoxEngine", "createToneScript", "(script: string, loop?: boolean): Player", note: "The old name."),
        .function(
            "VoxEngine", "createSequencePlayer",
            "(options: { segments: ({ text: string; parameters?: SpeechOptions } | { url: string; parameters?: object })[] } & PlayerOptions): SequencePlayer"
        ),
        .function("VoxEngine", "createRecorder", "(options?: RecordOptions): Recorder"),
        .function("VoxEngine", "sendMediaBetween", "(a: MediaUnit, b: MediaUnit): void"),
        .function("VoxEngine", "stopMediaBetween", "(a: MediaUnit, b: MediaUnit): void"),
        .function(
            "VoxEngine", "easyProcess",
            "(call1: Call, call2: Call, onEstablished?: Established, direct?: boolean): void",
            note:
                "Messages and INFO are handed on; a re-INVITE (hold, another codec) is between that phone and the box."),
        .function(
            "VoxEngine", "forwardCallToPSTN",
            "(transform?: ((number: string) => string) | null, onEstablished?: Established | null, options?: CallOptions): void"
        ),
        .function(
            "VoxEngine", "forwardCallToUser", "(onEstablished?: Established, options?: CallOptions): void",
            "(transform: (name: string) => string, onEstablished: Established, options?: CallOptions): void"),
        .function(
            "VoxEngine", "forwardCallToSIP", "(onEstablished?: Established, options?: CallOptions): void",
            "(transform: (name: string) => string, onEstablished: Established, options?: CallOptions): void"),
        .function("VoxEngine", "playSoundAndHangup", "(url: string): void"),
        .function(
            "VoxEngine", "customData", "(data?: string): string",
            note: "What `partyline scenario start RULE --data` gave the session."),
        .function(
            "VoxEngine", "terminate", "(): void",
            note: "The running function still ends; then only Terminating and Terminated come."),
        .function(
            "VoxEngine", "allowWebSocketConnections", "(): void",
            support: .withoutEffect("there are no web sockets here")),
        .function(
            "VoxEngine", "disallowWebSocketConnections", "(): void",
            support: .withoutEffect("there are no web sockets here")),
        .function(
            "VoxEngine", "createWebSocket", "(...values: unknown[]): never", support: .refused(noWebSockets)),
        .function("VoxEngine", "createASR", "(...values: unknown[]): never", support: .refused(noRecognition)),
        .function("VoxEngine", "createStreamingAgent", "(...values: unknown[]): never", support: .refused(outOfScope)),
        .function("VoxEngine", "enqueueACDRequest", "(...values: unknown[]): never", support: .refused(outOfScope)),
        .function("VoxEngine", "enqueueTask", "(...values: unknown[]): never", support: .refused(outOfScope)),
        .function("VoxEngine", "callWhatsappUser", "(...values: unknown[]): never", support: .refused(outOfScope)),
        .constant("VoxEngine", "RecordExpireTime", "typeof RecordExpireTime"),
        .constant("VoxEngine", "CallList", "typeof CallList"),
    ]

    static let application: [ScenarioMember] = [
        .event(
            "AppEvents", "Started",
            "sessionId: number; conference_name?: string; accessURL: string; accessSecureURL: string; logURL: string; accountId: number; applicationId: number"
        ),
        .event(
            "AppEvents", "CallAlerting",
            "call: Call; callerid: string; destination: string; displayName: string; fromURI: string; toURI: string; headers: CallHeaders; customData: string; scheme: string"
        ),
        .event(
            "AppEvents", "HttpRequest",
            "method: string; path: string; content: string; headers: { key: string; value: string }[]",
            note:
                "What the listener returns is the answer: text and numbers as they are, everything else (also of a promise) as JSON."
        ),
        .event("AppEvents", "Terminating", note: "One HTTP request may still be made; timers are dead."),
        .event("AppEvents", "Terminated"),
        .event("AppEvents", "WebSocket", "", support: .refused("no web sockets")),
        .event("AppEvents", "NewWebSocketFailed", "", support: .refused("no web sockets")),
    ]
}
