// Asks a storage and the web for what to say; both forms of the request, both forms of headers.
require(Modules.Net);
require(Modules.ApplicationStorage);
require(Modules.Crypto);

VoxEngine.addEventListener(AppEvents.CallAlerting, async (e) => {
    const call = e.call;
    call.answer();
    const key = md5('caller' + call.callerid());
    const before = await ApplicationStorage.get(key);
    const count = before ? Number(before.value) + 1 : 1;
    await ApplicationStorage.put(key, String(count), 60);
    const options = new Net.HttpRequestOptions();
    options.method = 'POST';
    options.headers = ['Content-Type: application/json', 'X-Test: 1'];
    options.postData = JSON.stringify({ count: count });
    Net.httpRequest('http://10.0.0.1/count', function (res) {
        Logger.write('GUIDE lookup: ' + count + ' ' + (res.code < 100) + ' ' + typeof res.error);
        Net.httpRequestAsync('http://10.0.0.1/count', { headers: { 'X-Test': '2' }, params: { a: 'b c' } })
            .then(function (res) {
                Logger.write('GUIDE lookup: again ' + (res.code < 100));
                call.hangup();
            });
    }, options);
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
