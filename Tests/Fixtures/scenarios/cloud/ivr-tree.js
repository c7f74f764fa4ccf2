// A tree of menus by the IVR module, all four kinds of states.
require(Modules.IVR);

var call, mainState, extensionState, pinState, goodbyeState;

VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
    call = e.call;
    call.addEventListener(CallEvents.Connected, handleCallConnected);
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});

function handleCallConnected() {
    goodbyeState = new IVRState('goodbye', {
        type: 'noinput',
        prompt: { say: 'Thank you for calling.', lang: Language.US_ENGLISH_FEMALE },
    }, function () { call.hangup(); });
    extensionState = new IVRState('extension', {
        type: 'inputfixed',
        inputLength: 3,
        timeout: 6000,
        prompt: { say: 'Please enter the extension.', lang: Language.US_ENGLISH_FEMALE },
        nextState: goodbyeState,
    }, function (input) { Logger.write('extension', input); }, function () { goodbyeState.enter(call); });
    pinState = new IVRState('pin', {
        type: 'inputunknown',
        terminateOn: '#',
        prompt: { say: 'Please enter your code and press pound.', lang: Language.US_ENGLISH_FEMALE },
        nextState: goodbyeState,
    }, function (input) { Logger.write('pin', input.replace('#', '')); }, function (input) {
        Logger.write('too slow after', input);
        goodbyeState.enter(call);
    });
    mainState = new IVRState('main', {
        type: 'select',
        prompt: { say: 'For an extension press one, for your account press two.', lang: Language.US_ENGLISH_FEMALE },
        nextStates: { 1: extensionState, 2: pinState },
    }, function (data) { Logger.write('chosen', data); }, function () { mainState.enter(call); });
    mainState.enter(call);
}
