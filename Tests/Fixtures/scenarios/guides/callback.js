// Started from outside with data: calls a colleague, says what it was given, tells the outside how it went.
let outcome = 'none';

VoxEngine.addEventListener(AppEvents.Started, ({ accessURL, sessionId }) => {
    const { user, words } = JSON.parse(VoxEngine.customData());
    Logger.write(`GUIDE callback: ${accessURL.length > 20} ${typeof sessionId}`);
    const call = VoxEngine.callUser({ username: user, callerid: '100' });
    call.customData('kept');
    call.addEventListener(CallEvents.Connected, ({ customData }) => {
        outcome = customData;
        call.say(words, { voice: VoiceList.Amazon.en_US_Joanna, progressivePlayback: true });
    });
    call.addEventListener(CallEvents.PlaybackFinished, () => {
        outcome = 'said';
        call.hangup();
    });
    call.addEventListener(CallEvents.Failed, ({ code }) => {
        outcome = `failed ${code}`;
    });
});

VoxEngine.addEventListener(AppEvents.HttpRequest, ({ method, path, content, headers }) => {
    if (path.startsWith('/end')) {
        setTimeout(() => VoxEngine.terminate(), 100);
        return true;
    }
    return { method, content, outcome, headers: headers.length > 0 };
});
