// Whatever a script of theirs may require, and what it may look at before it uses it.
for (const name of [
    'Conference', 'Recorder', 'Player', 'IVR', 'ASR', 'ACD', 'AI', 'AMD', 'ApplicationStorage', 'Avatar', 'CallList', 'Crypto', 'Gemini',
    'Net', 'OpenAI', 'PhoneNumber', 'PushService', 'SmartQueue', 'SMS', 'StreamingAgent', 'WebSocket',
]) require(Modules[name]);
require('conference');
require('CONFERENCE');

const looks = [
    typeof ASREvents.Result, typeof ASRProfileList.Google.en_US, typeof ACDEvents.Queued, typeof WebSocketEvents.MESSAGE,
    typeof VoiceList.Amazon.en_US_Joanna, typeof ASRLanguage.ENGLISH_US, typeof Language.JP_JAPANESE_MALE, typeof DTMFType.IN_BAND,
    typeof RecordExpireTime.TWOYEARS, typeof VoxEngine.RecordExpireTime.ONEYEAR, typeof VoxEngine.CallList.reportResult, typeof SmartQueueEvents.Queued,
    typeof AMD.Model.US, typeof AMDEvents, typeof CallEvents.Statistics, typeof PlayerEvents.PlaybackBuffering,
];
Logger.write('looks', looks.filter((type) => type === 'undefined').length, looks.length);

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const attempts = {
        asr: () => VoxEngine.createASR({ profile: ASRProfileList.Google.en_US }),
        acd: () => VoxEngine.enqueueACDRequest('queue', call.callerid(), { priority: 1 }),
        task: () => VoxEngine.enqueueTask({}),
        whatsapp: () => VoxEngine.callWhatsappUser({ number: '1' }),
        socket: () => VoxEngine.createWebSocket('wss://example.com'),
        agent: () => VoxEngine.createStreamingAgent({}),
        mail: () => Net.sendMail('a', 'b', 'c', 'd', 'e'),
        amd: () => AMD.create({ model: AMD.Model.US }),
        openai: () => OpenAI.createRealtimeAPIClient({}),
        sms: () => SMS.send('1', '2', '3'),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
        try {
            attempt();
            Logger.write(name, 'went through');
        } catch (error) {
            Logger.write(name, error.message.includes('not available'));
        }
    }
    call.reject(603);
});
