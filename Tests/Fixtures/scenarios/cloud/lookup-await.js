// Who calls is looked up in the web; what comes back decides. Errors are caught by the script itself.
const API = 'http://crm.example/api';

class CRM {
    static #token = null;
    static async #request(path, body) {
        const options = { method: body ? 'POST' : 'GET', timeout: 5, headers: ['Content-Type: application/json', 'Accept: application/json'] };
        if (body) options.postData = JSON.stringify(body);
        const result = await Net.httpRequestAsync(`${API}${path}`, options);
        if (result.code !== 200) throw new Error(`code ${result.code}`, { cause: result });
        return JSON.parse(result.text);
    }
    static async customer(number) {
        CRM.#token ??= (await CRM.#request('/login', { user: 'box' })).token;
        return CRM.#request(`/customers/${encodeURIComponent(number)}?token=${CRM.#token}`);
    }
    static broken() { return CRM.#request('/nowhere'); }
}

VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call, callerid }) => {
    try {
        const { name, vip = false } = await CRM.customer(callerid);
        await CRM.broken().catch(({ message, cause }) => Logger.write('as expected:', message, cause.code));
        call.addEventListener(CallEvents.Connected, () => call.say(`Hello ${name}${vip ? ', dear friend' : ''}.`));
        call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
        call.answer();
    } catch (error) {
        Logger.write('failed', error.message);
        call.reject(503);
    }
});
