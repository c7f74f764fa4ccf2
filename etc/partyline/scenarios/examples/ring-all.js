// SPDX-License-Identifier: Apache-2.0
//
// Rings all phones of the house at once; who lifts first has the call, the others stop ringing.
//
//   partyline scenario rehearse ring-all.js --answer 201=busy --answer 202=4 --answer 203=6 --expect "202: hears caller"

const phones = ['201', '202', '203'];
const patience = 25000;
const nobody = 'Nobody is at home. Please call again.';

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    let ringing = [];
    let winner;

    const stopRinging = () => {
        const others = ringing;
        ringing = [];
        for (const leg of others) if (leg !== winner) leg.hangup();
    };

    const giveUp = () => {
        if (winner !== undefined) return;
        stopRinging();
        call.addEventListener(CallEvents.Connected, () => call.say(nobody, Language.UK_ENGLISH_FEMALE));
        call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
        call.answer();
    };
    const timer = setTimeout(giveUp, patience);

    for (const phone of phones) {
        const leg = VoxEngine.callUser({ username: phone, callerid: call.callerid(), displayName: call.displayName() });
        ringing.push(leg);
        leg.addEventListener(CallEvents.Connected, () => {
            // Two may lift within the same moment.
            if (winner !== undefined) return leg.hangup();
            winner = leg;
            clearTimeout(timer);
            stopRinging();
            call.answer();
            VoxEngine.sendMediaBetween(call, leg);
            leg.addEventListener(CallEvents.Disconnected, () => call.hangup());
        });
        leg.addEventListener(CallEvents.Failed, () => {
            ringing = ringing.filter((other) => other !== leg);
            if (ringing.length === 0) {
                clearTimeout(timer);
                giveUp();
            }
        });
    }

    for (const over of [CallEvents.Disconnected, CallEvents.Failed]) call.addEventListener(over, VoxEngine.terminate);
    call.ring();
});
