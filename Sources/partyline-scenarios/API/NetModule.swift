// SPDX-License-Identifier: Apache-2.0

/// JavaScript of the module Net: requests over HTTP. Three at a time leave the session, 32 more wait; the next one is an
/// error. The daemon's side is `ScriptServices`.
enum NetModule {
    static let source = #"""
        // What was asked of the box's services, by number: functions that take the reply.
        const asked = new Map();
        let lastAsked = 0;
        const ask = (kind, fields, take) => {
            const id = ++lastAsked;
            host.serve(stringify({ [kind]: { id, ...fields } }));
            asked.set(id, { take, place: new Place() });
        };

        const web = {
            active: 0,
            waiting: [],
            // How many more may begin from Terminating on; undefined before.
            allowance: undefined,
            get isIdle() { return this.active === 0 && this.waiting.length === 0; },
            begin(request, take) {
                if (endings.stage === 'draining') return warn(`the session ends; ${request.method} ${request.url} is left out`);
                if (this.allowance !== undefined && this.allowance-- <= 0) throw new Error('the session ends: no further request is possible');
                if (this.waiting.length >= host.maxQueuedRequests)
                    throw new RangeError(`more than ${host.maxActiveRequests} HTTP requests at once and ${host.maxQueuedRequests} waiting`);
                this.waiting.push([request, take]);
                this.next();
            },
            next() {
                while (this.active < host.maxActiveRequests && this.waiting.length > 0) {
                    const [request, take] = this.waiting.shift();
                    this.active += 1;
                    ask('http', { _1: request }, (response) => {
                        this.active -= 1;
                        this.next();
                        take(response);
                        endings.proceed();
                    });
                }
            },
        };

        const netModule = lazily(() => {
            const { str2bytes, bytes2str, base64_encode, base64_bytes } = encodingModule();
            const latin1 = (bytes) => bytes2str(bytes, 'latin1');
            const bodyOf = (data) => {
                if (data === undefined || data === null) return { body: '', isBodyBase64: false };
                if (Array.isArray(data) || ArrayBuffer.isView(data)) return { body: base64_encode(data), isBodyBase64: true };
                return { body: isObject(data) ? stringify(data) : String(data).toWellFormed(), isBodyBase64: false };
            };
            const formOf = (params) => Object.entries(optionsOf(params))
                .map(([name, value]) => `${encodeURIComponent(text(name))}=${encodeURIComponent(text(value))}`).join('&');
            const requestOf = (url, options) => {
                const o = optionsOf(options);
                const method = text(o.method ?? (o.postData === undefined ? 'GET' : 'POST'), 20).toUpperCase();
                const headers = headersOut(o.headers);
                let address = text(isObject(url) ? url.url ?? url.href : url, 8000).trim();
                let body = bodyOf(o.postData);
                const form = formOf(o.params);
                if (form !== '' && o.postData === undefined && /^(POST|PUT|PATCH)$/.test(method)) {
                    body = { body: form, isBodyBase64: false };
                    if (!headers.some(({ name }) => /^content-type$/i.test(name)))
                        headers.push({ name: 'Content-Type', value: 'application/x-www-form-urlencoded' });
                } else if (form !== '') address += (address.includes('?') ? '&' : '?') + form;
                if (body.body.length > 600000) throw new RangeError('an HTTP request takes at most 600,000 characters of data');
                const seconds = (value, fallback) => Math.min(Math.max(Number(value) > 0 ? Number(value) : fallback, 1), 90);
                return {
                    method, url: address, headers, ...body, timeoutSeconds: seconds(o.timeout, 90),
                    connectionTimeoutSeconds: seconds(o.connectionTimeout, 6), wantsBytes: o.rawOutput === true,
                };
            };
            const resultOf = ({ code, headers, body, isBodyBase64, error }) => ({
                code, error,
                text: isBodyBase64 ? undefined : body, data: isBodyBase64 ? base64_bytes(body) : str2bytes(body),
                headers: headers.map(({ name, value }) => ({ key: name, value })),
                raw_headers: headers.map(({ name, value }) => `${name}: ${value}`).join('\r\n'),
            });

            // Three numbers of seconds, an object and texts: all of them may be missing.
            class HttpRequestOptions {
                constructor() { Object.assign(this, { method: 'GET', headers: undefined, params: undefined, postData: undefined, rawOutput: false }); }
            }
            const Net = {
                HttpRequestOptions,
                // (url, callback, options); the options may stand before the callback.
                httpRequest: (url, callback, options) => {
                    const [take, o] = typeof callback === 'function' || callback === undefined || callback === null
                        ? [callback, options] : [options, callback];
                    if (take !== undefined && take !== null && typeof take !== 'function') throw new TypeError('Net.httpRequest: the callback is not a function');
                    web.begin(requestOf(url, o), (response) => take?.(resultOf(response)));
                },
                httpRequestAsync: (url, options) => new Promise((done) => web.begin(requestOf(url, options), (response) => done(resultOf(response)))),
                sendMail: unavailable('Net.sendMail'),
                sendMailAsync: unavailable('Net.sendMailAsync'),
            };

            // Storage: one for all scripts of the box; promises.
            const stored = ({ key, value, expires }) => ({
                key, value, ...(expires === undefined || expires === null ? {} : { ttl: Math.max(Math.round(expires - Date.now() / 1000), 0) }),
            });
            let storageAtWork = 0;
            const storage = (kind, fields, resultOf) => new Promise((done, failed) => {
                if (storageAtWork >= host.maxStorageRequests) throw new RangeError(`more than ${host.maxStorageRequests} storage requests at once`);
                storageAtWork += 1;
                ask(kind, fields, (reply, error) => {
                    storageAtWork -= 1;
                    if (error !== undefined) failed(new Error(`ApplicationStorage: ${error}`)); else done(resultOf(reply));
                });
            });
            const keyOf = (key) => {
                const name = text(key, 1001);
                if (name === '' || name.length > 1000) throw new TypeError('ApplicationStorage: a key has 1 to 1000 characters');
                return name;
            };
            const oneValue = (value) => (value === undefined || value === null ? null : stored(value));
            const ApplicationStorage = {
                get: async (key) => storage('storageGet', { key: keyOf(key) }, oneValue),
                put: async (key, value, ttl) => {
                    const words = isObject(value) ? stringify(value) : String(value);
                    return storage('storagePut', {
                        key: keyOf(key), value: text(words, 600000), ttlSeconds: Math.min(Math.max(whole(ttl, 0), 0), 1e9),
                    }, oneValue);
                },
                remove: async (key) => storage('storageRemove', { key: keyOf(key) }, oneValue),
                delete: async (key) => ApplicationStorage.remove(key),
                keys: async (pattern) => {
                    const all = await storage('storageKeys', {}, (keys) => keys);
                    if (pattern === undefined || pattern === null) return all;
                    // '*' and '?' as in names of files.
                    const escaped = text(pattern, 200).replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '[^]*').replace(/\?/g, '[^]');
                    const expression = new RegExp(`^(?:${escaped})$`);
                    return all.filter((key) => expression.test(key));
                },
            };
            return { Net, ApplicationStorage };
        });

        // Replies of the services, by what they are.
        const replies = {
            http: ({ id, _1: response }) => [id, response],
            storageValue: ({ id, _1: value }) => [id, value],
            storageKeys: ({ id, _1: keys }) => [id, keys],
            storageFailed: ({ id, _1: reason }) => [id, undefined, reason],
        };
        const takeReply = (kind, fields) => {
            const [id, reply, error] = replies[kind](fields);
            const one = asked.get(id);
            asked.delete(id);
            if (one === undefined) return;
            host.at(one.place);
            one.take(reply, error);
        };
        """#
}
