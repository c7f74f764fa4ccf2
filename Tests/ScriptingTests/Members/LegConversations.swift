// SPDX-License-Identifier: Apache-2.0

/// Scripts that between them use what a call, a conference, a player and a recorder can do, for real legs of a test's exchange.
/// What they see they write into the log ("=> …").
enum LegConversations {
    static let all = [caller, dialler, room, sounds]

    private static let note = """
        const note = (...values) => Logger.write('=>', ...values);

        """

    /// One caller: asked who he is, answered, listened to, spoken to, hung up.
    static let caller =
        note + """
            VoxEngine.addEventListener(AppEvents.Started, (e) => note('started', e.sessionId > 0));
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                if (call.number() === 'nobody') return call.reject(404);
                if (call.number() === 'never') return call.decline();
                note('who', call.incoming(), call.number(), call.callerid(), call.displayName(), call.clientType());
                note('what', call.headers()['X-A'], call.state(), call.is_conf, call.id() !== '', call.toString() !== '', call.customData('d'));
                const heard = [
                    CallEvents.Connected, CallEvents.ToneReceived, CallEvents.OnHold, CallEvents.OffHold,
                    CallEvents.MicStatusChange, CallEvents.FirstAudioPacketReceived, CallEvents.AudioQualityDetected,
                    CallEvents.RtpStopped, CallEvents.RtpResumed, CallEvents.PlaybackReady, CallEvents.PlaybackStarted,
                    CallEvents.PlaybackFinished, CallEvents.RecordStarted, CallEvents.RecordStopped, CallEvents.RecordError,
                    CallEvents.MessageReceived, CallEvents.InfoReceived, CallEvents.ToneDetected,
                    CallEvents.BeepDetectionComplete, CallEvents.ReInviteReceived, CallEvents.ReInviteAccepted,
                    CallEvents.ReInviteRejected, CallEvents.StateChanged, CallEvents.BlindTransferRequested, CallEvents.Disconnected,
                ];
                for (const name of heard)
                    call.addEventListener(name, (e) => note(
                        e.name, e.tone ?? e.active ?? e.quality ?? e.url ?? e.error ?? e.text ?? e.mimeType ?? e.newState
                            ?? e.transferTo ?? e.ProgressTone ?? e.duration ?? ''));
                call.ring();
                call.startEarlyMedia();
                if (call.customData() === 'd') call.answer(); else call.answerDirect();
                call.addEventListener(CallEvents.Connected, () => {
                    call.handleTones(true);
                    call.handleMicStatus(true);
                    call.handleBlindTransfer(true);
                    call.enableBeepDetection();
                    call.detectProgressTone(true);
                    call.sendDigits('12');
                    call.sendMessage('hello');
                    call.sendInfo('a/b', 'c');
                    call.record({ name: 'r' });
                    call.say('one');
                });
                call.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
                    if (tone === '2') {
                        call.stopPlayback();
                        call.disableBeepDetection();
                        call.stopRecording();
                        note('vad', call.vad());
                        call.startPlayback('two.wav');
                    }
                    if (tone === '3') {
                        call.playProgressTone('US');
                        call.removeEventListener(CallEvents.OnHold);
                        call.detectVoicemailTone(60000);
                    }
                    if (tone === '4') call.detectVoicemailPrompt(60000, 10);
                    if (tone === '7') call.notifyBlindTransferFailed();
                    if (tone === '8') call.notifyBlindTransferSuccess();
                    if (tone === '9') call.hangup();
                });
            });
            """

    /// Wants to know nothing but whether an announcement is heard.
    static let prompted =
        note + """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.addEventListener(CallEvents.ToneDetected, (e) => note('announcement', e.VoicemailTone));
                call.addEventListener(CallEvents.MicStatusChange, () => note('not asked for'));
                call.addEventListener(CallEvents.Connected, () => {
                    call.detectVoicemailPrompt(60000, 10);
                    call.handleMicStatus(false);
                });
                call.answer();
            });
            """

    /// Calls out for a caller, as the number he dialled says.
    static let dialler =
        note + """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.answer();
                const make = {
                    user: () => VoxEngine.callUser({ username: '22' }),
                    direct: () => VoxEngine.callUserDirect(call, '22'),
                    pstn: () => VoxEngine.callPSTN('0301', '5'),
                    sip: () => VoxEngine.callSIP('sip:a@192.0.2.9'),
                    room: () => VoxEngine.callConference('conf_7'),
                }[call.number()];
                if (make === undefined) return;
                const other = make();
                for (const name of [
                    CallEvents.Ringing, CallEvents.AudioStarted, CallEvents.Connected, CallEvents.Failed,
                    CallEvents.TransferComplete, CallEvents.TransferFailed, CallEvents.Disconnected,
                ]) other.addEventListener(name, (e) => note('other', e.name, e.code ?? e.role ?? ''));
                other.addEventListener(CallEvents.Connected, () => {
                    note('it is', other.clientType(), other.is_conf);
                    VoxEngine.sendMediaBetween(call, other);
                    call.handleTones();
                });
                call.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
                    if (tone === '1') VoxEngine.stopMediaBetween(call, other);
                    if (tone === '2') other.transferTo({ to: '33' });
                    if (tone === '3') other.sendMediaTo(call);
                    if (tone === '4') other.stopMediaTo(call);
                    if (tone === '5') other.transferTo({ call });
                });
            });
            """

    /// A conference in the caller's own session.
    static let room =
        note + """
            require(Modules.Conference);
            const room = VoxEngine.createConference({ hd_audio: true });
            for (const name of [
                ConferenceEvents.Started, ConferenceEvents.Stopped, ConferenceEvents.EndpointAdded,
                ConferenceEvents.EndpointUpdated, ConferenceEvents.EndpointRemoved, ConferenceEvents.EndpointManaged,
            ]) room.addEventListener(name, (e) => note(e.name, e.direction ?? ''));
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.answer();
                call.addEventListener(CallEvents.Connected, () => {
                    note('id', room.id() === room.getId());
                    const other = VoxEngine.callUser({ username: '22' });
                    other.addEventListener(CallEvents.Connected, () => VoxEngine.sendMediaBetween(other, room));
                    const end = room.add({ call, mode: 'MIX', direction: 'BOTH', displayName: 'Ada' });
                    note('end', end.id() !== '', end.getCall() === call, end.getDirection(), end.getMode());
                    note('list', room.getList().length, room.get(end.id()) === end);
                    end.setDisplayName('Eve');
                    call.handleTones();
                    call.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
                        if (tone === '1') end.manageEndpoint({ direction: 'SEND' });
                        if (tone === '2') room.sendMediaTo(call);
                        if (tone === '3') room.stopMediaTo(call);
                        if (tone === '4') room.say('to all');
                        if (tone === '5') room.stopPlayback();
                        if (tone === '6') room.startPlayback('all.wav');
                        if (tone === '7') room.removeEventListener(ConferenceEvents.EndpointRemoved);
                        if (tone === '8') room.stop();
                        if (tone === '9') VoxEngine.destroyConference(room);
                    });
                });
            });
            """

    /// Players and a recorder, as the digits say.
    static let sounds =
        note + """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.answer();
                call.handleTones();
                const player = VoxEngine.createTTSPlayer('spoken');
                const tones = [VoxEngine.createToneScriptPlayer('440@-19;*(1/1/1)'), VoxEngine.createToneScript('425@-19;*(1/1/1)')];
                const file = VoxEngine.createURLPlayer('a.wav');
                const sequence = VoxEngine.createSequencePlayer({ segments: [{ text: 'first' }, { url: 'b.wav' }] });
                const recorder = VoxEngine.createRecorder({ name: 'own' });
                for (const name of [
                    PlayerEvents.Created, PlayerEvents.PlaybackReady, PlayerEvents.Started, PlayerEvents.Stopped,
                    PlayerEvents.PlaybackFinished, PlayerEvents.Error, PlayerEvents.PlaybackMarkerReached,
                ]) player.addEventListener(name, (e) => note(e.name, e.duration ?? e.offset ?? e.error ?? ''));
                for (const name of [
                    SequencePlayerEvents.Created, SequencePlayerEvents.PlaybackReady, SequencePlayerEvents.Started,
                    SequencePlayerEvents.Stopped, SequencePlayerEvents.PlaybackFinished, SequencePlayerEvents.Error,
                    SequencePlayerEvents.PlaybackMarkerReached,
                ]) sequence.addEventListener(name, (e) => note(e.name, e.duration ?? e.offset ?? e.error ?? ''));
                for (const name of [RecorderEvents.Started, RecorderEvents.Stopped, RecorderEvents.RecorderError])
                    recorder.addEventListener(name, (e) => note(e.name, e.url ?? e.error ?? ''));
                player.addMarker(1);
                sequence.addMarker(1);
                note('ids', new Set([player.id(), sequence.id(), recorder.id(), file.id()]).size);
                call.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
                    if (tone === '1') player.sendMediaTo(call);
                    if (tone === '2') { player.pause(); player.resume(); }
                    if (tone === '3') player.stopMediaTo(call);
                    if (tone === '4') { sequence.sendMediaTo(call); sequence.pause(); sequence.resume(); }
                    if (tone === '5') { call.sendMediaTo(recorder); recorder.mute(true); }
                    if (tone === '6') { call.stopMediaTo(recorder); recorder.stop(); recorder.removeEventListener(RecorderEvents.Started); }
                    if (tone === '7') { player.stop(); player.removeEventListener(PlayerEvents.Started); }
                    if (tone === '8') { sequence.stopMediaTo(call); sequence.stop(); sequence.removeEventListener(SequencePlayerEvents.Started); }
                    if (tone === '9') tones.forEach((one) => one.stop());
                });
            });
            """
}
