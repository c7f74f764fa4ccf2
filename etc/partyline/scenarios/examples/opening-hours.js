// SPDX-License-Identifier: Apache-2.0
//
// Within opening hours the caller is put through to the office; outside them it is told when to call again.
//
//   partyline scenario rehearse opening-hours.js --at "2026-11-25 20:15" --expect "closed"

const office = '200';
const zone = 'Europe/Berlin';
// From and to in hours, by day of the week; 0 is Sunday.
const hours = { 1: [9, 17], 2: [9, 17], 3: [9, 17], 4: [9, 20], 5: [9, 15] };
const closed = 'We are closed. Our hours are nine to five on weekdays. Please call again.';
const nobody = 'Nobody can take your call now. Please call again.';

const isOpen = () => {
    const time = getLocalTime(zone);
    const today = hours[time.getDay()];
    return today !== undefined && time.getHours() >= today[0] && time.getHours() < today[1];
};

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const sayAndEnd = (words) => {
        const speak = () => call.say(words, Language.UK_ENGLISH_FEMALE);
        call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
        if (call.state() === 'CONNECTED') return speak();
        call.addEventListener(CallEvents.Connected, speak);
        call.answer();
    };
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);

    if (!isOpen()) return sayAndEnd(closed);

    const leg = VoxEngine.callUser({ username: office, callerid: call.callerid(), displayName: call.displayName() });
    leg.addEventListener(CallEvents.Ringing, () => call.ring());
    leg.addEventListener(CallEvents.Connected, () => {
        call.answer();
        VoxEngine.sendMediaBetween(call, leg);
    });
    leg.addEventListener(CallEvents.Failed, () => sayAndEnd(nobody));
    leg.addEventListener(CallEvents.Disconnected, () => call.hangup());
    call.addEventListener(CallEvents.Disconnected, () => leg.hangup());
    call.addEventListener(CallEvents.Failed, VoxEngine.terminate);
});
