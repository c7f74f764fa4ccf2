// SPDX-License-Identifier: Apache-2.0

/// The constants of the API: events, languages, voices, modules. One line here makes another one known.
enum Names {
    static let source = #"""
        const names = (prefix, list) => Object.freeze(Object.fromEntries(list.map((name) => [name, `${prefix}.${name}`])));

        const AppEvents = names('Application', [
            'Started', 'CallAlerting', 'HttpRequest', 'WebSocket', 'NewWebSocketFailed', 'Terminating', 'Terminated',
        ]);
        const CallEvents = names('Call', [
            'Connected', 'Disconnected', 'Failed', 'Ringing', 'AudioStarted', 'ToneReceived', 'PlaybackReady', 'PlaybackStarted',
            'PlaybackFinished', 'RecordStarted', 'RecordStopped', 'RecordError', 'MessageReceived', 'InfoReceived', 'OnHold', 'OffHold',
            'MicStatusChange', 'ToneDetected', 'StateChanged', 'BlindTransferRequested', 'TransferComplete', 'TransferFailed',
            'ReInviteReceived', 'ReInviteAccepted', 'ReInviteRejected', 'FirstAudioPacketReceived', 'RtpStopped', 'RtpResumed',
            'AudioQualityDetected', 'BeepDetectionComplete', 'BeepDetectionError', 'Forwarding', 'PushSent', 'Statistics',
            'VideoTrackCreated', 'FirstVideoPacketReceived', 'AudioIdentificationComplete', 'AudioIdentificationError',
        ]);
        const ConferenceEvents = names('Conference', [
            'Started', 'Stopped', 'ConferenceError', 'EndpointAdded', 'EndpointUpdated', 'EndpointRemoved', 'EndpointManaged',
        ]);
        const PlayerEvents = names('Player', [
            'Created', 'PlaybackReady', 'Started', 'Stopped', 'PlaybackFinished', 'Error', 'PlaybackMarkerReached', 'PlaybackBuffering',
        ]);
        const SequencePlayerEvents = names('SequencePlayer', [
            'Created', 'PlaybackReady', 'Started', 'Stopped', 'PlaybackFinished', 'Error', 'PlaybackMarkerReached',
        ]);
        const RecorderEvents = names('Recorder', ['Started', 'Stopped', 'RecorderError']);

        const DTMFType = Object.freeze({ ALL: 0, TELEPHONE_EVENT: 1, IN_BAND: 2, SIP_INFO: 3 });
        const RecordExpireTime = Object.freeze({
            THREEMONTHS: '', SIXMONTHS: '-6m', ONEYEAR: '-1y', TWOYEARS: '-2y', THREEYEARS: '-3y',
        });

        // Tables in which every name is known and stands for itself.
        const everyName = (spelling, known = []) =>
            new Proxy(Object.fromEntries(known.map((name) => [name, spelling(name)])), {
                get: (_, name) => (typeof name === 'symbol' ? undefined : spelling(name)),
                set: () => false, defineProperty: () => false, deleteProperty: () => false,
            });
        // Those of 2016; newer scripts name a voice.
        const languageNames = [
            'US_ENGLISH_FEMALE', 'US_ENGLISH_MALE', 'UK_ENGLISH_FEMALE', 'UK_ENGLISH_MALE', 'AU_ENGLISH_FEMALE', 'CA_ENGLISH_FEMALE',
            'US_SPANISH_FEMALE', 'US_SPANISH_MALE', 'EUR_SPANISH_FEMALE', 'EUR_SPANISH_MALE', 'EUR_CATALAN_FEMALE', 'EUR_CZECH_FEMALE',
            'EUR_DANISH_FEMALE', 'EUR_DUTCH_FEMALE', 'EUR_FINNISH_FEMALE', 'EUR_FRENCH_FEMALE', 'EUR_FRENCH_MALE', 'CA_FRENCH_FEMALE',
            'CA_FRENCH_MALE', 'EUR_GERMAN_FEMALE', 'EUR_GERMAN_MALE', 'EUR_ITALIAN_FEMALE', 'EUR_ITALIAN_MALE', 'EUR_NORWEGIAN_FEMALE',
            'EUR_POLISH_FEMALE', 'EUR_PORTUGUESE_FEMALE', 'EUR_PORTUGUESE_MALE', 'BR_PORTUGUESE_FEMALE', 'EUR_TURKISH_FEMALE',
            'EUR_TURKISH_MALE', 'SW_SWEDISH_FEMALE', 'HU_HUNGARIAN_FEMALE', 'RU_RUSSIAN_FEMALE', 'RU_RUSSIAN_MALE', 'CH_CHINESE_FEMALE',
            'CH_CHINESE_MALE', 'HK_CHINESE_FEMALE', 'TW_CHINESE_FEMALE', 'JP_JAPANESE_FEMALE', 'JP_JAPANESE_MALE', 'KR_KOREAN_FEMALE',
            'KR_KOREAN_MALE',
        ];
        const Language = everyName((name) => name, languageNames);
        const ASRLanguage = everyName((name) => name);
        const Modules = everyName((name) => name.toLowerCase());

        // VoiceList.Amazon.en_US_Joanna and whatever else: a path that turns into text.
        const voices = new WeakSet();
        const voice = (path) => {
            const place = new Proxy(Object.freeze({}), {
                get: (_, name) => {
                    if (name === Symbol.toPrimitive || name === 'toString' || name === 'valueOf' || name === 'toJSON') return () => path;
                    return typeof name === 'symbol' ? undefined : voice(path ? `${path}.${name}` : name);
                },
            });
            voices.add(place);
            return place;
        };
        const VoiceList = voice('');

        // What the exchange understands as a language: the last part of a voice's path, a constant of old, "de-DE".
        const languageName = (value) => {
            if (value === undefined || value === null) return '';
            if (typeof value === 'string' || voices.has(value)) return text(value, 100).split('.').pop();
            if (!isObject(value)) return '';
            return languageName(value.voice ?? value.language ?? value.name);
        };

        const knownModules = new Set([
            'acd', 'smartqueue', 'ai', 'amd', 'applicationstorage', 'asr', 'avatar', 'calllist', 'conference', 'crypto', 'gemini', 'ivr',
            'net', 'openai', 'player', 'phonenumber', 'pushservice', 'recorder', 'sms', 'streamingagent', 'websocket', 'statemachine',
        ]);
        const require = (module) => {
            if (!knownModules.has(text(module, 100).toLowerCase())) warn(`require: there is no module "${text(module, 100)}"; ignored`);
        };
        """#
}
