// SPDX-License-Identifier: Apache-2.0

/// A call that nobody has made, for an engine that is to wait for sessions: what most sessions use of the API is then compiled,
/// and the first one takes a millisecond where it took four. The engine keeps what it has compiled for all its scopes.
enum WarmUp {
    /// In a scope of its own, which is thrown away. A failure is of no consequence: the first session tells.
    static func run(in engine: ScriptEngine) {
        // Without an owner: whatever the script asks for goes nowhere.
        guard let machine = ScriptMachine(in: engine) else { return }
        try? machine.call(.prepare, #"{"name":"s0","number":0,"rule":"","customData":"","accessURL":""}"#)
        try? machine.evaluate(script, name: Prelude.name)
        try? machine.call(.started)
        for event in events { try? machine.call(.deliver, event) }
        try? machine.call(.ending)
    }

    private static let script = """
        require(Modules.Conference);
        const timer = setTimeout(() => 0, 1000);
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid }) => {
            for (const name of [CallEvents.ToneReceived, CallEvents.PlaybackFinished, CallEvents.Disconnected])
                call.addEventListener(name, () => clearTimeout(timer));
            call.addEventListener(CallEvents.Connected, () => {
                call.handleTones(true);
                call.say('', Language.US_ENGLISH_FEMALE);
                call.stopPlayback();
                const leg = VoxEngine.callConference('', callerid, call.displayName());
                VoxEngine.sendMediaBetween(call, leg);
                leg.hangup();
            });
            call.answer();
        });
        """

    private static let events = [
        #"{"callAlerting":{"_0":{"number":1},"_1":{"callerNumber":"","callerName":"","destination":"","fromURI":"","toURI":"","#
            + #""headers":[{"name":"A","value":""}],"clientType":"sip","customData":""}}}"#,
        #"{"connected":{"_0":{"number":1},"headers":[]}}"#,
        #"{"tone":{"_0":{"number":1},"_1":"1","_2":0}}"#,
        #"{"playbackStarted":{"_0":{"number":1},"milliseconds":1}}"#,
        #"{"playbackFinished":{"_0":{"number":1}}}"#,
        #"{"disconnected":{"_0":{"number":1},"headers":[],"code":200,"reason":"","seconds":0}}"#,
    ]
}
