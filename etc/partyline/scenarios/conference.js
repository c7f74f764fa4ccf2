// SPDX-License-Identifier: Apache-2.0
//
// One conference: whoever calls conf_NUMBER ends up here. The first caller starts this scenario, everybody after that joins
// it; it ends a minute after the last one has left.
//
// roomKeys:  star codes work in the room (*0 tells them).
// joinTones: a short tone when somebody joins or leaves.

require(Modules.Conference);

const conference = VoxEngine.createConference({ roomKeys: true, joinTones: true });

conference.addEventListener(ConferenceEvents.ConferenceError, ({ error }) => {
    Logger.write(`no conference: ${error}`);
    VoxEngine.terminate();
});

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Connected, () => VoxEngine.sendMediaBetween(call, conference));
    call.answer();
});
