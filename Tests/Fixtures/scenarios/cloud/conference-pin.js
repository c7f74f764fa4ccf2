// A conference that asks for a code, counts who is in it and says so.
require(Modules.Conference);
require(Modules.ApplicationStorage);

let conf;
const participants = new Map();

VoxEngine.addEventListener(AppEvents.Started, (e) => {
    conf = VoxEngine.createConference({ hd_audio: true });
    conf.addEventListener(ConferenceEvents.Started, () => Logger.write('conference started'));
    conf.addEventListener(ConferenceEvents.EndpointAdded, ({ endpoint }) => Logger.write('added', endpoint.getDirection()));
});

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid }) => {
    let pin = '';
    let tries = 0;
    call.answer();
    call.handleTones(true);
    call.addEventListener(CallEvents.Connected, () => call.say('Enter the code.', Language.UK_ENGLISH_FEMALE));
    call.addEventListener(CallEvents.ToneReceived, async ({ tone }) => {
        call.stopPlayback();
        if (tone !== '#') {
            pin += tone;
            return;
        }
        const stored = await ApplicationStorage.get('pin');
        if (pin === (stored?.value ?? '4242')) {
            call.handleTones(false);
            call.removeEventListener(CallEvents.ToneReceived);
            participants.set(call.id(), callerid);
            const endpoint = conf.add({ call, mode: 'MIX', direction: 'BOTH', scheme: {}, displayName: callerid });
            conf.say(`Participants: ${conf.getList().length}.`, { voice: VoiceList.Google.en_US_Neural2_C });
            Logger.write('in', endpoint.id() === conf.get(endpoint.id()).id(), [...participants.values()].join());
        } else if (++tries === 3) call.hangup();
        else {
            pin = '';
            call.say('This code is wrong.', Language.UK_ENGLISH_FEMALE);
        }
    });
    call.addEventListener(CallEvents.Disconnected, () => {
        participants.delete(call.id());
        if (participants.size === 0) VoxEngine.terminate();
    });
});
