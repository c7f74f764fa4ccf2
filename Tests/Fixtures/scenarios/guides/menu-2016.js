// A menu of the IVR module: a choice, then a number with a terminator, then goodbye.
require(Modules.IVR);
var call;
var goodbye = new IVRState('goodbye', {
    type: 'noinput',
    prompt: { say: 'Goodbye.', lang: Language.UK_ENGLISH_FEMALE }
}, function () {
    call.hangup();
});
var number = new IVRState('number', {
    type: 'inputunknown',
    prompt: { say: 'Number.', lang: Language.UK_ENGLISH_FEMALE },
    terminateOn: '#',
    timeout: 4000
}, function (input) {
    Logger.write('GUIDE menu: typed ' + input.substr(0, input.length - 1) + ' of ' + input);
    goodbye.enter(call);
}, function (input) {
    Logger.write('GUIDE menu: too slow ' + input);
    call.hangup();
});
var main = new IVRState('main', {
    type: 'select',
    prompt: { say: 'One.', lang: Language.UK_ENGLISH_FEMALE },
    nextStates: { '1': number, '9': goodbye }
}, function (input) {
    Logger.write('GUIDE menu: chose ' + input);
}, function () {
    main.enter(call);
});

VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
    call = e.call;
    call.addEventListener(CallEvents.Connected, function () {
        main.enter(call);
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
