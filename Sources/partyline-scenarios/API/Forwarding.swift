// SPDX-License-Identifier: Apache-2.0

/// JavaScript of easyProcess and of the one-line scenarios on top of it.
enum Forwarding {
    static let source = #"""
        const forwardingModule = lazily(() => {
            // Of what the far end sent, only what is meant for applications goes on to the other leg.
            const relayed = (headers) => Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => /^x-/i.test(name)));

            const easyProcess = (call1, call2, onEstablished) => {
                call2.addEventListener(CallEvents.Connected, (event) => {
                    call1.answer(relayed(event.headers), { displayName: call2.displayName() });
                    VoxEngine.sendMediaBetween(call1, call2);
                });
                call1.addEventListener(CallEvents.Connected, () => {
                    if (typeof onEstablished === 'function') onEstablished(call1, call2);
                });
                call2.addEventListener(CallEvents.Ringing, (event) => call1.ring(relayed(event.headers)));
                call2.addEventListener(CallEvents.AudioStarted, (event) => {
                    call1.startEarlyMedia(relayed(event.headers));
                    call2.sendMediaTo(call1);
                });
                for (const [from, to] of [[call1, call2], [call2, call1]]) {
                    from.addEventListener(CallEvents.MessageReceived, (event) => to.sendMessage(event.text));
                    from.addEventListener(CallEvents.InfoReceived, (event) => to.sendInfo(event.mimeType, event.body, relayed(event.headers)));
                    from.addEventListener(CallEvents.Failed, VoxEngine.terminate);
                    from.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
                }
            };

            const forward = (makeCall, onEstablished) => VoxEngine.addEventListener(AppEvents.CallAlerting, (event) => {
                VoxEngine.easyProcess(event.call, makeCall(event), onEstablished);
            });
            const functionsOf = (values) => values.filter((value) => typeof value === 'function');

            // (numberTransform, onEstablished, options)
            const forwardCallToPSTN = (numberTransform, onEstablished, options) => forward((event) => {
                const number = typeof numberTransform === 'function' ? numberTransform(event.destination) : event.destination;
                return VoxEngine.callPSTN(number, optionsOf(options).callerid ?? event.callerid, optionsOf(options));
            }, onEstablished);
            // (onEstablished, options); a function before it transforms the name.
            const forwardTo = (call) => (...values) => {
                const functions = functionsOf(values);
                const [transform, onEstablished] = functions.length > 1 ? functions : [(name) => name, functions[0]];
                const options = values.find(isObject) ?? {};
                forward((event) => call(transform(event.destination), {
                    callerid: event.callerid, displayName: event.displayName, headers: relayed(event.headers), ...options,
                }, event), onEstablished);
            };
            const forwardCallToUser = forwardTo((username, options) => VoxEngine.callUser({ ...options, username }));
            const forwardCallToUserDirect = forwardTo((username, options, event) => VoxEngine.callUserDirect(event.call, username, options));
            const forwardCallToSIP = forwardTo((to, options) => VoxEngine.callSIP(to, options));

            const playSoundAndHangup = (url) => VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.addEventListener(CallEvents.Connected, () => call.startPlayback(url));
                call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
                call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
                call.answer();
            });
            return { easyProcess, forwardCallToPSTN, forwardCallToUser, forwardCallToUserDirect, forwardCallToSIP, playSoundAndHangup };
        });
        for (const name of [
            'easyProcess', 'forwardCallToPSTN', 'forwardCallToUser', 'forwardCallToUserDirect', 'forwardCallToSIP', 'playSoundAndHangup',
        ]) VoxEngine[name] = (...values) => forwardingModule()[name](...values);
        """#
}
