// Calls are handed on; what is known of the caller goes along. Nobody there: another number.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid, destination, displayName, headers }) => {
    const first = VoxEngine.callPSTN(destination === '100' ? '0301234' : destination, callerid, { displayName, headers });
    let timer;
    const established = (a, b) => {
        clearTimeout(timer);
        Logger.write('established', a.state(), b.state(), b.number());
        a.record({ stereo: true, name: 'both sides' });
    };
    first.addEventListener(CallEvents.Failed, (e) => {
        Logger.write('first failed', e.code, e.reason.length > 0);
        call.removeEventListener(CallEvents.Connected);
        const second = VoxEngine.callUser('201', callerid, displayName, { 'X-Why': 'overflow' });
        second.addEventListener(CallEvents.Ringing, () => call.ring());
        second.addEventListener(CallEvents.Connected, () => {
            call.answer();
            VoxEngine.sendMediaBetween(second, call);
        });
        second.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
        call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    });
    first.addEventListener(CallEvents.Connected, () => {
        call.answer();
        VoxEngine.sendMediaBetween(call, first);
        established(call, first);
    });
    timer = setTimeout(() => first.hangup(), 20000);
});
