// A call to a colleague as it was written in 2016: positions, a handler for each event, nothing optional.
var inbound, outbound;

VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
    inbound = e.call;
    outbound = VoxEngine.callUser('21', e.callerid, e.displayName, { 'X-Why': 'test' }, true);
    outbound.addEventListener(CallEvents.Ringing, function () {
        inbound.ring();
    });
    outbound.addEventListener(CallEvents.Connected, function () {
        inbound.answer();
        VoxEngine.sendMediaBetween(inbound, outbound);
    });
    outbound.addEventListener(CallEvents.Failed, function (e) {
        inbound.reject(e.code);
        VoxEngine.terminate();
    });
    inbound.addEventListener(CallEvents.Disconnected, over);
    outbound.addEventListener(CallEvents.Disconnected, over);
});

function over(e) {
    Logger.write('GUIDE forward: over after ' + typeof e.duration + ', ' + outbound.state());
    VoxEngine.terminate();
}
