// Whoever waits hears something; afterwards the bridge has to be made again, since a call hears one stream only.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid, displayName }) => {
    const desk = VoxEngine.callUser({ username: '21', callerid, displayName, extraHeaders: {} });
    VoxEngine.easyProcess(call, desk);
    desk.addEventListener(CallEvents.OnHold, () => {
        Logger.write('GUIDE hold: waits');
        call.say('Please hold the line for a moment. Please hold the line.', { voice: VoiceList.Default.en_US_Female });
    });
    desk.addEventListener(CallEvents.OffHold, () => {
        call.stopPlayback();
        VoxEngine.sendMediaBetween(call, desk);
        Logger.write('GUIDE hold: goes on');
    });
});
