// The shortest of all.
VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
    const newCall = VoxEngine.callUser({ username: '201', callerid: e.callerid });
    VoxEngine.easyProcess(e.call, newCall, () => Logger.write('they talk'), true);
});
