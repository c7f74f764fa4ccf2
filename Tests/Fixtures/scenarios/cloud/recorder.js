// A recorder that hears both, is paused, and tells where its file is.
require(Modules.Recorder);

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const recorder = VoxEngine.createRecorder({ name: 'interview', hd_audio: true, format: 'wav' });
    recorder.addEventListener(RecorderEvents.Started, (e) => Logger.write('recorder started', typeof e.url, e.recorder === recorder));
    recorder.addEventListener(RecorderEvents.Stopped, (e) => Logger.write('recorder stopped', e.duration >= 1, e.cost));
    const other = VoxEngine.callUser('201');
    other.addEventListener(CallEvents.Connected, () => {
        call.answer();
        VoxEngine.sendMediaBetween(call, other);
        call.sendMediaTo(recorder);
        other.sendMediaTo(recorder);
        call.record();
        setTimeout(() => recorder.mute(true), 1000);
        setTimeout(() => recorder.mute(false), 1500);
        setTimeout(() => recorder.stop(), 3000);
    });
    call.addEventListener(CallEvents.RecordStarted, (e) => Logger.write('record started', typeof e.url, e.call === call));
    call.addEventListener(CallEvents.RecordStopped, (e) => Logger.write('record stopped', typeof e.url, e.cost));
    call.addEventListener(CallEvents.Disconnected, () => other.hangup());
    other.addEventListener(CallEvents.Disconnected, () => call.hangup());
});
