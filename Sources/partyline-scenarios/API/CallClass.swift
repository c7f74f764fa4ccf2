// SPDX-License-Identifier: Apache-2.0

/// JavaScript of the class `Call`: what scripts ask of a call and what the exchange tells of it. Its state is a mirror of
/// what was told last; nothing here waits for an answer.
enum CallClass {
    static let source = #"""
        class Call extends Unit {
            #info;
            #isIncoming;
            #state;
            #customData;
            #tellsSpeech = false;
            #isSpeaking = false;
            #watchesSpeech = false;
            // The end of a recording may come after that of its call.
            #isRecording = false;
            // detectVoicemailTone and detectVoicemailPrompt of old tell their result in another event than enableBeepDetection.
            #voicemailTimer;
            // Of detectVoicemailPrompt: speech that goes on for so long (milliseconds) is an announcement.
            #promptMilliseconds;
            #promptTimer;
            // Of enableBeepDetection: none was heard so far.
            #awaitsBeep = false;
            #beepTimer;
            // Of the playback that was asked for last: none, asked, heard. What is told of an older one is not for the script.
            #playback = 'none';
            #askedAt = 0;

            constructor(number, info) {
                super(number);
                this.#info = info;
                this.#isIncoming = number !== undefined;
                this.#state = this.#isIncoming ? 'ALERTING' : 'PROGRESSING';
                this.#customData = info.customData ?? '';
            }
            // A call to somewhere else; the result comes as Connected or Failed.
            static dial(target, destination, callerNumber, callerName, headers) {
                const given = (value) => (value === undefined || value === null || value === '' ? undefined : text(value, 200));
                const where = text(destination, 500).trim();
                const dial = {
                    target, destination: where, callerNumber: given(callerNumber), callerName: given(callerName), headers: headersOut(headers),
                };
                const call = new Call(undefined, {
                    callerNumber: dial.callerNumber ?? '', callerName: dial.callerName ?? '', destination: where,
                    headers: dial.headers, clientType: target,
                });
                send({ dial: { _0: Unit.of(call), _1: dial } });
                return call;
            }
            #do(command, fields = {}) {
                if (this.#state !== 'TERMINATED') send({ [command]: { _0: Unit.of(this), ...fields } });
            }
            #tell(name, payload) { Unit.raise(this, name, { call: this, id: this.id(), ...payload }); }
            #enter(newState) {
                const oldState = this.#state;
                if (oldState === newState) return;
                this.#state = newState;
                this.#tell(CallEvents.StateChanged, { oldState, newState });
            }
            #play(sound, loop) {
                this.#playback = 'asked';
                this.#askedAt = now();
                this.#do('startPlayback', { _1: sound, loop });
            }
            [hears]() { this.#playback = 'none'; }

            // Who and what it is
            state() { return this.#state; }
            incoming() { return this.#isIncoming; }
            number() { return this.#info.destination; }
            callerid() { return this.#info.callerNumber; }
            displayName() { return this.#info.callerName; }
            clientType() { return this.#info.clientType; }
            headers() { return headersIn(this.#info.headers); }
            customData(data) {
                if (data !== undefined) this.#customData = text(data);
                return this.#customData;
            }
            toString() { return `Call ${this.id()} ${this.#isIncoming ? 'from' : 'to'} ${this.#isIncoming ? this.callerid() : this.number()}`; }
            get is_conf() { return this.#info.clientType === 'conference'; }

            // Taking, refusing, ending
            answer(headers) { this.#do('answer', { headers: headersOut(headers) }); }
            answerDirect() { this.answer(); }
            reject(code, headers) { this.#do('reject', { status: whole(code, 486), headers: headersOut(headers) }); }
            decline(code, headers) { this.reject(code ?? 603, headers); }
            ring(headers) { this.#do('ring', { headers: headersOut(headers) }); }
            startEarlyMedia(headers) { this.#do('startEarlyMedia', { headers: headersOut(headers) }); }
            hangup(headers) { this.#do('hangUp', { headers: headersOut(headers) }); }

            // Sound
            say(words, voice) { this.#play({ speech: { _0: text(words, 1500), language: languageName(voice) } }, false); }
            startPlayback(url, options) { this.#play(soundOf(url), isLooped(options)); }
            stopPlayback() {
                this.#playback = 'none';
                this.#do('stopPlayback');
            }
            playProgressTone(country) {
                const tones = { US: '440@-19,480@-19;*(2/4/1+2)', RU: '425@-19;*(1/4/1)' };
                this.#play({ toneScript: { _0: tones[text(country).toUpperCase()] ?? tones.US } }, true);
            }

            // Digits and messages
            handleTones(enabled = true, type = DTMFType.ALL) {
                // By RFC 4733 or the device's keys 0 2, in-band 3, SIP INFO 1: see DigitSource.
                const sources = { 0: [0, 1, 2, 3], 1: [0, 2], 2: [3], 3: [1] }[type] ?? [0, 1, 2, 3];
                this.#do('handleTones', { enabled: Boolean(enabled), sources });
            }
            // 'p' is a pause of a second.
            sendDigits(digits) {
                const [first, ...later] = text(digits, 100).split(/p/i);
                if (first !== '') this.#do('sendDigits', { _1: first });
                let wait = 0;
                for (const [index, part] of later.entries()) {
                    wait += 1000 + 200 * (index === 0 ? first : later[index - 1]).length;
                    if (part !== '') startTimer(() => this.#do('sendDigits', { _1: part }), wait, []);
                }
            }
            sendInfo(mimeType, body, headers) {
                this.#do('sendInfo', { contentType: text(mimeType, 200), body: text(body), headers: headersOut(headers) });
            }
            sendMessage(words) { this.#do('sendMessage', { _1: text(words) }); }
            handleMicStatus(enabled = true) {
                this.#tellsSpeech = Boolean(enabled);
                // detectVoicemailPrompt goes on listening.
                if (!this.#tellsSpeech && this.#promptMilliseconds !== undefined) return;
                this.#watchesSpeech = this.#tellsSpeech;
                if (!enabled) this.#isSpeaking = false;
                this.#do('handleMicStatus', { enabled: this.#tellsSpeech });
            }
            vad() {
                this.#watchSpeech();
                return this.#isSpeaking;
            }
            // From the first question on the exchange says so at each change.
            #watchSpeech() {
                if (!this.#watchesSpeech) this.#do('handleMicStatus', { enabled: true });
                this.#watchesSpeech = true;
            }

            // Recording, transfer, detectors
            record(options) {
                this.#isRecording = true;
                this.#do('startRecording', { _1: recorderModule().recordingOf(options) });
            }
            stopRecording() { this.#do('stopRecording'); }
            #recorded() {
                this.#isRecording = false;
                if (this.#state === 'TERMINATED') Unit.forget(this);
            }
            handleBlindTransfer(enabled = true) { this.#do('handleBlindTransfer', { _1: Boolean(enabled) }); }
            notifyBlindTransferSuccess() { this.#do('blindTransferResult', { isDone: true }); }
            notifyBlindTransferFailed() { this.#do('blindTransferResult', { isDone: false }); }
            transferTo(target, more) {
                const o = isObject(target) && !(target instanceof Unit) ? target : { ...optionsOf(more), ...(isObject(target) ? { call: target } : { to: target }) };
                const call = isObject(o.call) ? Unit.of(o.call) : undefined;
                const to = text(o.to ?? (call === undefined ? '' : o.call.number()), 500).trim();
                if (to === '') throw new TypeError('transferTo: {to} or {call} is needed');
                this.#do('transfer', { to, call, headers: headersOut(o.headers) });
            }
            // The result is BeepDetectionComplete, after the timeout (milliseconds) with timeout: true, or BeepDetectionError.
            enableBeepDetection(options) {
                if (this.#state === 'TERMINATED') {
                    Promise.resolve().then(() => this.#tell(CallEvents.BeepDetectionError, { reason: 'the call has ended' }));
                    return;
                }
                this.#awaitsBeep = true;
                stopTimer(this.#beepTimer);
                const { timeout } = optionsOf(options);
                if (timeout !== undefined) this.#beepTimer = startTimer(() => {
                    this.disableBeepDetection();
                    this.#tell(CallEvents.BeepDetectionComplete, { timeout: true, duration: 0 });
                }, whole(timeout, 0), []);
                this.#do('detectBeep', { _1: true });
            }
            disableBeepDetection() {
                this.#awaitsBeep = false;
                stopTimer(this.#beepTimer);
                this.#do('detectBeep', { _1: false });
            }
            // The call is over, and what was listened for did not come.
            #missBeep() {
                stopTimer(this.#beepTimer);
                if (!this.#awaitsBeep) return;
                this.#awaitsBeep = false;
                this.#tell(CallEvents.BeepDetectionError, { reason: 'the call has ended' });
            }
            detectProgressTone(enabled = true) { this.#do('detectProgressTone', { _1: Boolean(enabled) }); }
            // Old: ToneDetected comes with the result, after the timeout (milliseconds) at the latest.
            detectVoicemailTone(timeout) {
                this.#awaitVoicemail(timeout);
                this.#do('detectBeep', { _1: true });
            }
            detectVoicemailPrompt(timeout, speechDuration) {
                this.#awaitVoicemail(timeout);
                this.#promptMilliseconds = Math.max(whole(speechDuration, 3000), 0);
                this.#watchSpeech();
                this.#watchPrompt();
            }
            #awaitVoicemail(timeout) {
                stopTimer(this.#voicemailTimer);
                this.#voicemailTimer = startTimer(() => this.#voicemail(false), whole(timeout, 20000), []);
            }
            #watchPrompt() {
                stopTimer(this.#promptTimer);
                if (this.#isSpeaking && this.#promptMilliseconds !== undefined)
                    this.#promptTimer = startTimer(() => this.#voicemail(true), this.#promptMilliseconds, []);
            }
            #voicemail(VoicemailTone) {
                stopTimer(this.#voicemailTimer);
                stopTimer(this.#promptTimer);
                this.#voicemailTimer = this.#promptMilliseconds = undefined;
                this.#do('detectBeep', { _1: false });
                this.#tell(CallEvents.ToneDetected, { ProgressTone: false, VoicemailTone });
            }

            // What the exchange tells: one line an event.
            static received = {
                ringing: (call, { headers }) => call.#tell(CallEvents.Ringing, { headers: headersIn(headers) }),
                audioStarted: (call, { headers }) => call.#tell(CallEvents.AudioStarted, { headers: headersIn(headers) }),
                connected: (call, { headers }) => {
                    call.#enter('CONNECTED');
                    call.#tell(CallEvents.Connected, { headers: headersIn(headers), customData: call.#customData });
                },
                disconnected: (call, { headers, code, reason, seconds }) => {
                    if (!call.#isRecording) Unit.forget(call);
                    call.#enter('TERMINATED');
                    call.#missBeep();
                    call.#tell(CallEvents.Disconnected, {
                        headers: headersIn(headers), internalCode: code, reason, duration: seconds, cost: 0,
                        direction: call.#isIncoming ? 'Incoming' : 'Outgoing',
                    });
                },
                failed: (call, { code, reason, headers }) => {
                    if (!call.#isRecording) Unit.forget(call);
                    call.#enter('TERMINATED');
                    call.#missBeep();
                    call.#tell(CallEvents.Failed, { code, reason, headers: headersIn(headers) });
                },
                tone: (call, { _1: tone, _2: source }) => call.#tell(CallEvents.ToneReceived, { tone, type: [1, 3, 1, 2][source] ?? 1 }),
                onHold: (call) => call.#tell(CallEvents.OnHold),
                offHold: (call) => call.#tell(CallEvents.OffHold),
                reInvite: (call, { _1: news, headers }) => {
                    const names = { received: 'ReInviteReceived', accepted: 'ReInviteAccepted', rejected: 'ReInviteRejected' };
                    call.#tell(CallEvents[names[news]], { headers: headersIn(headers) });
                },
                forwarding: (call, { to }) => call.#tell(CallEvents.Forwarding, { to }),
                info: (call, { contentType, body, headers }) =>
                    call.#tell(CallEvents.InfoReceived, { mimeType: contentType, body, headers: headersIn(headers) }),
                message: (call, { _1: words }) => call.#tell(CallEvents.MessageReceived, { text: words, headers: {} }),
                micStatus: (call, { active }) => {
                    call.#isSpeaking = active;
                    call.#watchPrompt();
                    if (call.#tellsSpeech) call.#tell(CallEvents.MicStatusChange, { active });
                },
                firstAudio: (call) => call.#tell(CallEvents.FirstAudioPacketReceived),
                mediaStopped: (call) => call.#tell(CallEvents.RtpStopped),
                mediaResumed: (call) => call.#tell(CallEvents.RtpResumed),
                audioQuality: (call, { isHighDefinition }) =>
                    call.#tell(CallEvents.AudioQualityDetected, { quality: isHighDefinition ? 'HD' : 'Standard' }),
                toneDetected: (call, { isProgressTone, isVoicemail }) =>
                    call.#tell(CallEvents.ToneDetected, { ProgressTone: isProgressTone, VoicemailTone: isVoicemail }),
                beepDetected: (call, { milliseconds }) => {
                    if (call.#voicemailTimer !== undefined) return call.#voicemail(true);
                    call.#awaitsBeep = false;
                    stopTimer(call.#beepTimer);
                    call.#tell(CallEvents.BeepDetectionComplete, { duration: milliseconds });
                },
                recordStarted: (call, { url }) => call.#tell(CallEvents.RecordStarted, { url }),
                recordStopped: (call, { url, seconds }) => {
                    call.#recorded();
                    call.#tell(CallEvents.RecordStopped, { url, cost: 0, duration: seconds });
                },
                recordError: (call, { _1: error }) => {
                    call.#recorded();
                    call.#tell(CallEvents.RecordError, { error });
                },
                transferRequested: (call, { to, headers }) =>
                    call.#tell(CallEvents.BlindTransferRequested, { transferTo: to, headers: headersIn(headers) }),
                transferCompleted: (call, { role }) => call.#tell(CallEvents.TransferComplete, { role }),
                transferFailed: (call, { code, reason }) => call.#tell(CallEvents.TransferFailed, { code, reason }),
                playbackStarted: (call, { milliseconds }) => {
                    if (call.#playback !== 'asked') return;
                    call.#playback = 'heard';
                    call.#tell(CallEvents.PlaybackReady);
                    call.#tell(CallEvents.PlaybackStarted, { duration: milliseconds });
                },
                playbackFinished: (call, { error }) => {
                    // Not of one that was stopped or replaced while this was on its way. (Later than that it is the news of the
                    // start that was lost, and the script must not wait for ever.)
                    const isFresh = call.#playback === 'asked' && now() - call.#askedAt < 300;
                    if (call.#playback === 'none' || (isFresh && error === undefined)) return;
                    call.#playback = 'none';
                    call.#tell(CallEvents.PlaybackFinished, error === undefined ? {} : { error });
                },
            };
        }
        for (const name of ['reInvite', 'acceptReInvite', 'rejectReInvite'])
            Call.prototype[name] = unavailable(`Call.${name}`);

        // "url" or {url, ...}
        const addressOf = (url) => text(isObject(url) ? url.url : url, 2000);
        // What is heard from there; by more than an address if it is asked for by more than a mere GET.
        const soundOf = (url) => {
            const { method, headers, body } = optionsOf(url);
            const request = { method: text(method ?? 'GET', 40).toUpperCase(), url: addressOf(url), headers: headersOut(headers), body: text(body, 65537) };
            if (!/^[A-Z]{1,20}$/.test(request.method)) throw new TypeError(`"${request.method}" is no method of HTTP`);
            if (request.body.length > 65536) throw new RangeError('the body of a request for a sound is longer than 65536 characters');
            const isPlain = request.method === 'GET' && request.body === '' && request.headers.length === 0;
            return isPlain ? { url: { _0: request.url } } : { request: { _0: request } };
        };
        // true (old) or {loop: true}
        const isLooped = (options) => options === true || optionsOf(options).loop === true;
        """#
}
