// A message after the tone; where it lies is posted somewhere. Everything is awaited.
require(Modules.Player);
require(Modules.Recorder);

const happens = (unit, name) => new Promise((resolve) => {
    const once = (event) => {
        unit.removeEventListener(name, once);
        resolve(event);
    };
    unit.addEventListener(name, once);
});

VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call, callerid }) => {
    call.answer();
    await happens(call, CallEvents.Connected);
    call.say('Please leave a message after the tone.', { voice: VoiceList.Microsoft.Neural.en_US_JennyNeural });
    await happens(call, CallEvents.PlaybackFinished);
    const beep = VoxEngine.createToneScriptPlayer('1000@-10;1(1/0/1)');
    beep.sendMediaTo(call);
    await happens(beep, PlayerEvents.PlaybackFinished);
    call.record({ hd_audio: true, lossless: false, expire: RecordExpireTime.SIXMONTHS });
    const { url } = await happens(call, CallEvents.RecordStarted);
    const limit = setTimeout(() => call.hangup(), 30000);
    call.handleTones(true);
    call.addEventListener(CallEvents.ToneReceived, (e) => { if (e.tone === '#') call.hangup(); });
    const ended = await happens(call, CallEvents.Disconnected);
    clearTimeout(limit);
    const { code, error } = await Net.httpRequestAsync('http://hooks.example/voicemail', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json;charset=utf-8' },
        postData: JSON.stringify({ url, callerid, seconds: ended.duration }),
    });
    Logger.write('posted', code, error ?? 'fine', typeof url);
    VoxEngine.terminate();
});
