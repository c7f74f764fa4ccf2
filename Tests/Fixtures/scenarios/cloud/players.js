// Every kind of player, its events in order, markers from both ends, pause and resume.
require(Modules.Player);

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const note = (what) => (e) => Logger.write(what, e.name.split('.').pop(), e.offset ?? '');
    call.addEventListener(CallEvents.Connected, () => {
        const player = VoxEngine.createTTSPlayer('One two three four five six seven eight nine ten.', {
            language: VoiceList.Amazon.en_US_Matthew, progressivePlayback: true, ttsOptions: { rate: 'medium' },
        });
        for (const name of Object.values(PlayerEvents)) player.addEventListener(name, note('tts'));
        player.addMarker(500);
        player.addMarker(-300);
        player.sendMediaTo(call);
        player.addEventListener(PlayerEvents.PlaybackFinished, () => {
            const sequence = VoxEngine.createSequencePlayer({
                segments: [
                    { text: 'The first part.', parameters: { voice: VoiceList.Google.en_US_Wavenet_A } },
                    { text: 'The second part.' },
                ],
            });
            for (const name of Object.values(SequencePlayerEvents)) sequence.addEventListener(name, note('sequence'));
            sequence.addMarker(200, 1);
            sequence.sendMediaTo(call);
            sequence.addEventListener(SequencePlayerEvents.PlaybackFinished, () => {
                const tone = VoxEngine.createToneScript('425@-19;*(1/4/1)', true);
                tone.addEventListener(PlayerEvents.Stopped, note('tone'));
                tone.sendMediaTo(call);
                setTimeout(() => tone.pause(), 500);
                setTimeout(() => tone.resume(), 1000);
                setTimeout(() => { tone.stop(); call.hangup(); }, 2000);
            });
        });
    });
    call.answer();
});
