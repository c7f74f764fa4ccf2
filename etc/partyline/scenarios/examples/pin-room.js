// SPDX-License-Identifier: Apache-2.0
//
// A conference behind a PIN: three tries, then the line is closed. Typing stops the words.
//
//   partyline scenario rehearse pin-room.js --digits "1111# 2580#" --expect "not right" --expect "room 4711"

const room = 'conf_4711';
const pin = '2580';
const voice = Language.UK_ENGLISH_FEMALE;

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    let triesLeft = 3;

    const enter = () => {
        call.handleTones(false);
        const leg = VoxEngine.callConference(room, call.callerid(), call.displayName());
        leg.addEventListener(CallEvents.Connected, () => VoxEngine.sendMediaBetween(call, leg));
        leg.addEventListener(CallEvents.Failed, () => leave('The conference can not be reached.'));
        leg.addEventListener(CallEvents.Disconnected, () => call.hangup());
        call.addEventListener(CallEvents.Disconnected, () => leg.hangup());
    };

    const leave = (words) => {
        call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
        call.say(words, voice);
    };

    const ask = (words) => {
        const question = new IVRState('pin', {
            type: 'inputunknown', terminateOn: '#', timeout: 10000, prompt: { say: words, lang: voice },
        }, (input) => check(input.replace('#', '')), () => check(''));
        question.enter(call);
    };

    const check = (input) => {
        if (input === pin) return enter();
        triesLeft -= 1;
        if (triesLeft === 0) return leave('That was not right either. Goodbye.');
        ask(input === '' ? 'Please type the PIN and the hash key.' : 'That was not right. Please try again.');
    };

    call.addEventListener(CallEvents.Connected, () => ask('Please type the PIN and the hash key.'));
    for (const over of [CallEvents.Disconnected, CallEvents.Failed]) call.addEventListener(over, VoxEngine.terminate);
    call.answer();
});
