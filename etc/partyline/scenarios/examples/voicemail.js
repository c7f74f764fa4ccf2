// SPDX-License-Identifier: Apache-2.0
//
// Rings a phone; when nobody lifts, takes a message into a file (STATE/recordings) and keeps a note of it in the storage under
// "voicemail.…", where another script can find it.
//
//   partyline scenario rehearse voicemail.js --answer 200=rings --expect "after the tone"

require(Modules.ApplicationStorage);

const phone = '200';
const patience = 20000;
const longestMessage = 120000;
const keptDays = 30;
const greeting = 'Nobody can take your call. Please leave a message after the tone, and press hash when you are done.';

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const leg = VoxEngine.callUser({ username: phone, callerid: call.callerid(), displayName: call.displayName() });
    let stage = 'ringing';
    let url;

    const takeMessage = () => {
        if (stage !== 'ringing') return;
        stage = 'greeting';
        clearTimeout(timer);
        call.answer();
    };
    const timer = setTimeout(() => {
        leg.hangup();
        takeMessage();
    }, patience);

    leg.addEventListener(CallEvents.Ringing, () => call.ring());
    leg.addEventListener(CallEvents.Failed, takeMessage);
    leg.addEventListener(CallEvents.Connected, () => {
        if (stage !== 'ringing') return leg.hangup();
        stage = 'talking';
        clearTimeout(timer);
        call.answer();
        VoxEngine.sendMediaBetween(call, leg);
    });
    leg.addEventListener(CallEvents.Disconnected, () => { if (stage === 'talking') call.hangup(); });

    call.addEventListener(CallEvents.Connected, () => {
        if (stage === 'greeting') call.say(greeting, Language.UK_ENGLISH_FEMALE);
    });
    call.addEventListener(CallEvents.PlaybackFinished, () => {
        if (stage === 'greeting') {
            stage = 'tone';
            const tone = VoxEngine.createToneScriptPlayer('1000@-12;0.4(0.4/0/1)');
            tone.addEventListener(PlayerEvents.PlaybackFinished, record);
            tone.sendMediaTo(call);
        } else if (stage === 'thanks') {
            call.hangup();
        }
    });

    const record = () => {
        stage = 'recording';
        call.handleTones(true);
        call.record({ name: `voicemail-${call.callerid()}`, format: 'wav', expire: keptDays });
        setTimeout(finish, longestMessage);
    };
    const finish = () => {
        if (stage !== 'recording') return;
        stage = 'thanks';
        call.stopRecording();
        call.say('Thank you.', Language.UK_ENGLISH_FEMALE);
    };
    call.addEventListener(CallEvents.ToneReceived, ({ tone }) => { if (tone === '#') finish(); });
    call.addEventListener(CallEvents.RecordStarted, (event) => { url = event.url; });
    call.addEventListener(CallEvents.RecordError, ({ error }) => {
        Logger.write(`no message could be taken: ${error}`);
        stage = 'thanks';
        call.say('No message can be taken now. Please call again.', Language.UK_ENGLISH_FEMALE);
    });
    call.addEventListener(CallEvents.RecordStopped, ({ duration }) => {
        ApplicationStorage.put(`voicemail.${Date.now()}`, JSON.stringify({ from: call.callerid(), url, duration }), keptDays * 86400);
    });

    call.addEventListener(CallEvents.Disconnected, () => {
        leg.hangup();
        // The recording is closed and noted first.
        setTimeout(VoxEngine.terminate, 2000);
    });
    call.addEventListener(CallEvents.Failed, VoxEngine.terminate);
});
