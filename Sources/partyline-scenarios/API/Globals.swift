// SPDX-License-Identifier: Apache-2.0

/// JavaScript of the global functions: log, timers, small helpers.
enum Globals {
    static let source = #"""
        const Logger = {
            write: (...values) => log('info', values.map((value) => (isObject(value) ? stringify(value) ?? text(value) : text(value))).join(' ')),
            // Digits never get to the log.
            hideTones: () => {},
        };
        const console = { log: Logger.write, info: Logger.write, debug: Logger.write, warn: (v) => warn(text(v)), error: (v) => log('error', text(v)) };

        const timers = new Map();
        let lastTimer = 0;
        const startTimer = (action, delay, values, interval = false) => {
            if (typeof action !== 'function') throw new TypeError('a timer takes a function');
            if (session.isOver) return 0;
            if (timers.size >= host.maxTimers) throw new RangeError(`more than ${host.maxTimers} timers in this session`);
            const id = ++lastTimer;
            // An interval below 4 ms would do nothing but run.
            const milliseconds = Math.min(Math.max(whole(delay, 0), interval ? 4 : 0), 0x7fffffff);
            timers.set(id, { action, values, interval: interval ? milliseconds : undefined, place: new Place() });
            host.setTimer(id, milliseconds);
            return id;
        };
        const stopTimer = (id) => { if (timers.delete(id)) host.clearTimer(id); };
        const timerFired = (id) => {
            const timer = timers.get(id);
            if (!timer || session.isOver) return;
            if (timer.interval === undefined) timers.delete(id); else host.setTimer(id, timer.interval);
            host.at(timer.place);
            timer.action(...timer.values);
        };
        const setTimeout = (action, delay, ...values) => startTimer(action, delay, values);
        const setInterval = (action, delay, ...values) => startTimer(action, delay, values, true);

        const uuidgen = () => {
            const hex = host.random();
            const variant = '89ab'[parseInt(hex[16], 16) & 3];
            return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
        };

        const encodingModule = lazily(() => {
            // Texts are UTF-8 as bytes unless the encoding is "latin1".
            const str2bytes = (value, encoding) => {
                const string = String(value);
                if (/latin|iso-?8859/i.test(text(encoding))) return Array.from(string, (c) => c.charCodeAt(0) & 255);
                const escaped = encodeURIComponent(string.toWellFormed());
                const bytes = [];
                for (let i = 0; i < escaped.length; i++) {
                    if (escaped[i] === '%') { bytes.push(parseInt(escaped.slice(i + 1, i + 3), 16)); i += 2; } else bytes.push(escaped.charCodeAt(i));
                }
                return bytes;
            };
            const bytes2hex = (bytes) => Array.from(bytes, (byte) => (byte & 255).toString(16).padStart(2, '0')).join('');
            const hex2bytes = (hex) => (String(hex).match(/[0-9a-f]{2}/gi) ?? []).map((pair) => parseInt(pair, 16));
            const bytes2str = (bytes, encoding) => {
                const list = Array.from(bytes, (byte) => byte & 255);
                if (/latin|iso-?8859/i.test(text(encoding))) return list.map((byte) => String.fromCharCode(byte)).join('');
                // What is no UTF-8 is taken as Latin-1.
                try { return decodeURIComponent(bytes2hex(list).replace(/../g, '%$&')); } catch { return bytes2str(list, 'latin1'); }
            };
            const sixBits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
            const base64_encode = (value) => {
                const bytes = Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value) : str2bytes(value);
                const groups = [];
                for (let i = 0; i < bytes.length; i += 3) {
                    const bits = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
                    const group = [18, 12, 6, 0].map((shift) => sixBits[(bits >> shift) & 63]).join('');
                    groups.push(group.slice(0, Math.min(bytes.length - i, 3) + 1).padEnd(4, '='));
                }
                return groups.join('');
            };
            const base64_bytes = (value) => {
                const bytes = [];
                let bits = 0;
                let count = 0;
                for (const character of String(value)) {
                    const six = sixBits.indexOf(character === '-' ? '+' : character === '_' ? '/' : character);
                    if (six < 0) continue;
                    bits = ((bits << 6) | six) & 0xffffff;
                    count += 6;
                    if (count >= 8) { count -= 8; bytes.push((bits >> count) & 255); }
                }
                return bytes;
            };
            const base64_decode = (value) => bytes2str(base64_bytes(value));
            const levenshtein_distance = (a, b) => {
                const [from, to] = [String(a).slice(0, 1000), String(b).slice(0, 1000)];
                let row = Array.from({ length: to.length + 1 }, (_, i) => i);
                for (let i = 1; i <= from.length; i++) {
                    const next = [i];
                    for (let j = 1; j <= to.length; j++)
                        next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1));
                    row = next;
                }
                return row[to.length];
            };
            return { str2bytes, bytes2hex, hex2bytes, bytes2str, base64_encode, base64_bytes, base64_decode, levenshtein_distance };
        });

        // Modules that are not there: they load, and say so when they are used.
        const absentModule = (name) => new Proxy(Object.freeze({}), {
            get: (_, member) => (typeof member === 'symbol' ? undefined : unavailable(`${name}.${member}`, absentModules[name])),
        });
        """#
}
