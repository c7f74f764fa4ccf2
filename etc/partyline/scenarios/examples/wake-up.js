// SPDX-License-Identifier: Apache-2.0
//
// A wake-up call. Dial in, type the time with four digits (0730), hang up; the phone rings at that time, three times if need be.
// A session without a call ends after a minute; a leg into a conference of its own keeps this one until then (not over a restart
// of the exchange).
//
//   partyline scenario rehearse wake-up.js --at "2026-11-24 07:00" --digits 0702 --longest 600 --expect "Good morning"

const zone = '';
const voice = Language.UK_ENGLISH_FEMALE;
const tries = 3;
const pauseBetweenTries = 60000;

const wake = (phone, number) => {
    const leg = VoxEngine.callUser({ username: phone, displayName: 'Wake-up' });
    leg.addEventListener(CallEvents.Connected, () => leg.say('Good morning. This is your wake-up call.', voice));
    leg.addEventListener(CallEvents.PlaybackFinished, () => leg.hangup());
    leg.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    leg.addEventListener(CallEvents.Failed, () => {
        if (number >= tries) return VoxEngine.terminate();
        setTimeout(() => wake(phone, number + 1), pauseBetweenTries / 2);
    });
};

// Milliseconds until it is so late.
const until = (hour, minute) => {
    const now = getLocalTime(zone);
    const then = new Date(now);
    then.setHours(hour, minute, 0, 0);
    if (then <= now) then.setDate(then.getDate() + 1);
    return then.getTime() - now.getTime();
};

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const phone = call.callerid();

    const ask = (words) => {
        new IVRState('time', {
            type: 'inputfixed', inputLength: 4, timeout: 10000, prompt: { say: words, lang: voice },
        }, set, () => ask('Please type four digits.')).enter(call);
    };
    const set = (input) => {
        const [hour, minute] = [Number(input.slice(0, 2)), Number(input.slice(2))];
        if (!(hour < 24 && minute < 60)) return ask('There is no such time. Please type four digits, such as 0 7 3 0.');
        VoxEngine.callConference(`conf_wake-up-${phone}`);
        setTimeout(() => wake(phone, 1), until(hour, minute));
        call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
        call.say(`You will be called at ${hour} ${String(minute).padStart(2, '0')}. Goodbye.`, voice);
    };

    call.addEventListener(CallEvents.Connected, () => ask('When shall we call you? Please type four digits.'));
    call.addEventListener(CallEvents.Failed, VoxEngine.terminate);
    call.answer();
});
