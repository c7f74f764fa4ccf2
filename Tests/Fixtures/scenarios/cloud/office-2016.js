// Of 2016: positions, constants, strings for modules, functions that are bound, a player by hand.
require(Modules.Player);
require(Modules.CallList);

function Office(call) {
    this.call = call;
    this.digits = '';
    this.onTone = this.onTone.bind(this);
    this.onFinished = this.onFinished.bind(this);
}
Office.prototype.start = function () {
    this.call.addEventListener(CallEvents.ToneReceived, this.onTone);
    this.call.addEventListener(CallEvents.PlaybackFinished, this.onFinished);
    this.call.handleTones(true);
    this.call.say('Welcome to the office. Dial the extension.', Language.US_ENGLISH_FEMALE);
};
Office.prototype.onFinished = function (e) {
    this.call.removeEventListener(CallEvents.PlaybackFinished, this.onFinished);
    this.player = VoxEngine.createURLPlayer('http://music.example/hold.mp3', true);
    this.player.sendMediaTo(this.call);
};
Office.prototype.onTone = function (e) {
    this.call.stopPlayback();
    this.digits += e.tone;
    if (this.digits.length < 3) return;
    this.call.removeEventListener(CallEvents.ToneReceived, this.onTone);
    this.call.handleTones(false);
    if (this.player) this.player.stop();
    var self = this;
    var leg = VoxEngine.callSIP('sip:' + this.digits + '@127.0.0.1', this.call.callerid(), this.call.displayName(), null, null, { 'X-Digits': this.digits });
    leg.addEventListener(CallEvents.Connected, function () { VoxEngine.sendMediaBetween(self.call, leg); });
    leg.addEventListener(CallEvents.Failed, function (e) {
        Logger.write('no way', e.code, e.reason);
        self.call.say('This extension can not be reached.', Language.US_ENGLISH_FEMALE);
        self.call.addEventListener(CallEvents.PlaybackFinished, function () { self.call.hangup(); });
    });
};
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
    e.call.addEventListener(CallEvents.Connected, function () { new Office(e.call).start(); });
    e.call.addEventListener(CallEvents.Disconnected, function () { VoxEngine.terminate(); });
    e.call.answer();
});
VoxEngine.addEventListener(AppEvents.Terminating, function () { Logger.write('terminating'); });
