// SPDX-License-Identifier: Apache-2.0

extension MemberTable {
    static let conference: [ScenarioMember] = [
        .function(
            "Conference", "addEventListener",
            "<K extends keyof ConferenceEventMap>(event: K, listener: (event: ConferenceEventMap[K]) => void): void"),
        .function("Conference", "removeEventListener", "(event: keyof ConferenceEventMap, listener?: Function): void"),
        .function("Conference", "id", "(): string"),
        .function("Conference", "getId", "(): string", note: "The old name."),
        .function("Conference", "stop", "(): void"),
        .function("Conference", "sendMediaTo", "(unit: MediaUnit): void"),
        .function("Conference", "stopMediaTo", "(unit: MediaUnit): void"),
        .function("Conference", "getList", "(): Endpoint[]", note: "Those who came by add()."),
        .function("Conference", "get", "(id: string): Endpoint | undefined"),
        .function(
            "Conference", "add",
            "(options: { call: Call; mode?: \"MIX\" | \"FORWARD\"; direction?: \"SEND\" | \"RECEIVE\" | \"BOTH\"; displayName?: string }): Endpoint",
            note: "FORWARD is mixed as well: a telephone has one ear. displayName is seen in the roster."),
        .function(
            "Conference", "say", "(text: string, options?: SpeechOptions): void", note: "Ours: words to the whole room."
        ),
        .function("Conference", "startPlayback", "(url: string, options?: PlayerOptions): void", note: "Ours."),
        .function("Conference", "stopPlayback", "(): void", note: "Ours."),
    ]

    private static let endpointFields =
        "endpoint: Endpoint; endpointId: string; mode: string; direction: string"

    static let conferenceEvents: [ScenarioMember] = [
        .event("ConferenceEvents", "Started"),
        .event("ConferenceEvents", "Stopped"),
        .event("ConferenceEvents", "ConferenceError", "error: string; code: number"),
        .event("ConferenceEvents", "EndpointAdded", endpointFields),
        .event("ConferenceEvents", "EndpointUpdated", endpointFields),
        .event("ConferenceEvents", "EndpointRemoved", endpointFields),
        .event("ConferenceEvents", "EndpointManaged", endpointFields),
    ]

    static let endpoint: [ScenarioMember] = [
        .function("Endpoint", "id", "(): string"),
        .function("Endpoint", "getCall", "(): Call"),
        .function("Endpoint", "getDirection", "(): string"),
        .function("Endpoint", "getMode", "(): string"),
        .function("Endpoint", "setDisplayName", "(name: string): void", note: "Seen in the roster of the room."),
        .function("Endpoint", "manageEndpoint", "(options: { mode?: string; direction?: string }): void"),
    ]

    private static func playerMembers(_ owner: String, marker: String) -> [ScenarioMember] {
        [
            .function(
                owner, "addEventListener",
                "<K extends keyof \(owner)EventMap>(event: K, listener: (event: \(owner)EventMap[K]) => void): void"),
            .function(owner, "removeEventListener", "(event: keyof \(owner)EventMap, listener?: Function): void"),
            .function(owner, "id", "(): string"),
            .function(owner, "pause", "(): void"),
            .function(owner, "resume", "(): void"),
            .function(owner, "stop", "(): void"),
            .function(owner, "sendMediaTo", "(unit: MediaUnit): void"),
            .function(owner, "stopMediaTo", "(unit: MediaUnit): void"),
            .function(owner, "addMarker", marker, note: "Milliseconds; negative: from the end."),
        ]
    }

    private static func playerEventMembers(_ owner: String, marker: String) -> [ScenarioMember] {
        [
            .event(owner, "Created"),
            .event(owner, "PlaybackReady"),
            .event(owner, "Started", "duration: number"),
            .event(owner, "Stopped"),
            .event(owner, "PlaybackFinished", "error?: string"),
            .event(owner, "Error", "error: string"),
            .event(owner, "PlaybackMarkerReached", marker),
        ]
    }

    static let player = playerMembers("Player", marker: "(offset: number): void")
    static let playerEvents =
        playerEventMembers("PlayerEvents", marker: "offset: number") + [
            .event("PlayerEvents", "PlaybackBuffering", "", support: .refused("a file is read before it is heard"))
        ]
    static let sequencePlayer = playerMembers("SequencePlayer", marker: "(offset: number, segment?: number): void")
    static let sequencePlayerEvents = playerEventMembers(
        "SequencePlayerEvents", marker: "offset: number; segment?: number")

    static let recorder: [ScenarioMember] = [
        .function(
            "Recorder", "addEventListener",
            "<K extends keyof RecorderEventMap>(event: K, listener: (event: RecorderEventMap[K]) => void): void"),
        .function("Recorder", "removeEventListener", "(event: keyof RecorderEventMap, listener?: Function): void"),
        .function("Recorder", "id", "(): string"),
        .function("Recorder", "mute", "(muted?: boolean): void"),
        .function("Recorder", "stop", "(): void"),
    ]

    static let recorderEvents: [ScenarioMember] = [
        .event("RecorderEvents", "Started", "url: string"),
        .event("RecorderEvents", "Stopped", "url: string; cost: number; duration: number"),
        .event("RecorderEvents", "RecorderError", "error: string"),
    ]

    static let ivr: [ScenarioMember] = [
        .function(
            "IVRState", "constructor",
            "(name: string, settings: IVRSettings, onInputComplete?: (input: string) => void, onInputTimeout?: (input: string) => void)",
            note: "The terminator is part of the input. A type that is none of the four throws."),
        .function("IVRState", "enter", "(call: Call): void"),
        .constant("IVRState", "input", "string"),
        .function("IVR", "reset", "(): void"),
    ]
}
