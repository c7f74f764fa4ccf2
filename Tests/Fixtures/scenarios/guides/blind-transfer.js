// The desk may hand its caller on; the script calls the new one itself and says how it went.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    let desk = VoxEngine.callUser('21');
    const bridge = () => {
        call.answer();
        VoxEngine.sendMediaBetween(call, desk);
    };
    desk.handleBlindTransfer(true);
    desk.addEventListener(CallEvents.Connected, bridge);
    desk.addEventListener(CallEvents.BlindTransferRequested, ({ transferTo }) => {
        const next = VoxEngine.callUser(transferTo.replace(/^sips?:|@.*$/g, ''));
        next.addEventListener(CallEvents.Connected, () => {
            desk.notifyBlindTransferSuccess();
            desk.hangup();
            desk = next;
            bridge();
            Logger.write('GUIDE blind: handed on');
        });
        next.addEventListener(CallEvents.Failed, () => desk.notifyBlindTransferFailed());
        next.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
    });
    call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
});
