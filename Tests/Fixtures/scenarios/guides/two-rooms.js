// Two mixers in one session: speakers talk in one, listeners hear it through the other and are not heard.
require('conference');
const stage = VoxEngine.createConference({ hd_audio: true });
const hall = VoxEngine.createConference({ hd_audio: false });
stage.addEventListener(ConferenceEvents.Started, () => stage.sendMediaTo(hall));

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, headers }) => {
    call.answer();
    call.addEventListener(CallEvents.Connected, () => {
        if (call.callerid() === 'speaker') {
            stage.add({ call, mode: 'MIX', direction: 'BOTH', displayName: 'Speaker' });
        } else {
            hall.sendMediaTo(call);
        }
        Logger.write(`GUIDE rooms: ${stage.getList().length} on stage, ${Object.keys(headers).length >= 0}`);
    });
});
