// SPDX-License-Identifier: Apache-2.0

/// JavaScript of the object `VoxEngine`: calls out, conferences, players, the session. Positions of old and objects of new.
enum VoxEngineObject {
    static let source = #"""
        const session = { name: '', number: 0, rule: '', conferenceName: undefined, customData: '', accessURL: '', isOver: false };
        const application = new Listeners(undefined);

        const VoxEngine = {
            addEventListener: (name, listener) => application.add(name, listener),
            removeEventListener: (name, listener) => application.remove(name, listener),

            // Calls out
            callConference: (conference, callerid, displayName, headers) => {
                const o = isObject(conference) ? conference : { conferenceId: conference, callerid, displayName, headers };
                return Call.dial(
                    'conference', o.conferenceId ?? o.conferenceName ?? o.number, o.callerid, o.displayName, o.headers ?? o.extraHeaders);
            },
            callUser: (user, callerid, displayName, headers) => {
                const o = isObject(user) ? user : { username: user, callerid, displayName, headers };
                return Call.dial('user', o.username, o.callerid, o.displayName, o.extraHeaders ?? o.headers);
            },
            callUserDirect: (incoming, user, options) => {
                const o = isObject(user) ? user : { ...optionsOf(options), username: user };
                return Call.dial(
                    'user', o.username, o.callerid ?? incoming.callerid(), o.displayName ?? incoming.displayName(), o.extraHeaders ?? o.headers);
            },
            // Old: to, callerid, displayName, password, authUser, headers.
            callSIP: (to, options, displayName, password, authUser, headers) => {
                const o = isObject(options) ? options : { callerid: options, displayName, headers };
                return Call.dial('sip', to, o.callerid, o.displayName, o.headers ?? o.extraHeaders);
            },
            callPSTN: (number, callerid, options) => {
                const o = isObject(callerid) ? callerid : { ...optionsOf(options), callerid };
                return Call.dial('pstn', number, o.callerid, o.displayName, o.headers ?? o.extraHeaders);
            },

            // Sound
            createConference: (options) => new (conferenceModule().Conference)(options),
            destroyConference: (conference) => { if (conference instanceof conferenceModule().Conference) conference.stop(); },
            createURLPlayer: (url, options) => new (playerModule().Player)(soundOf(url), options),
            createTTSPlayer: (words, voice, options) =>
                new (playerModule().Player)({ speech: { _0: text(words, 1500), language: languageName(voice) } }, isObject(voice) ? voice : options),
            createToneScriptPlayer: (script, options) => new (playerModule().Player)({ toneScript: { _0: text(script, 1000) } }, options),
            createToneScript: (script, options) => VoxEngine.createToneScriptPlayer(script, options),
            createSequencePlayer: (parameters) => new (playerModule().SequencePlayer)(parameters),
            createRecorder: (options) => new (recorderModule().Recorder)(options),
            sendMediaBetween: (a, b) => {
                Unit.connect(a, b);
                Unit.connect(b, a);
            },
            stopMediaBetween: (a, b) => {
                Unit.disconnect(a, b);
                Unit.disconnect(b, a);
            },

            // The session
            customData: (data) => {
                if (data !== undefined) session.customData = text(data);
                return session.customData;
            },
            // The rest of the running function still executes; afterwards only Terminating and Terminated are heard.
            terminate: () => {
                if (session.isOver) return;
                session.isOver = true;
                send({ terminate: {} });
            },
            RecordExpireTime,
            get CallList() { return cryptoModule().CallList; },
        };
        for (const name of [
            'createASR', 'createStreamingAgent', 'enqueueACDRequest', 'enqueueTask', 'callWhatsappUser', 'createWebSocket',
        ]) VoxEngine[name] = unavailable(`VoxEngine.${name}`);
        for (const name of ['allowWebSocketConnections', 'disallowWebSocketConnections'])
            VoxEngine[name] = withoutEffect(`VoxEngine.${name}`);
        """#
}
