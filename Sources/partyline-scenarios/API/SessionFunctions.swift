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
            clearTimeout: stopTimer, clearInterval: stopTimer, uuidgen, str2bytes, bytes2str, bytes2hex, hex2bytes, base64_encode,
            base64_decode, levenshtein_distance, IVR, IVRState,
            JSession: { close: () => VoxEngine.terminate() },
        });
        for (const name of ['Net', 'ApplicationStorage', 'Crypto', 'CallList', 'AMD', 'PhoneNumber', 'ACD', 'ASR', 'SmartQueue'])
            publish({ [name]: absentModule(name) });

        return {
            prepare: (json) => Object.assign(session, parse(json)),
            started: () => {
                application.raise(AppEvents.Started, {
                    sessionId: session.number, conference_name: session.conferenceName, accessURL: '', accessSecureURL: '', logURL: '', accountId: 0,
                    applicationId: 0,
                });
            },
            // One event of the exchange, in its JSON.
            deliver: (json) => {
                if (session.isOver) return;
                const event = parse(json);
                const kind = Object.keys(event)[0];
                const fields = event[kind];
                if (kind === 'callAlerting') {
                    const info = fields._1;
                    const call = new Call(fields._0.number, info);
                    return application.raise(AppEvents.CallAlerting, {
                        call, callerid: info.callerNumber, destination: info.destination, displayName: info.callerName,
                        fromURI: info.fromURI, toURI: info.toURI, headers: headersIn(info.headers), customData: info.customData,
                    });
                }
                const unit = units.get(fields._0.number);
                unit?.constructor.received[kind]?.(unit, fields);
            },
            timerFired,
            ending: () => {
                session.isOver = true;
                application.raise(AppEvents.Terminating, {});
                application.raise(AppEvents.Terminated, {});
            },
            rejected: (promise, reason) => host.fault(reason),
        };
        """#
}
