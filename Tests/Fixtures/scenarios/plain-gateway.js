// The bare style of 2016: no argument that may be left out, nobody hangs up, nobody terminates.
var inbound, room, number = '';

VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
    inbound = e.call;
    inbound.addEventListener(CallEvents.Connected, greet);
    inbound.answer();
});

function greet(e) {
    inbound.say('Hello. Type the number of your conference and the hash key.', Language.UK_ENGLISH_FEMALE);
    inbound.addEventListener(CallEvents.PlaybackFinished, listen);
}

function listen(e) {
    inbound.removeEventListener(CallEvents.PlaybackFinished, listen);
    inbound.handleTones();
    inbound.addEventListener(CallEvents.ToneReceived, collect);
}

function collect(e) {
    if (e.tone == '#') {
        room = VoxEngine.callConference('conf_' + number);
        room.addEventListener(CallEvents.Connected, connect);
    } else {
        number += e.tone;
    }
}

function connect(e) {
    VoxEngine.sendMediaBetween(inbound, room);
}
