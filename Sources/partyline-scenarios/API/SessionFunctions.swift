// SPDX-License-Identifier: Apache-2.0

/// JavaScript that puts the API into the global object and takes what the worker brings: the last part of the prelude.
enum SessionFunctions {
    static let source = #"""
        const publish = (table) => {
            for (const [name, value] of Object.entries(table))
                Object.defineProperty(global, name, { value, writable: true, configurable: true, enumerable: false });
        };
        publish({
            VoxEngine, AppEvents, CallEvents, ConferenceEvents, PlayerEvents, SequencePlayerEvents, RecorderEvents, DTMFType, Language,
            VoiceList, ASRLanguage, RecordExpireTime, Modules, require, Logger, console, setTimeout, setInterval,
            clearTimeout: stopTimer, clearInterval: stopTimer, uuidgen, JSession: { close: () => VoxEngine.terminate() },
        });
        // Whoever looks at it first, or puts something else in its place, makes it a property like all others.
        const publishLazily = (module, list) => {
            for (const name of list) {
                const become = (value) => {
                    // Not in a world that a script has frozen.
                    Reflect.defineProperty(global, name, { value, writable: true, configurable: true, enumerable: false });
                    return value;
                };
                Object.defineProperty(global, name, { get: () => become(module()[name]), set: become, configurable: true, enumerable: false });
            }
        };
        publishLazily(encodingModule, [
            'str2bytes', 'bytes2str', 'bytes2hex', 'hex2bytes', 'base64_encode', 'base64_decode', 'levenshtein_distance',
        ]);
        publishLazily(ivrModule, ['IVR', 'IVRState']);
        publishLazily(netModule, ['Net', 'ApplicationStorage']);
        publishLazily(cryptoModule, ['Crypto', 'getLocalTime', 'PhoneNumber', 'CallList', 'AMD', 'md5', 'sha1', 'sha256']);
        const absent = Object.keys(absentModules);
        publishLazily(lazily(() => Object.fromEntries(absent.map((name) => [name, absentModule(name)]))), absent);

        // What belongs to them and is looked at by scripts that then do without: events, and lists of what there is in the cloud.
        const absentEvents = ['ASREvents', 'ACDEvents', 'SmartQueueEvents', 'StreamingAgentEvents', 'WebSocketEvents', 'AMDEvents'];
        const absentLists = ['ASRProfileList', 'ASRModelList', 'ASRDictionary'];
        publishLazily(lazily(() => Object.fromEntries([
            ...absentEvents.map((name) => [name, everyName((event) => `${name.slice(0, -6)}.${event}`)]),
            ...absentLists.map((name) => [name, voice('')]),
        ])), [...absentEvents, ...absentLists]);

        // The time of day of a rehearsal; what scripts make of given numbers is as ever.
        const virtualDate = (epoch) => {
            const wall = () => Math.floor(epoch + now());
            const RealDate = Date;
            const Virtual = function (...values) {
                if (new.target === undefined) return new RealDate(wall()).toString();
                return Reflect.construct(RealDate, values.length === 0 ? [wall()] : values, new.target);
            };
            Virtual.prototype = RealDate.prototype;
            Virtual.now = wall;
            Virtual.parse = RealDate.parse;
            Virtual.UTC = RealDate.UTC;
            return Virtual;
        };

        // Somebody asks over HTTP; what the handler returns is the answer: texts and numbers as they are, all else as JSON.
        const answerRequest = ({ _0: id, method, path, content, headers }) => {
            const answer = (status, contentType, body) => send({ httpAnswer: { _0: id, status, contentType, body: text(body, 262144) } });
            if (session.isOver) return answer(410, 'text/plain', 'the session ends');
            if (!application.has(AppEvents.HttpRequest)) return answer(404, 'text/plain', 'the script does not listen to AppEvents.HttpRequest');
            const reply = (value) => {
                if (typeof value === 'string' || typeof value === 'number') return answer(200, 'text/plain; charset=utf-8', value);
                if (value === undefined) return answer(200, 'text/plain; charset=utf-8', '');
                // A function is nothing in JSON.
                answer(200, 'application/json', stringify(value) ?? 'null');
            };
            const value = application.raise(AppEvents.HttpRequest, {
                method, path, content, headers: headers.map(({ name, value: words }) => ({ key: name, value: words })),
            });
            if (value instanceof Promise) value.then(reply); else reply(value);
        };

        // The end: requests on their way are waited for, then Terminating, which may make one more, then Terminated.
        const lastTimeout = 0;
        const endings = {
            stage: 'none',
            begin() {
                if (this.stage !== 'none') return;
                this.stage = 'draining';
                this.wait();
            },
            wait() { if (web.isIdle) this.proceed(); else host.setTimer(lastTimeout, host.lastRequestSeconds * 1000); },
            proceed() {
                if (this.stage === 'draining' && web.isIdle) return this.terminating();
                if (this.stage === 'last' && web.isIdle) this.over();
            },
            giveUp() {
                if (this.stage === 'draining') {
                    web.active = 0;
                    web.waiting = [];
                    return this.terminating();
                }
                if (this.stage === 'last') this.over();
            },
            terminating() {
                this.stage = 'last';
                web.allowance = 1;
                application.raise(AppEvents.Terminating, {});
                this.wait();
            },
            over() {
                this.stage = 'over';
                application.raise(AppEvents.Terminated, {});
                host.finished();
            },
        };

        return {
            prepare: (json) => {
                Object.assign(session, parse(json));
                if (session.epoch !== undefined) publish({ Date: virtualDate(session.epoch) });
            },
            started: () => {
                application.raise(AppEvents.Started, {
                    sessionId: session.number, conference_name: session.conferenceName, accessURL: session.accessURL,
                    accessSecureURL: session.accessURL, logURL: '', accountId: 0,
                    applicationId: 0,
                });
            },
            // One event of the exchange, in its JSON.
            deliver: (json) => {
                const event = parse(json);
                const kind = Object.keys(event)[0];
                const fields = event[kind];
                if (kind in replies) return takeReply(kind, fields);
                if (kind === 'httpRequest') return answerRequest(fields);
                if (session.isOver) return;
                if (kind === 'callAlerting') {
                    const info = fields._1;
                    const call = new Call(fields._0.number, info);
                    return application.raise(AppEvents.CallAlerting, {
                        call, callerid: info.callerNumber, destination: info.destination, displayName: info.callerName,
                        fromURI: info.fromURI, toURI: info.toURI, headers: headersIn(info.headers), customData: info.customData,
                        scheme: '',
                    });
                }
                const unit = units.get(fields._0.number);
                unit?.constructor.received[kind]?.(unit, fields);
            },
            timerFired: (id) => (id === lastTimeout ? endings.giveUp() : timerFired(id)),
            ending: () => {
                session.isOver = true;
                endings.begin();
            },
            rejected: (promise, reason) => host.fault(reason),
        };
        """#
}
