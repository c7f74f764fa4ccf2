// SPDX-License-Identifier: Apache-2.0
//
// What scenarios of Partyline can use. Made by `partyline scenario reference --typescript`; do not edit.
// For an editor: a jsconfig.json beside the scenarios with {"compilerOptions": {"checkJs": true, "lib": ["ES2022"]}}.

type CallHeaders = { [name: string]: string } | string[];
type MediaUnit = Call | Conference | Player | SequencePlayer | Recorder;
type Established = (call1: Call, call2: Call) => void;
interface CallOptions {
    callerid?: string;
    displayName?: string;
    headers?: CallHeaders;
    extraHeaders?: CallHeaders;
    [other: string]: unknown;
}
interface PlayerOptions { loop?: boolean; onPause?: boolean; progressivePlayback?: boolean; [other: string]: unknown }
interface SpeechOptions { voice?: unknown; language?: string; progressivePlayback?: boolean; [other: string]: unknown }
interface RecordOptions {
    name?: string;
    recordNamePrefix?: string;
    format?: "mp3" | "wav" | "flac" | "ogg";
    lossless?: boolean;
    hd_audio?: boolean;
    stereo?: boolean;
    expire?: string | number;
    [other: string]: unknown;
}
interface IVRSettings {
    type: "select" | "inputfixed" | "inputunknown" | "noinput";
    prompt?: { say?: string; lang?: unknown; play?: string };
    inputLength?: number;
    inputValidator?: (input: string) => boolean;
    terminateOn?: string;
    timeout?: number;
    nextStates?: { [digit: string]: IVRState };
    nextState?: IVRState;
}
interface HttpOptions {
    method?: string;
    postData?: string | number[];
    headers?: CallHeaders;
    params?: { [name: string]: unknown };
    rawOutput?: boolean;
    timeout?: number;
    connectionTimeout?: number;
    enableSystemLog?: boolean;
}
interface HttpResult {
    code: number;
    text?: string;
    data: number[];
    headers: { key: string; value: string }[];
    raw_headers: string;
    error?: string;
}
interface StoredValue { key: string; value: string; ttl?: number }
interface PhoneNumberInfo {
    number: string;
    country: string;
    isPossibleNumber: boolean;
    isValidNumber: boolean;
    isValidNumberForRegion: boolean;
    numberType: string;
    location: string;
    error?: string;
}

declare const AppEvents: {
    readonly Started: "Application.Started";
    readonly CallAlerting: "Application.CallAlerting";
    /** What the listener returns is the answer: text and numbers as they are, everything else (also of a promise) as JSON. */
    readonly HttpRequest: "Application.HttpRequest";
    /** One HTTP request may still be made; timers are dead. */
    readonly Terminating: "Application.Terminating";
    readonly Terminated: "Application.Terminated";
    /** @deprecated Not available: no web sockets. */
    readonly WebSocket: "Application.WebSocket";
    /** @deprecated Not available: no web sockets. */
    readonly NewWebSocketFailed: "Application.NewWebSocketFailed";
};
interface AppEventMap {
    "Application.Started": { name: string; sessionId: number; conference_name?: string; accessURL: string; accessSecureURL: string; logURL: string; accountId: number; applicationId: number };
    "Application.CallAlerting": { name: string; call: Call; callerid: string; destination: string; displayName: string; fromURI: string; toURI: string; headers: CallHeaders; customData: string; scheme: string };
    "Application.HttpRequest": { name: string; method: string; path: string; content: string; headers: { key: string; value: string }[] };
    "Application.Terminating": { name: string; };
    "Application.Terminated": { name: string; };
    "Application.WebSocket": { name: string; };
    "Application.NewWebSocketFailed": { name: string; };
}

declare const CallEvents: {
    readonly Connected: "Call.Connected";
    readonly Disconnected: "Call.Disconnected";
    /** 408 when nobody answers within 60 s. */
    readonly Failed: "Call.Failed";
    readonly Ringing: "Call.Ringing";
    readonly AudioStarted: "Call.AudioStarted";
    readonly ToneReceived: "Call.ToneReceived";
    readonly PlaybackReady: "Call.PlaybackReady";
    readonly PlaybackStarted: "Call.PlaybackStarted";
    /** Only at the natural end, or when it can not be played. */
    readonly PlaybackFinished: "Call.PlaybackFinished";
    readonly RecordStarted: "Call.RecordStarted";
    readonly RecordStopped: "Call.RecordStopped";
    readonly RecordError: "Call.RecordError";
    readonly MessageReceived: "Call.MessageReceived";
    readonly InfoReceived: "Call.InfoReceived";
    readonly OnHold: "Call.OnHold";
    /** Also when whoever held the call has handed it on: by REFER, or by hanging up after a flash. */
    readonly OffHold: "Call.OffHold";
    /** After handleMicStatus(true). */
    readonly MicStatusChange: "Call.MicStatusChange";
    readonly ToneDetected: "Call.ToneDetected";
    readonly StateChanged: "Call.StateChanged";
    /** After handleBlindTransfer(true). */
    readonly BlindTransferRequested: "Call.BlindTransferRequested";
    /** "transferee": the call that was transferred; "target": the one to which it was. */
    readonly TransferComplete: "Call.TransferComplete";
    readonly TransferFailed: "Call.TransferFailed";
    readonly FirstAudioPacketReceived: "Call.FirstAudioPacketReceived";
    readonly RtpStopped: "Call.RtpStopped";
    readonly RtpResumed: "Call.RtpResumed";
    readonly AudioQualityDetected: "Call.AudioQualityDetected";
    readonly BeepDetectionComplete: "Call.BeepDetectionComplete";
    /** The call has ended, or had ended before, and no beep was heard. */
    readonly BeepDetectionError: "Call.BeepDetectionError";
    /** SIP: a phone holds, comes back, or changes its codec. The box answers by itself; OnHold or OffHold follows. */
    readonly ReInviteReceived: "Call.ReInviteReceived";
    /** SIP: of a re-INVITE by which the box itself renews the session. */
    readonly ReInviteAccepted: "Call.ReInviteAccepted";
    /** The same; the call goes on as it was. */
    readonly ReInviteRejected: "Call.ReInviteRejected";
    /** Whoever was called named another place (SIP 3xx), and the box calls there. What the settings forbid is not followed. */
    readonly Forwarding: "Call.Forwarding";
    /** @deprecated Not available: there are no push services here. */
    readonly PushSent: "Call.PushSent";
    /** @deprecated Not available: see `partyline room`. */
    readonly Statistics: "Call.Statistics";
    /** @deprecated Not available: there is no video here. */
    readonly VideoTrackCreated: "Call.VideoTrackCreated";
    /** @deprecated Not available: there is no video here. */
    readonly FirstVideoPacketReceived: "Call.FirstVideoPacketReceived";
    /** @deprecated Not available: a service of the cloud. */
    readonly AudioIdentificationComplete: "Call.AudioIdentificationComplete";
    /** @deprecated Not available: a service of the cloud. */
    readonly AudioIdentificationError: "Call.AudioIdentificationError";
};
interface CallEventMap {
    "Call.Connected": { name: string; call: Call; id: string; headers: CallHeaders; customData: string };
    "Call.Disconnected": { name: string; call: Call; id: string; headers: CallHeaders; internalCode: number; reason: string; duration: number; cost: number; direction: "Incoming" | "Outgoing" };
    "Call.Failed": { name: string; call: Call; id: string; code: number; reason: string; headers: CallHeaders };
    "Call.Ringing": { name: string; call: Call; id: string; headers: CallHeaders };
    "Call.AudioStarted": { name: string; call: Call; id: string; headers: CallHeaders };
    "Call.ToneReceived": { name: string; call: Call; id: string; tone: string; type: number };
    "Call.PlaybackReady": { name: string; call: Call; id: string; };
    "Call.PlaybackStarted": { name: string; call: Call; id: string; duration: number };
    "Call.PlaybackFinished": { name: string; call: Call; id: string; error?: string };
    "Call.RecordStarted": { name: string; call: Call; id: string; url: string };
    "Call.RecordStopped": { name: string; call: Call; id: string; url: string; cost: number; duration: number };
    "Call.RecordError": { name: string; call: Call; id: string; error: string };
    "Call.MessageReceived": { name: string; call: Call; id: string; text: string; headers: CallHeaders };
    "Call.InfoReceived": { name: string; call: Call; id: string; mimeType: string; body: string; headers: CallHeaders };
    "Call.OnHold": { name: string; call: Call; id: string; };
    "Call.OffHold": { name: string; call: Call; id: string; };
    "Call.MicStatusChange": { name: string; call: Call; id: string; active: boolean };
    "Call.ToneDetected": { name: string; call: Call; id: string; ProgressTone: boolean; VoicemailTone: boolean };
    "Call.StateChanged": { name: string; call: Call; id: string; oldState: string; newState: string };
    "Call.BlindTransferRequested": { name: string; call: Call; id: string; transferTo: string; headers: CallHeaders };
    "Call.TransferComplete": { name: string; call: Call; id: string; role: string };
    "Call.TransferFailed": { name: string; call: Call; id: string; code: number; reason: string };
    "Call.FirstAudioPacketReceived": { name: string; call: Call; id: string; };
    "Call.RtpStopped": { name: string; call: Call; id: string; };
    "Call.RtpResumed": { name: string; call: Call; id: string; };
    "Call.AudioQualityDetected": { name: string; call: Call; id: string; quality: "HD" | "Standard" };
    "Call.BeepDetectionComplete": { name: string; call: Call; id: string; duration: number; timeout?: true };
    "Call.BeepDetectionError": { name: string; call: Call; id: string; reason: string };
    "Call.ReInviteReceived": { name: string; call: Call; id: string; headers: CallHeaders };
    "Call.ReInviteAccepted": { name: string; call: Call; id: string; headers: CallHeaders };
    "Call.ReInviteRejected": { name: string; call: Call; id: string; headers: CallHeaders };
    "Call.Forwarding": { name: string; call: Call; id: string; to: string };
    "Call.PushSent": { name: string; call: Call; id: string; };
    "Call.Statistics": { name: string; call: Call; id: string; };
    "Call.VideoTrackCreated": { name: string; call: Call; id: string; };
    "Call.FirstVideoPacketReceived": { name: string; call: Call; id: string; };
    "Call.AudioIdentificationComplete": { name: string; call: Call; id: string; };
    "Call.AudioIdentificationError": { name: string; call: Call; id: string; };
}

declare const ConferenceEvents: {
    readonly Started: "Conference.Started";
    readonly Stopped: "Conference.Stopped";
    readonly ConferenceError: "Conference.ConferenceError";
    readonly EndpointAdded: "Conference.EndpointAdded";
    readonly EndpointUpdated: "Conference.EndpointUpdated";
    readonly EndpointRemoved: "Conference.EndpointRemoved";
    readonly EndpointManaged: "Conference.EndpointManaged";
};
interface ConferenceEventMap {
    "Conference.Started": { name: string; conference: Conference; id: string; };
    "Conference.Stopped": { name: string; conference: Conference; id: string; };
    "Conference.ConferenceError": { name: string; conference: Conference; id: string; error: string; code: number };
    "Conference.EndpointAdded": { name: string; conference: Conference; id: string; endpoint: Endpoint; endpointId: string; mode: string; direction: string };
    "Conference.EndpointUpdated": { name: string; conference: Conference; id: string; endpoint: Endpoint; endpointId: string; mode: string; direction: string };
    "Conference.EndpointRemoved": { name: string; conference: Conference; id: string; endpoint: Endpoint; endpointId: string; mode: string; direction: string };
    "Conference.EndpointManaged": { name: string; conference: Conference; id: string; endpoint: Endpoint; endpointId: string; mode: string; direction: string };
}

declare const PlayerEvents: {
    readonly Created: "Player.Created";
    readonly PlaybackReady: "Player.PlaybackReady";
    readonly Started: "Player.Started";
    readonly Stopped: "Player.Stopped";
    readonly PlaybackFinished: "Player.PlaybackFinished";
    readonly Error: "Player.Error";
    readonly PlaybackMarkerReached: "Player.PlaybackMarkerReached";
    /** @deprecated Not available: a file is read before it is heard. */
    readonly PlaybackBuffering: "Player.PlaybackBuffering";
};
interface PlayerEventMap {
    "Player.Created": { name: string; player: Player; id: string; };
    "Player.PlaybackReady": { name: string; player: Player; id: string; };
    "Player.Started": { name: string; player: Player; id: string; duration: number };
    "Player.Stopped": { name: string; player: Player; id: string; };
    "Player.PlaybackFinished": { name: string; player: Player; id: string; error?: string };
    "Player.Error": { name: string; player: Player; id: string; error: string };
    "Player.PlaybackMarkerReached": { name: string; player: Player; id: string; offset: number };
    "Player.PlaybackBuffering": { name: string; player: Player; id: string; };
}

declare const SequencePlayerEvents: {
    readonly Created: "SequencePlayer.Created";
    readonly PlaybackReady: "SequencePlayer.PlaybackReady";
    readonly Started: "SequencePlayer.Started";
    readonly Stopped: "SequencePlayer.Stopped";
    readonly PlaybackFinished: "SequencePlayer.PlaybackFinished";
    readonly Error: "SequencePlayer.Error";
    readonly PlaybackMarkerReached: "SequencePlayer.PlaybackMarkerReached";
};
interface SequencePlayerEventMap {
    "SequencePlayer.Created": { name: string; player: SequencePlayer; id: string; };
    "SequencePlayer.PlaybackReady": { name: string; player: SequencePlayer; id: string; };
    "SequencePlayer.Started": { name: string; player: SequencePlayer; id: string; duration: number };
    "SequencePlayer.Stopped": { name: string; player: SequencePlayer; id: string; };
    "SequencePlayer.PlaybackFinished": { name: string; player: SequencePlayer; id: string; error?: string };
    "SequencePlayer.Error": { name: string; player: SequencePlayer; id: string; error: string };
    "SequencePlayer.PlaybackMarkerReached": { name: string; player: SequencePlayer; id: string; offset: number; segment?: number };
}

declare const RecorderEvents: {
    readonly Started: "Recorder.Started";
    readonly Stopped: "Recorder.Stopped";
    readonly RecorderError: "Recorder.RecorderError";
};
interface RecorderEventMap {
    "Recorder.Started": { name: string; recorder: Recorder; id: string; url: string };
    "Recorder.Stopped": { name: string; recorder: Recorder; id: string; url: string; cost: number; duration: number };
    "Recorder.RecorderError": { name: string; recorder: Recorder; id: string; error: string };
}

declare class Call {
    addEventListener<K extends keyof CallEventMap>(event: K, listener: (event: CallEventMap[K]) => void): void;
    /** Without a listener all of the event go. */
    removeEventListener(event: keyof CallEventMap, listener?: Function): void;
    state(): "ALERTING" | "PROGRESSING" | "CONNECTED" | "TERMINATED";
    id(): string;
    incoming(): boolean;
    callerid(): string;
    displayName(): string;
    number(): string;
    headers(): CallHeaders;
    clientType(): "pstn" | "sip" | "user" | "conference";
    customData(data?: string): string;
    /** Whether speech comes from the call now. */
    vad(): boolean;
    toString(): string;
    /** A call to or from a conference. */
    readonly is_conf: boolean;
    answer(headers?: CallHeaders, options?: object): void;
    /** The same as answer. */
    answerDirect(peer?: Call, headers?: CallHeaders): void;
    /** SIP codes 300 to 699. */
    reject(code?: number, headers?: CallHeaders): void;
    /** Old; reject with 603. */
    decline(code?: number, headers?: CallHeaders): void;
    ring(headers?: CallHeaders): void;
    startEarlyMedia(headers?: CallHeaders, scheme?: unknown): void;
    hangup(headers?: CallHeaders): void;
    /** At most 1500 characters. Replaces what the call hears. */
    say(text: string, options?: SpeechOptions): void;
    say(text: string, language?: string): void;
    /** Replaces what the call hears. */
    startPlayback(url: string, options?: PlayerOptions): void;
    startPlayback(url: string, loop?: boolean): void;
    /** PlaybackFinished does not follow. */
    stopPlayback(): void;
    playProgressTone(country: "US" | "RU"): void;
    record(options?: RecordOptions): void;
    /** Ours; a recording ends with its call anyway. */
    stopRecording(): void;
    /** Off when a call begins; without an argument: on. */
    handleTones(enabled?: boolean, type?: number): void;
    /** 0-9 * # and p, a pause of a second. */
    sendDigits(digits: string): void;
    sendMessage(text: string): void;
    sendInfo(mimeType: string, body: string, headers?: CallHeaders): void;
    sendMediaTo(unit: MediaUnit): void;
    stopMediaTo(unit: MediaUnit): void;
    handleMicStatus(enabled?: boolean): void;
    /** On: BlindTransferRequested tells what the phone at the far end wants, and the script does it. Off, as a call begins: the box does it; the script keeps its call, with somebody else at its far end. */
    handleBlindTransfer(enabled?: boolean): void;
    notifyBlindTransferSuccess(): void;
    notifyBlindTransferFailed(): void;
    /** To a number or address (as a phone of the house would dial it), or to another call of the session; TransferComplete and Disconnected follow, or TransferFailed, and then nothing has changed. */
    transferTo(target: { to?: string; call?: Call; headers?: CallHeaders }): void;
    /** timeout in milliseconds; then BeepDetectionComplete comes with timeout: true. */
    enableBeepDetection(options?: { timeout?: number; [other: string]: unknown }): void;
    disableBeepDetection(): void;
    /** Of 2016; ToneDetected tells of each tone of the country's network. */
    detectProgressTone(enabled?: boolean): void;
    /** Of 2016; ToneDetected tells, after the timeout in any case. */
    detectVoicemailTone(timeout?: number, threshold?: number): void;
    /** Of 2016; speech of speechDuration (3000 ms) without a pause is an announcement; ToneDetected tells. */
    detectVoicemailPrompt(timeout?: number, speechDuration?: number): void;
    /** @deprecated Not available: the box renews sessions by itself. */
    reInvite(...values: unknown[]): never;
    /** @deprecated Not available: the box answers by itself. */
    acceptReInvite(...values: unknown[]): never;
    /** @deprecated Not available: the box answers by itself. */
    rejectReInvite(...values: unknown[]): never;
}

declare class Conference {
    addEventListener<K extends keyof ConferenceEventMap>(event: K, listener: (event: ConferenceEventMap[K]) => void): void;
    removeEventListener(event: keyof ConferenceEventMap, listener?: Function): void;
    id(): string;
    /** The old name. */
    getId(): string;
    stop(): void;
    sendMediaTo(unit: MediaUnit): void;
    stopMediaTo(unit: MediaUnit): void;
    /** Those who came by add(). */
    getList(): Endpoint[];
    get(id: string): Endpoint | undefined;
    /** FORWARD is mixed as well: a telephone has one ear. displayName is seen in the roster. */
    add(options: { call: Call; mode?: "MIX" | "FORWARD"; direction?: "SEND" | "RECEIVE" | "BOTH"; displayName?: string }): Endpoint;
    /** Ours: words to the whole room. */
    say(text: string, options?: SpeechOptions): void;
    /** Ours. */
    startPlayback(url: string, options?: PlayerOptions): void;
    /** Ours. */
    stopPlayback(): void;
}

declare class Endpoint {
    id(): string;
    getCall(): Call;
    getDirection(): string;
    getMode(): string;
    /** Seen in the roster of the room. */
    setDisplayName(name: string): void;
    manageEndpoint(options: { mode?: string; direction?: string }): void;
}

declare class Player {
    addEventListener<K extends keyof PlayerEventMap>(event: K, listener: (event: PlayerEventMap[K]) => void): void;
    removeEventListener(event: keyof PlayerEventMap, listener?: Function): void;
    id(): string;
    pause(): void;
    resume(): void;
    stop(): void;
    sendMediaTo(unit: MediaUnit): void;
    stopMediaTo(unit: MediaUnit): void;
    /** Milliseconds; negative: from the end. */
    addMarker(offset: number): void;
}

declare class SequencePlayer {
    addEventListener<K extends keyof SequencePlayerEventMap>(event: K, listener: (event: SequencePlayerEventMap[K]) => void): void;
    removeEventListener(event: keyof SequencePlayerEventMap, listener?: Function): void;
    id(): string;
    pause(): void;
    resume(): void;
    stop(): void;
    sendMediaTo(unit: MediaUnit): void;
    stopMediaTo(unit: MediaUnit): void;
    /** Milliseconds; negative: from the end. */
    addMarker(offset: number, segment?: number): void;
}

declare class Recorder {
    addEventListener<K extends keyof RecorderEventMap>(event: K, listener: (event: RecorderEventMap[K]) => void): void;
    removeEventListener(event: keyof RecorderEventMap, listener?: Function): void;
    id(): string;
    mute(muted?: boolean): void;
    stop(): void;
}

declare class IVRState {
    /** The terminator is part of the input. A type that is none of the four throws. */
    constructor(name: string, settings: IVRSettings, onInputComplete?: (input: string) => void, onInputTimeout?: (input: string) => void);
    enter(call: Call): void;
    readonly input: string;
}

declare const VoxEngine: {
    addEventListener<K extends keyof AppEventMap>(event: K, listener: (event: AppEventMap[K]) => unknown): void;
    /** Without a listener all of the event go. */
    removeEventListener(event: keyof AppEventMap, listener?: Function): void;
    /** Joins the running session of that id, or starts one by the rules. */
    callConference(id: string, callerid?: string | null, displayName?: string | null, headers?: CallHeaders | null, scheme?: unknown): Call;
    callConference(options: { conferenceId: string; callerid?: string; displayName?: string; extraHeaders?: CallHeaders }): Call;
    /** By a landline or a trunk, as far as the settings allow; an emergency number always, but for callers from outside without the code. */
    callPSTN(number: string, callerid?: string | null, options?: CallOptions): Call;
    callPSTN(number: string): Call;
    /** Passwords and proxies of a trunk stand in the settings, not in scripts. */
    callSIP(to: string, options?: CallOptions): Call;
    callSIP(to: string, callerid?: string, displayName?: string, password?: string, authUser?: string, headers?: CallHeaders): Call;
    /** A phone of this box, by its name or extension. */
    callUser(options: CallOptions & { username: string }): Call;
    callUser(username: string, callerid?: string, displayName?: string, headers?: CallHeaders): Call;
    /** The same as callUser: sound always goes through the box. */
    callUserDirect(incoming: Call, username: string, options?: CallOptions): Call;
    forwardCallToUserDirect(onEstablished?: Established, options?: CallOptions): void;
    forwardCallToUserDirect(transform: (name: string) => string, onEstablished: Established, options?: CallOptions): void;
    /** roomKeys and joinTones are ours. hd_audio changes nothing: each hears the others as well as the own line can. */
    createConference(options?: { hd_audio?: boolean; roomKeys?: boolean; joinTones?: boolean }): Conference;
    destroyConference(conference: Conference): void;
    /** The answer to anything but a GET without a body is fetched anew each time and not kept. */
    createURLPlayer(url: string | { url: string; method?: string; headers?: CallHeaders; body?: string }, options?: PlayerOptions): Player;
    createURLPlayer(url: string, loop?: boolean): Player;
    /** At most 1500 characters are said. */
    createTTSPlayer(text: string, options?: SpeechOptions & PlayerOptions): Player;
    createTTSPlayer(text: string, language?: string, options?: PlayerOptions): Player;
    createToneScriptPlayer(script: string, options?: PlayerOptions): Player;
    /** The old name. */
    createToneScript(script: string, loop?: boolean): Player;
    createSequencePlayer(options: { segments: ({ text: string; parameters?: SpeechOptions } | { url: string; parameters?: object })[] } & PlayerOptions): SequencePlayer;
    createRecorder(options?: RecordOptions): Recorder;
    sendMediaBetween(a: MediaUnit, b: MediaUnit): void;
    stopMediaBetween(a: MediaUnit, b: MediaUnit): void;
    /** Messages and INFO are handed on; a re-INVITE (hold, another codec) is between that phone and the box. */
    easyProcess(call1: Call, call2: Call, onEstablished?: Established, direct?: boolean): void;
    forwardCallToPSTN(transform?: ((number: string) => string) | null, onEstablished?: Established | null, options?: CallOptions): void;
    forwardCallToUser(onEstablished?: Established, options?: CallOptions): void;
    forwardCallToUser(transform: (name: string) => string, onEstablished: Established, options?: CallOptions): void;
    forwardCallToSIP(onEstablished?: Established, options?: CallOptions): void;
    forwardCallToSIP(transform: (name: string) => string, onEstablished: Established, options?: CallOptions): void;
    playSoundAndHangup(url: string): void;
    /** What `partyline scenario start RULE --data` gave the session. */
    customData(data?: string): string;
    /** The running function still ends; then only Terminating and Terminated come. */
    terminate(): void;
    /** Without effect: there are no web sockets here. */
    allowWebSocketConnections(): void;
    /** Without effect: there are no web sockets here. */
    disallowWebSocketConnections(): void;
    /** @deprecated Not available: no web sockets; Net.httpRequest and AppEvents.HttpRequest do it. */
    createWebSocket(...values: unknown[]): never;
    /** @deprecated Not available: there is no speech recognition on this box. */
    createASR(...values: unknown[]): never;
    /** @deprecated Not available: not a matter of voice on one box. */
    createStreamingAgent(...values: unknown[]): never;
    /** @deprecated Not available: not a matter of voice on one box. */
    enqueueACDRequest(...values: unknown[]): never;
    /** @deprecated Not available: not a matter of voice on one box. */
    enqueueTask(...values: unknown[]): never;
    /** @deprecated Not available: not a matter of voice on one box. */
    callWhatsappUser(...values: unknown[]): never;
    readonly RecordExpireTime: typeof RecordExpireTime;
    readonly CallList: typeof CallList;
};

declare const Net: {
    /** 3 at once and 32 waiting in a session; one more is an error. A code below 100 means that there was no answer. */
    httpRequest(url: string, callback?: (result: HttpResult) => void, options?: HttpOptions): void;
    httpRequestAsync(url: string, options?: HttpOptions): Promise<HttpResult>;
    readonly HttpRequestOptions: new () => HttpOptions;
    /** @deprecated Not available: the box has no mail server; Net.httpRequest to a mail gateway does it. */
    sendMail(...values: unknown[]): never;
    /** @deprecated Not available: the box has no mail server; Net.httpRequest to a mail gateway does it. */
    sendMailAsync(...values: unknown[]): never;
};

declare const ApplicationStorage: {
    get(key: string): Promise<StoredValue | null>;
    /** ttl in seconds; 0: for ever. One storage for all scripts of the box. */
    put(key: string, value: string, ttl?: number): Promise<StoredValue>;
    remove(key: string): Promise<StoredValue | null>;
    delete(key: string): Promise<StoredValue | null>;
    /** With * and ? as in names of files. */
    keys(pattern?: string): Promise<string[]>;
};

declare const Crypto: {
    md5(data: string | number[]): string;
    sha1(data: string | number[]): string;
    sha256(data: string | number[]): string;
    hmac_sha256(key: string | number[], data: string | number[]): string;
};

declare const Logger: {
    write(...values: unknown[]): void;
    /** Digits are never logged. */
    hideTones(hidden?: boolean): void;
};

declare const PhoneNumber: {
    /** By country code and length. */
    getInfo(number: string, country?: string): PhoneNumberInfo;
};

declare const IVR: {
    reset(): void;
};

declare const JSession: {
    /** Old; VoxEngine.terminate. */
    close(): void;
};

declare const CallList: {
    /** Goes to the log. */
    reportError(...values: unknown[]): Promise<void>;
    /** Goes to the log. */
    reportProgress(...values: unknown[]): Promise<void>;
    /** Goes to the log. */
    reportResult(...values: unknown[]): Promise<void>;
    /** Goes to the log. */
    reportErrorAsync(...values: unknown[]): Promise<void>;
    /** Goes to the log. */
    reportProgressAsync(...values: unknown[]): Promise<void>;
    /** Goes to the log. */
    reportResultAsync(...values: unknown[]): Promise<void>;
};

declare const AMD: {
    /** @deprecated Not available: enableBeepDetection tells when an answering machine beeps. */
    create(...values: unknown[]): never;
    /** Every name is known. */
    readonly Model: { readonly [name: string]: string };
};

declare const DTMFType: {
    readonly ALL: number;
    readonly TELEPHONE_EVENT: number;
    readonly IN_BAND: number;
    readonly SIP_INFO: number;
};

declare const RecordExpireTime: {
    readonly THREEMONTHS: string;
    readonly SIXMONTHS: string;
    readonly ONEYEAR: string;
    readonly TWOYEARS: string;
    readonly THREEYEARS: string;
};

declare const Language: {
    readonly US_ENGLISH_FEMALE: string;
    readonly US_ENGLISH_MALE: string;
    readonly UK_ENGLISH_FEMALE: string;
    readonly UK_ENGLISH_MALE: string;
    readonly AU_ENGLISH_FEMALE: string;
    readonly CA_ENGLISH_FEMALE: string;
    readonly US_SPANISH_FEMALE: string;
    readonly US_SPANISH_MALE: string;
    readonly EUR_SPANISH_FEMALE: string;
    readonly EUR_SPANISH_MALE: string;
    readonly EUR_CATALAN_FEMALE: string;
    readonly EUR_CZECH_FEMALE: string;
    readonly EUR_DANISH_FEMALE: string;
    readonly EUR_DUTCH_FEMALE: string;
    readonly EUR_FINNISH_FEMALE: string;
    readonly EUR_FRENCH_FEMALE: string;
    readonly EUR_FRENCH_MALE: string;
    readonly CA_FRENCH_FEMALE: string;
    readonly CA_FRENCH_MALE: string;
    readonly EUR_GERMAN_FEMALE: string;
    readonly EUR_GERMAN_MALE: string;
    readonly EUR_ITALIAN_FEMALE: string;
    readonly EUR_ITALIAN_MALE: string;
    readonly EUR_NORWEGIAN_FEMALE: string;
    readonly EUR_POLISH_FEMALE: string;
    readonly EUR_PORTUGUESE_FEMALE: string;
    readonly EUR_PORTUGUESE_MALE: string;
    readonly BR_PORTUGUESE_FEMALE: string;
    readonly EUR_TURKISH_FEMALE: string;
    readonly EUR_TURKISH_MALE: string;
    readonly SW_SWEDISH_FEMALE: string;
    readonly HU_HUNGARIAN_FEMALE: string;
    readonly RU_RUSSIAN_FEMALE: string;
    readonly RU_RUSSIAN_MALE: string;
    readonly CH_CHINESE_FEMALE: string;
    readonly CH_CHINESE_MALE: string;
    readonly HK_CHINESE_FEMALE: string;
    readonly TW_CHINESE_FEMALE: string;
    readonly JP_JAPANESE_FEMALE: string;
    readonly JP_JAPANESE_MALE: string;
    readonly KR_KOREAN_FEMALE: string;
    readonly KR_KOREAN_MALE: string;
    readonly [name: string]: string;
};

/** Modules.Conference, "conference", …; an unknown one is a warning. */
declare function require(module: string): void;
/** 100 timers in a session. */
declare function setTimeout(action: (...values: any[]) => void, delay?: number, ...values: unknown[]): number;
declare function setInterval(action: (...values: any[]) => void, delay?: number, ...values: unknown[]): number;
declare function clearTimeout(timer?: number): void;
declare function clearInterval(timer?: number): void;
declare function uuidgen(): string;
declare function base64_encode(data: string | number[]): string;
declare function base64_decode(data: string): string;
declare function str2bytes(text: string, encoding?: string): number[];
declare function bytes2str(bytes: number[], encoding?: string): string;
declare function bytes2hex(bytes: number[]): string;
declare function hex2bytes(hex: string): number[];
/** A Date whose local hours are those of the zone ("Europe/Berlin", "GMT+3"). */
declare function getLocalTime(zone?: string): Date;
declare function levenshtein_distance(a: string, b: string): number;
/** Old; Crypto.md5. */
declare function md5(data: string | number[]): string;
/** Old; Crypto.sha1. */
declare function sha1(data: string | number[]): string;
/** Old; Crypto.sha256. */
declare function sha256(data: string | number[]): string;
declare const console: { log(...values: unknown[]): void; info(...values: unknown[]): void; debug(...values: unknown[]): void; warn(value: unknown): void; error(value: unknown): void };
/** Every name is known; require() tells which modules are. */
declare const Modules: { readonly [name: string]: string };
/** Every path is known; the voice is chosen by its language (VoiceList.Amazon.de_DE_Vicki: de). */
declare const VoiceList: any;
declare const ASRLanguage: { readonly [name: string]: string };
/** @deprecated Not available: there is no speech recognition on this box. */
declare const ASREvents: { readonly [name: string]: string };
/** @deprecated Not available: not a matter of voice on one box. */
declare const ACDEvents: { readonly [name: string]: string };
/** @deprecated Not available: not a matter of voice on one box. */
declare const SmartQueueEvents: { readonly [name: string]: string };
/** @deprecated Not available: not a matter of voice on one box. */
declare const StreamingAgentEvents: { readonly [name: string]: string };
/** @deprecated Not available: no web sockets; Net.httpRequest and AppEvents.HttpRequest do it. */
declare const WebSocketEvents: { readonly [name: string]: string };
/** @deprecated Not available: enableBeepDetection tells when an answering machine beeps. */
declare const AMDEvents: { readonly [name: string]: string };
/** @deprecated Not available: there is no speech recognition on this box. */
declare const ASRProfileList: any;
/** @deprecated Not available: there is no speech recognition on this box. */
declare const ASRModelList: any;
/** @deprecated Not available: there is no speech recognition on this box. */
declare const ASRDictionary: any;
/** @deprecated Not available: not a matter of voice on one box. */
declare const ACD: { readonly [name: string]: (...values: unknown[]) => never };
/** @deprecated Not available: there is no speech recognition on this box. */
declare const ASR: { readonly [name: string]: (...values: unknown[]) => never };
/** @deprecated Not available: not a matter of voice on one box. */
declare const SmartQueue: { readonly [name: string]: (...values: unknown[]) => never };
/** @deprecated Not available: there are no voice agents on this box; Net.httpRequest asks a service. */
declare const AI: { readonly [name: string]: (...values: unknown[]) => never };
/** @deprecated Not available: there are no voice agents on this box; Net.httpRequest asks a service. */
declare const OpenAI: { readonly [name: string]: (...values: unknown[]) => never };
/** @deprecated Not available: there are no voice agents on this box; Net.httpRequest asks a service. */
declare const Gemini: { readonly [name: string]: (...values: unknown[]) => never };
/** @deprecated Not available: not a matter of voice on one box. */
declare const StreamingAgent: { readonly [name: string]: (...values: unknown[]) => never };
/** @deprecated Not available: there are no push services here. */
declare const PushService: { readonly [name: string]: (...values: unknown[]) => never };
/** @deprecated Not available: the box sends no text messages; Net.httpRequest to a gateway does it. */
declare const SMS: { readonly [name: string]: (...values: unknown[]) => never };
/** @deprecated Not available: no web sockets; Net.httpRequest and AppEvents.HttpRequest do it. */
declare const WebSocket: { readonly [name: string]: (...values: unknown[]) => never };
/** @deprecated Not available: there are no voice agents on this box; Net.httpRequest asks a service. */
declare const Avatar: { readonly [name: string]: (...values: unknown[]) => never };
