// SPDX-License-Identifier: Apache-2.0

/// JavaScript of the modules Crypto and PhoneNumber, of getLocalTime and of stubs for what this box has no use for.
enum CryptoModule {
    static let source = #"""
        const cryptoModule = lazily(() => {
            const { str2bytes } = encodingModule();
            // Texts count as UTF-8; arrays are bytes.
            const binary = (data) => {
                const bytes = Array.isArray(data) || ArrayBuffer.isView(data) ? data : str2bytes(data ?? '');
                if (bytes.length > 1 << 20) throw new RangeError('Crypto: at most 1 MB');
                // In pieces: a function takes only so many arguments.
                const parts = [];
                for (let i = 0; i < bytes.length; i += 8192) parts.push(String.fromCharCode(...Array.from(bytes.slice(i, i + 8192), (b) => b & 255)));
                return parts.join('');
            };
            const digest = (kind) => (data) => host.digest(kind, binary(data), '');
            const Crypto = {
                md5: digest('md5'), sha1: digest('sha1'), sha256: digest('sha256'),
                hmac_sha256: (key, data) => host.digest('hmac_sha256', binary(data), binary(key)),
            };

            // A Date whose hours and minutes, read as local ones, are those of the zone: "Europe/Berlin", "GMT+3", "+05:30".
            const getLocalTime = (zone) => {
                const moment = new Date();
                const shift = /^(?:GMT|UTC)?\s*([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(text(zone, 60).trim());
                if (shift) {
                    const minutes = (shift[1] === '-' ? -1 : 1) * (Number(shift[2]) * 60 + Number(shift[3] ?? 0));
                    return new Date(moment.getTime() + (minutes + moment.getTimezoneOffset()) * 60000);
                }
                if (zone === undefined || zone === null || zone === '') return moment;
                const parts = Object.fromEntries(new Intl.DateTimeFormat('en-US', {
                    timeZone: text(zone, 60), hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric',
                    minute: 'numeric', second: 'numeric',
                }).formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
                return new Date(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second, moment.getMilliseconds());
            };

            // Country codes (ITU-T E.164) of many countries, with how long their national numbers are.
            const countries = {
                US: ['1', 10, 10], CA: ['1', 10, 10], RU: ['7', 10, 10], KZ: ['7', 10, 10], EG: ['20', 8, 10], ZA: ['27', 9, 9], GR: ['30', 10, 10],
                NL: ['31', 9, 9], BE: ['32', 8, 9], FR: ['33', 9, 9], ES: ['34', 9, 9], HU: ['36', 8, 9], IT: ['39', 6, 11], RO: ['40', 9, 9],
                CH: ['41', 9, 9], AT: ['43', 4, 13], GB: ['44', 9, 10], DK: ['45', 8, 8], SE: ['46', 7, 10], NO: ['47', 8, 8], PL: ['48', 9, 9],
                DE: ['49', 3, 13], PE: ['51', 8, 9], MX: ['52', 10, 10], AR: ['54', 10, 11], BR: ['55', 10, 11], CL: ['56', 9, 9], CO: ['57', 8, 10],
                MY: ['60', 7, 10], AU: ['61', 9, 9], ID: ['62', 7, 12], PH: ['63', 8, 10], NZ: ['64', 8, 10], SG: ['65', 8, 8], TH: ['66', 8, 9],
                JP: ['81', 9, 10], KR: ['82', 8, 10], VN: ['84', 9, 10], CN: ['86', 9, 11], TR: ['90', 10, 10], IN: ['91', 10, 10],
                PT: ['351', 9, 9], LU: ['352', 4, 11], IE: ['353', 7, 9], IS: ['354', 7, 9], FI: ['358', 5, 12], BG: ['359', 7, 9],
                LT: ['370', 8, 8], LV: ['371', 8, 8], EE: ['372', 7, 8], BY: ['375', 9, 9], UA: ['380', 9, 9], RS: ['381', 6, 12], HR: ['385', 8, 9],
                SI: ['386', 8, 8], CZ: ['420', 9, 9], SK: ['421', 9, 9], HK: ['852', 8, 8], TW: ['886', 8, 9], AE: ['971', 8, 9], IL: ['972', 8, 9],
            };
            // Countries whose national numbers keep their leading zero, or have none.
            const withoutTrunkZero = new Set(['US', 'CA', 'IT', 'ES', 'PT', 'DK', 'NO', 'PL', 'CZ', 'GR', 'RU', 'KZ', 'LV', 'EE', 'SG', 'HK']);
            const PhoneNumber = {
                getInfo: (number, country) => {
                    let digits = text(number, 60).replace(/[\s().\/-]/g, '').replace(/^00/, '+');
                    let region = text(country, 2).toUpperCase();
                    if (!digits.startsWith('+')) {
                        if (!countries[region]) return { number: '', country: region, isPossibleNumber: false, isValidNumber: false, isValidNumberForRegion: false, numberType: 'UNKNOWN', location: '', error: 'a number without + needs a known country' };
                        const national = region === 'RU' && digits.length === 11 ? digits.replace(/^8/, '')
                            : withoutTrunkZero.has(region) ? digits : digits.replace(/^0/, '');
                        digits = `+${countries[region][0]}${national}`;
                    }
                    const isNumber = /^\+[1-9]\d{4,14}$/.test(digits);
                    const owners = Object.keys(countries).filter((one) => digits.startsWith(`+${countries[one][0]}`))
                        .sort((a, b) => countries[b][0].length - countries[a][0].length || (b === region) - (a === region));
                    const owner = owners[0] ?? '';
                    const [code, shortest, longest] = countries[owner] ?? ['', 4, 14];
                    const length = digits.length - 1 - code.length;
                    const isValid = isNumber && (owner === '' || (length >= shortest && length <= longest));
                    return {
                        number: isNumber ? digits : '', country: owner, isPossibleNumber: isNumber, isValidNumber: isValid,
                        isValidNumberForRegion: isValid && (region === '' || region === owner), numberType: 'UNKNOWN', location: '',
                    };
                },
            };

            // Lists of calls are dealt with by a service in the cloud; here their reports go to the log.
            const CallList = Object.fromEntries(['reportError', 'reportProgress', 'reportResult', 'reportResultAsync', 'reportErrorAsync', 'reportProgressAsync'].map((name) => [
                name, (...values) => {
                    Logger.write(`CallList.${name}`, ...values.filter((value) => typeof value !== 'function'));
                    return Promise.resolve();
                },
            ]));
            const AMD = { create: unavailable('AMD.create'), Model: everyName((name) => name) };
            return { Crypto, getLocalTime, PhoneNumber, CallList, AMD, md5: Crypto.md5, sha1: Crypto.sha1, sha256: Crypto.sha256 };
        });
        """#
}
