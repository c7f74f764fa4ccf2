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

const bringIn = (number, host) => {
    const guest = dial(number);
    let timer;
    const tell = (words) => {
        // Words to the host alone; then it is back in the meeting.
        const player = VoxEngine.createTTSPlayer(words, { language: voice });
        player.addEventListener(PlayerEvents.PlaybackFinished, () => meeting.sendMediaTo(host));
        player.sendMediaTo(host);
    };
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
    call.addEventListener(CallEvents.Connected, () => {
        call.handleTones(true);
        call.say('Type the number of whoever shall join, and the hash key.', voice);
        call.addEventListener(CallEvents.PlaybackFinished, () => VoxEngine.sendMediaBetween(call, meeting));
    });
    call.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
        if (tone === '*') {
            number = '';
        } else if (tone !== '#') {
            number += tone;
        } else if (number !== '') {
            bringIn(number, call);
            number = '';
            VoxEngine.sendMediaBetween(call, meeting);
        }
    });
    // The meeting is the host's: it ends with the host.
    for (const over of [CallEvents.Disconnected, CallEvents.Failed]) call.addEventListener(over, VoxEngine.terminate);
    call.answer();
});
