// A message is taken after a tone; the file's address goes to whoever shall hear it.
require(Modules.Recorder);
var url = '';

VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
    e.call.addEventListener(CallEvents.Connected, connected);
    e.call.addEventListener(CallEvents.RecordStarted, function (e) {
        url = e.url;
    });
    e.call.addEventListener(CallEvents.RecordStopped, function (e) {
        Logger.write('GUIDE voicemail: ' + (e.url === url && url !== '') + ' ' + typeof e.cost);
    });
    e.call.addEventListener(CallEvents.Disconnected, function () {
        setTimeout(VoxEngine.terminate, 500);
    });
    e.call.answer();
});

function connected(e) {
    var call = e.call;
    call.say('Leave a message.', Language.US_ENGLISH_FEMALE);
    call.addEventListener(CallEvents.PlaybackFinished, function () {
        call.removeEventListener(CallEvents.PlaybackFinished);
        call.record();
        call.handleTones(true);
        call.addEventListener(CallEvents.ToneReceived, function (e) {
            e.call.stopPlayback();
            if (e.tone === '#') e.call.hangup();
        });
    });
}
