// One after the other until somebody takes it; everybody gets five seconds. Timers with values for their function.
require(Modules.Player);
const staff = ['88', { username: '21', callerid: '100', displayName: 'Hunt' }];

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    let ringback;
    call.startEarlyMedia();
    ringback = VoxEngine.createToneScriptPlayer('440@-19,480@-19;*(2/4/1+2)', true);
    ringback.sendMediaTo(call);
    const tryNext = (index) => {
        if (index === staff.length) {
            call.reject(486);
            return VoxEngine.terminate();
        }
        const leg = VoxEngine.callUser(staff[index]);
        const giveUp = setTimeout((one, number) => {
            Logger.write('GUIDE hunt: nobody at', number);
            one.hangup();
            tryNext(number + 1);
        }, 5000, leg, index);
        leg.addEventListener(CallEvents.Failed, ({ code, reason }) => {
            clearTimeout(giveUp);
            Logger.write(`GUIDE hunt: ${index} failed with ${code} ${typeof reason}`);
            tryNext(index + 1);
        });
        leg.addEventListener(CallEvents.Connected, () => {
            clearTimeout(giveUp);
            ringback.stop();
            call.answer({ 'X-Taken-By': String(index) });
            VoxEngine.sendMediaBetween(call, leg);
            leg.addEventListener(CallEvents.Disconnected, () => call.hangup());
        });
        call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
    };
    tryNext(0);
});
