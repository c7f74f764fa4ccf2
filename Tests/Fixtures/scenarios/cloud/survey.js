// Three questions, a mark each; kept under the caller's number, and read back.
const questions = ['How was the service?', 'How was the sound?', 'Shall we call you back?'];
const marks = [];

const say = (call, words) => new Promise((resolve) => {
    call.say(words, { voice: VoiceList.Default.en_US_Female });
    call.addEventListener(CallEvents.PlaybackFinished, function done() {
        call.removeEventListener(CallEvents.PlaybackFinished, done);
        resolve();
    });
});
const digit = (call, milliseconds) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => { call.removeEventListener(CallEvents.ToneReceived, take); reject(new Error('silence')); }, milliseconds);
    function take({ tone }) {
        clearTimeout(timer);
        call.removeEventListener(CallEvents.ToneReceived, take);
        resolve(Number(tone));
    }
    call.addEventListener(CallEvents.ToneReceived, take);
});

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid }) => {
    call.addEventListener(CallEvents.Connected, async () => {
        call.handleTones(true, DTMFType.ALL);
        for (const question of questions) {
            await say(call, question);
            marks.push(await digit(call, 5000).catch(() => 0));
        }
        await ApplicationStorage.put(`survey:${callerid}`, JSON.stringify(marks), 86400);
        const { value, ttl } = await ApplicationStorage.get(`survey:${callerid}`);
        const keys = await ApplicationStorage.keys('survey:*');
        Logger.write('kept', value, ttl > 86000, keys.length);
        await say(call, `You said ${marks.join(', ')}.`);
        call.hangup();
    });
    call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
    call.answer();
});
