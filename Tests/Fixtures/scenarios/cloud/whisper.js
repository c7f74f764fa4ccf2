// A colleague is told who calls and takes it with 1; with 2 the caller gets to the next one.
const colleagues = ['201', '202'];

VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
    var call = e.call, index = 0;
    call.startEarlyMedia();
    call.playProgressTone('US');
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.addEventListener(CallEvents.Failed, VoxEngine.terminate);
    next();

    function next() {
        if (index >= colleagues.length) {
            call.stopPlayback();
            call.reject(480, { 'X-Reason': 'nobody' });
            return;
        }
        var leg = VoxEngine.callUser(colleagues[index++], e.callerid);
        leg.addEventListener(CallEvents.Failed, next);
        leg.addEventListener(CallEvents.Connected, function () {
            leg.handleTones(true);
            leg.say('A call from ' + e.callerid.split('').join(' ') + '. Press one to take it.', Language.US_ENGLISH_MALE);
            leg.addEventListener(CallEvents.PlaybackFinished, function () {
                setTimeout(function () { if (leg.state() === 'CONNECTED') leg.say('Press one.', Language.US_ENGLISH_MALE); }, 500);
            });
            leg.addEventListener(CallEvents.ToneReceived, function (tone) {
                leg.removeEventListener(CallEvents.PlaybackFinished);
                leg.removeEventListener(CallEvents.ToneReceived);
                leg.handleTones(false);
                leg.stopPlayback();
                if (tone.tone !== '1') {
                    leg.hangup();
                    return next();
                }
                call.stopPlayback();
                call.answer();
                VoxEngine.sendMediaBetween(call, leg);
                leg.addEventListener(CallEvents.Disconnected, function () { call.hangup(); });
            });
        });
    }
});
