// The bare style of 2016: the room is made before anybody calls.
require(Modules.Conference);

var conf = VoxEngine.createConference();

VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
    e.call.addEventListener(CallEvents.Connected, joined);
    e.call.answer();
});

function joined(e) {
    VoxEngine.sendMediaBetween(e.call, conf);
}
