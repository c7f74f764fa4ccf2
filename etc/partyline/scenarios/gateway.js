// SPDX-License-Identifier: Apache-2.0
//
// Any number from outside: asks for the number of a conference and connects the caller to it.
//
// Digits count from the first moment on; one typed during the greeting stops it. '#' ends the number, and so do four seconds
// without a digit; '*' starts over. After three tries without success the call ends.

const settings = {
    language: Language.US_ENGLISH_FEMALE,
    // Lines take a moment until both directions are open; the first syllable must not be lost.
    pauseBeforeGreeting: 300,
    pauseAfterDigit: 4000,
    pauseForFirstDigit: 10000,
    tries: 3,
    longestNumber: 20,
};

const texts = {
    greeting: 'Welcome. Please enter the conference number, then press pound.',
    again: 'Please enter the conference number, then press pound.',
    empty: 'No number was entered.',
    unknown: 'There is no conference with this number.',
    refused: 'You can not enter this conference.',
    unreachable: 'This conference can not be reached now.',
    goodbye: 'Goodbye.',
};

const failures = { 403: texts.refused, 404: texts.unknown, 484: texts.unknown, 486: texts.refused, 603: texts.refused };

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    let room;
    let digits = '';
    let failed = 0;
    let timer;
    let failedAt = 0;
    // asking -> joining -> (asking | inside), and at last leaving
    let state = 'asking';

    const wait = (milliseconds, action) => {
        clearTimeout(timer);
        timer = setTimeout(action, milliseconds);
    };

    const ask = (words) => {
        state = 'asking';
        digits = '';
        clearTimeout(timer);
        call.handleTones(true);
        call.say(words, settings.language);
    };

    const refuse = (reason) => {
        failed += 1;
        if (failed < settings.tries) return ask(`${reason} ${texts.again}`);
        state = 'leaving';
        clearTimeout(timer);
        call.say(`${reason} ${texts.goodbye}`, settings.language);
    };

    const join = () => {
        clearTimeout(timer);
        if (digits === '') return refuse(texts.empty);
        if (digits.length > settings.longestNumber) return refuse(texts.unknown);
        state = 'joining';
        // From here on the keys are the room's.
        call.handleTones(false);
        const leg = VoxEngine.callConference(`conf_${digits}`, call.callerid(), call.displayName());
        room = leg;
        leg.addEventListener(CallEvents.Connected, () => {
            state = 'inside';
            VoxEngine.sendMediaBetween(call, leg);
        });
        leg.addEventListener(CallEvents.Failed, ({ code }) => {
            room = undefined;
            failedAt = Date.now();
            refuse(failures[code] ?? texts.unreachable);
        });
        leg.addEventListener(CallEvents.Disconnected, () => call.hangup());
    };

    call.addEventListener(CallEvents.Connected, () => {
        call.handleTones(true);
        wait(settings.pauseBeforeGreeting, () => ask(texts.greeting));
    });

    call.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
        if (state !== 'asking') return;
        // A second '#', typed while the number before was tried, is no answer to this question.
        if (tone === '#' && digits === '' && Date.now() - failedAt < 300) return;
        call.stopPlayback();
        if (tone === '#') return join();
        if (tone === '*') digits = '';
        // One digit too many is kept: a number that was cut would be another room's.
        else if (tone >= '0' && tone <= '9' && digits.length <= settings.longestNumber) digits += tone;
        wait(digits === '' ? settings.pauseForFirstDigit : settings.pauseAfterDigit, join);
    });

    call.addEventListener(CallEvents.PlaybackFinished, () => {
        if (state === 'leaving') return call.hangup();
        if (state === 'asking' && digits === '') wait(settings.pauseForFirstDigit, join);
    });

    call.addEventListener(CallEvents.Disconnected, () => {
        clearTimeout(timer);
        room?.hangup();
        VoxEngine.terminate();
    });

    call.answer();
});
