// SPDX-License-Identifier: Apache-2.0

/// JavaScript that the classes of the API stand on: the way to the exchange, texts and headers, listeners, units.
///
/// All parts of `API/` are one function of JavaScript (see `Prelude`), so they see each other's constants and scripts see
/// none of them. `host` is the worker; commands and events have the shape that Codable gives `SessionCommand` and
/// `SessionEvent`.
enum Foundations {
    static let source = #"""
        const { stringify, parse } = JSON;
        const send = (command) => host.send(stringify(command));
        const now = () => host.now();
        const log = (level, text) => host.log(level, text, new Error().stack);
        const warn = (text) => log('warning', text);

        // Where the script is that calls ("gateway.js:12"): told when what it begins there has to be stopped from outside.
        const placeIn = (stack) => {
            for (const frame of String(stack).split('\n')) {
                const place = frame.slice(frame.lastIndexOf('@') + 1);
                const end = place.lastIndexOf(':');
                if (end > 0 && !place.startsWith('voxengine:')) return place.slice(0, end);
            }
            return '';
        };

        // The text of a stack takes a while; most listeners are never called.
        class Place {
            #error = new Error();
            #text;
            toString() {
                this.#text ??= placeIn(this.#error.stack);
                this.#error = undefined;
                return this.#text;
            }
        }

        // What few scripts use: made when it is used first. Until then it is text, and neither takes time nor memory in machines
        // that wait for their session.
        const lazily = (make) => {
            let made;
            return () => (made ??= make());
        };

        // What is not there says so, and why, when it is used, not when the script is loaded.
        const unavailable = (what, why = reasons[what]) => () => {
            throw new Error(`${what} is not available on this exchange${why === undefined ? '' : `: ${why}`}`);
        };
        const warned = new Set();
        const withoutEffect = (what) => () => {
            if (!warned.has(what)) { warned.add(what); warn(`${what} has no effect on this exchange: ${reasons[what]}`); }
        };

        const text = (value, limit = 65536) =>
            value === undefined || value === null ? '' : String(value).slice(0, limit).toWellFormed();
        const isObject = (value) => typeof value === 'object' && value !== null;
        const optionsOf = (value) => (isObject(value) ? value : {});
        // A whole number of 32 bits: of what is greater the greatest.
        const whole = (value, fallback) => {
            const number = Number(value);
            return Number.isFinite(number) ? Math.trunc(Math.min(Math.max(number, -0x80000000), 0x7fffffff)) : fallback;
        };

        // Headers: an object, or an array of "Name: value", to the list of the exchange. Names are SIP tokens.
        const headersOut = (headers) => {
            if (!isObject(headers)) return [];
            const pairs = Array.isArray(headers)
                ? headers.slice(0, 64).map((line) => { const [name, ...rest] = text(line).split(':'); return [name.trim(), rest.join(':').trim()]; })
                : Object.entries(headers);
            const list = [];
            for (const [name, value] of pairs.slice(0, 64)) {
                if (value === undefined || value === null) continue;
                if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(name)) { warn(`"${text(name, 40)}" is no header name; left out`); continue; }
                list.push({ name, value: text(value, 2000).replace(/[\u0000-\u001f\u007f]+/g, ' ') });
            }
            return list;
        };
        const headersIn = (list) => {
            const headers = new Map();
            for (const { name, value } of list ?? []) headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
            return Object.fromEntries(headers);
        };

        // Listeners of one object. The same function counts once for an event; those added during an event hear the next one.
        class Listeners {
            #owner;
            #byName = new Map();
            constructor(owner) { this.#owner = owner; }
            add(name, listener) {
                if (typeof listener !== 'function') throw new TypeError(`the listener of ${text(name) || 'an event'} is not a function`);
                if (typeof name !== 'string') return warn('addEventListener: this exchange does not know that event; ignored');
                const listeners = this.#byName.get(name) ?? [];
                if (listeners.length >= host.maxListeners) throw new RangeError(`more than ${host.maxListeners} listeners of ${name}`);
                if (listeners.some((one) => one.listener === listener)) return;
                this.#byName.set(name, listeners.concat([{ listener, place: new Place() }]));
            }
            // Without a listener all of the event go.
            remove(name, listener) {
                const listeners = this.#byName.get(name) ?? [];
                this.#byName.set(name, listener === undefined ? [] : listeners.filter((one) => one.listener !== listener));
            }
            has(name) { return (this.#byName.get(name) ?? []).length > 0; }
            // Returns what the last listener that returned something did.
            raise(name, payload) {
                const event = { name, ...payload };
                let result;
                const listeners = this.#byName.get(name) ?? [];
                // By number: a script may have made something else of how lists are walked.
                for (let i = 0; i < listeners.length; i++) {
                    const { listener, place } = listeners[i];
                    host.at(place ?? '');
                    const returned = listener.call(this.#owner, event);
                    if (returned !== undefined) result = returned;
                }
                return result;
            }
        }

        // What can be connected: calls, conferences, players. Scripts' own units count downwards from -1.
        const units = new Map();
        let lastUnit = 0;
        const hears = Symbol('a new stream replaces what it heard');
        class Unit {
            #number;
            #listeners = new Listeners(this);
            constructor(number) {
                this.#number = number ?? --lastUnit;
                units.set(this.#number, this);
            }
            // In commands.
            static of(unit) {
                if (!isObject(unit) || !(#number in unit)) throw new TypeError('a call, a conference, a player or a recorder is expected here');
                return { number: unit.#number };
            }
            static forget(unit) { units.delete(unit.#number); }
            static connect(from, to) {
                send({ connect: { from: Unit.of(from), to: Unit.of(to) } });
                to[hears]();
            }
            static disconnect(from, to) { send({ disconnect: { from: Unit.of(from), to: Unit.of(to) } }); }
            static raise(unit, name, payload) { if (!session.isOver) unit.#listeners.raise(name, payload); }
            [hears]() {}
            id() { return `${session.name}u${this.#number}`; }
            addEventListener(name, listener) { this.#listeners.add(name, listener); }
            removeEventListener(name, listener) { this.#listeners.remove(name, listener); }
            sendMediaTo(unit) { Unit.connect(this, unit); }
            stopMediaTo(unit) { Unit.disconnect(this, unit); }
        }
        """#
}
