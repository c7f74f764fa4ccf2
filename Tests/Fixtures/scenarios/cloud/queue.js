// A queue by hand: whoever waits hears words again and again, agents are tried one after the other until one takes it.
const agents = ['201', '202', '203'];
let caller;
let attempt = 0;
let isBridged = false;

VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
    caller = e.call;
    caller.answer();
    caller.addEventListener(CallEvents.Connected, () => {
        playHold();
        tryAgent();
    });
    caller.addEventListener(CallEvents.PlaybackFinished, playHold);
    caller.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});

const playHold = () => {
    if (!isBridged) caller.say('You are number one in the queue. Please hold.', { voice: VoiceList.Amazon.en_US_Joanna });
};

const tryAgent = () => {
    if (attempt >= agents.length * 2) {
        isBridged = true;
        caller.removeEventListener(CallEvents.PlaybackFinished);
        caller.say('All agents are busy.', Language.US_ENGLISH_FEMALE);
        caller.addEventListener(CallEvents.PlaybackFinished, () => caller.hangup());
        return;
    }
    const agent = VoxEngine.callUser({
        username: agents[attempt++ % agents.length], callerid: caller.callerid(), displayName: 'Queue',
        extraHeaders: { 'X-Queue': 'support', 'X-Position': '1' },
    });
    const timeout = setTimeout(() => agent.hangup(), 8000);
    agent.addEventListener(CallEvents.Connected, () => {
        clearTimeout(timeout);
        isBridged = true;
        caller.stopPlayback();
        VoxEngine.sendMediaBetween(caller, agent);
    });
    agent.addEventListener(CallEvents.Failed, (e) => {
        clearTimeout(timeout);
        Logger.write(`agent failed ${e.code}`);
        setTimeout(tryAgent, 1000);
    });
    agent.addEventListener(CallEvents.Disconnected, () => caller.hangup());
};
