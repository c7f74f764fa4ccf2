// SPDX-License-Identifier: Apache-2.0
//
// A meeting that brings people in: type a number and the hash key, and they are called. Whoever answers is asked to press 1
// first, so that no answering machine ever sits in the meeting.
//
//   partyline scenario rehearse bring-in.js --digits "0301234#" --answer 0301234=3:1 --silence 15 --expect "0301234: hears caller"

require(Modules.Conference);

const voice = Language.UK_ENGLISH_FEMALE;
// How long somebody who answered may think.
const patience = 15000;

const meeting = VoxEngine.createConference();
meeting.addEventListener(ConferenceEvents.ConferenceError, VoxEngine.terminate);

// Phones of the house have short numbers.
const dial = (number) => (number.length <= 4 ? VoxEngine.callUser({ username: number }) : VoxEngine.callPSTN(number));

// `letBack` brings the host back into the meeting.
const bringIn = (number, host, letBack) => {
    const guest = dial(number);
    let timer;
    let isHostBack = false;
    const hostBack = () => {
        if (isHostBack) return;
        isHostBack = true;
        letBack();
    };
    const tell = (words) => {
        // Words to the host alone; then it is back in the meeting.
        const player = VoxEngine.createTTSPlayer(words, { language: voice });
        player.addEventListener(PlayerEvents.PlaybackFinished, letBack);
        player.sendMediaTo(host);
    };
    for (const sign of [CallEvents.Ringing, CallEvents.AudioStarted, CallEvents.Connected]) guest.addEventListener(sign, hostBack);
    guest.addEventListener(CallEvents.Connected, () => {
        guest.handleTones(true);
        guest.say('You are called into a meeting. Press 1 to join.', voice);
        timer = setTimeout(() => guest.hangup(), patience);
    });
    guest.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
        if (tone !== '1') return;
        clearTimeout(timer);
        guest.handleTones(false);
        VoxEngine.sendMediaBetween(guest, meeting);
    });
    guest.addEventListener(CallEvents.Failed, ({ reason }) => tell(`${[...number].join(' ')}: ${reason}.`));
    guest.addEventListener(CallEvents.Disconnected, () => clearTimeout(timer));
};

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    let number = '';
    let isAway = false;
    const enter = () => {
        isAway = false;
        call.stopPlayback();
        VoxEngine.sendMediaBetween(call, meeting);
    };
    // Out of the meeting until the guest's phone rings: a host from outside may be asked for the code that calls out need
    // ([outside] code), and in a meeting nobody is asked anything.
    const callOut = (guest) => {
        isAway = true;
        VoxEngine.stopMediaBetween(call, meeting);
        call.playProgressTone('US');
        setTimeout(() => bringIn(guest, call, enter), 300);
    };
    call.addEventListener(CallEvents.Connected, () => {
        call.handleTones(true);
        call.say('Type the number of whoever shall join, and the hash key.', voice);
        call.addEventListener(CallEvents.PlaybackFinished, () => { if (!isAway) enter(); });
    });
    call.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
        if (tone === '*') {
            number = '';
        } else if (tone !== '#') {
            number += tone;
        } else if (number !== '') {
            callOut(number);
            number = '';
        }
    });
    // The meeting is the host's: it ends with the host.
    for (const over of [CallEvents.Disconnected, CallEvents.Failed]) call.addEventListener(over, VoxEngine.terminate);
    call.answer();
});
