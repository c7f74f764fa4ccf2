// SPDX-License-Identifier: Apache-2.0

import ScenarioAPI
import Telephony

extension MemberExamples {
    static let web: [MemberExample] = [
        .init(
            "Net.httpRequest",
            "Net.httpRequest('http://a', (r) => out(r.code, r.text, r.headers, r.raw_headers, r.data.length > 5))",
            gives: "=> 200 GET http://a []  false 90.0 [{\"key\":\"X-Page\",\"value\":\"echo\"}] X-Page: echo true"),
        .init(
            "Net.httpRequest",
            "const o = new Net.HttpRequestOptions(); o.method = 'POST'; o.postData = 'p'; o.headers = ['X-B: c', 'X-D: e']; o.timeout = 5; Net.httpRequest('http://a', (r) => out(r.text), o)",
            gives: "=> POST http://a [X-B=c,X-D=e] p false 5.0"),
        .init(
            "Net.httpRequest",
            "for (let i = 0; i < 35; i++) Net.httpRequest('http://a' + i, (r) => out(r.text)); try { Net.httpRequest('http://more') } catch (error) { out(error.message) }",
            gives: "=> GET http://a0 ", "=> GET http://a34 ", "=> more than 3 HTTP requests at once and 32 waiting"),
        .init(
            "Net.httpRequestAsync",
            "const r = await Net.httpRequestAsync('http://a?x=1', {params: {b: 'ü'}, headers: {'X-B': 'c'}}); out(r.text)",
            gives: "=> GET http://a?x=1&b=%C3%BC [X-B=c]"),
        .init(
            "Net.httpRequestAsync",
            "const r = await Net.httpRequestAsync('http://a', {method: 'POST', params: {b: 1}}); out(r.text)",
            gives: "=> POST http://a [Content-Type=application/x-www-form-urlencoded] b=1"),
        .init(
            "Net.httpRequestAsync",
            "const r = await Net.httpRequestAsync('http://a', {postData: [1, 255], rawOutput: true}); out(bytes2str(r.data), typeof r.text)",
            gives: "=> POST http://a [] Af8= true 90.0 undefined"),
        .init("Net.HttpRequestOptions", "out(new Net.HttpRequestOptions().method)", gives: "=> GET"),
        .init(
            "ApplicationStorage.put",
            "const s = await ApplicationStorage.put('put', 'v', 60); out(s.key, s.value, s.ttl)", gives: "=> put v 60"),
        .init(
            "ApplicationStorage.put",
            "try { await ApplicationStorage.put('put', 'refuse') } catch (error) { out(error.message) }",
            gives: "=> ApplicationStorage: full"),
        .init(
            "ApplicationStorage.put", "ApplicationStorage.put('', 'v').catch((error) => out(error.message))",
            gives: "=> ApplicationStorage: a key has 1 to 1000 characters"),
        .init(
            "ApplicationStorage.get",
            "await ApplicationStorage.put('get', 'v'); out(await ApplicationStorage.get('get'), await ApplicationStorage.get('none'))",
            gives: "=> {\"key\":\"get\",\"value\":\"v\"} null"),
        .init(
            "ApplicationStorage.remove",
            "await ApplicationStorage.put('rm', 'v'); await ApplicationStorage.remove('rm'); out(await ApplicationStorage.get('rm'))",
            gives: "=> null"),
        .init("ApplicationStorage.delete", "out(await ApplicationStorage.delete('nothing'))", gives: "=> null"),
        .init(
            "ApplicationStorage.keys",
            "await ApplicationStorage.put('keys.1', 'v'); await ApplicationStorage.put('keys.2', 'v'); out(await ApplicationStorage.keys('keys.*'), await ApplicationStorage.keys('keys?1'))",
            gives: "=> [\"keys.1\",\"keys.2\"] [\"keys.1\"]"),
    ]

    static let helpers: [MemberExample] =
        [
            .init("Logger.write", "Logger.write('a', 1, {b: 2})", gives: "info a 1 {\"b\":2} "),
            .init("Logger.hideTones", "Logger.hideTones(true); out('ok')", gives: "=> ok"),
            .init(
                "Crypto.md5",
                "out(Crypto.md5(''), Crypto.md5('message digest'), Crypto.md5('x'.repeat(200)) === md5('x'.repeat(200)))",
                gives: "=> d41d8cd98f00b204e9800998ecf8427e f96b697d7cb7938d525a2f31aaf161d0 true"),
            .init(
                "Crypto.sha1", "out(Crypto.sha1('abc'), Crypto.sha1([97, 98, 99]) === Crypto.sha1('abc'))",
                gives: "=> a9993e364706816aba3e25717850c26c9cd0d89d true"),
            .init(
                "Crypto.sha256",
                "out(Crypto.sha256('abc'), Crypto.sha256('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'))",
                gives:
                    "=> ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            .init(
                "Crypto.hmac_sha256",
                "out(Crypto.hmac_sha256('Jefe', 'what do ya want for nothing?'), Crypto.hmac_sha256(Array(131).fill(0xaa), 'Test Using Larger Than Block-Size Key - Hash Key First'))",
                gives:
                    "=> 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843 60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            .init(
                "PhoneNumber.getInfo",
                "out(PhoneNumber.getInfo('+49 30 123456')); out(PhoneNumber.getInfo('030/123456', 'DE').number); out(PhoneNumber.getInfo('8 (495) 123-45-67', 'RU').number); out(PhoneNumber.getInfo('12', 'US').isValidNumber)",
                gives:
                    "=> {\"number\":\"+4930123456\",\"country\":\"DE\",\"isPossibleNumber\":true,\"isValidNumber\":true,\"isValidNumberForRegion\":true,",
                "=> +4930123456", "=> +74951234567", "=> false"),
            .init("JSession.close", "JSession.close()", gives: "terminate:{}"),
            .init(
                "require",
                "for (const name of [Modules.Conference, 'conference', 'CONFERENCE', Modules.Player, Modules.Recorder, Modules.CallList, Modules.ApplicationStorage, 'StateMachine']) require(name); require('nonsense'); out('loaded')",
                gives: "there is no module \"nonsense\"", "=> loaded"),
            .init("setTimeout", "setTimeout((a, b) => out('later', a, b), 5, 'x', 1)", gives: "=> later x 1"),
            .init(
                "setInterval",
                "let n = 0; const t = setInterval((a) => { out(a, ++n); if (n === 3) clearInterval(t); }, 5, 'tick')",
                gives: "=> tick 3"),
            .init(
                "clearTimeout",
                "clearTimeout(setTimeout(() => out('never'), 1)); clearTimeout(); clearTimeout(99); setTimeout(() => out('after'), 20)",
                gives: "=> after", lacks: ["=> never"]),
            .init(
                "clearInterval",
                "clearInterval(setInterval(() => out('never'), 4)); setTimeout(() => out('after'), 20)",
                gives: "=> after", lacks: ["=> never"]),
            .init("uuidgen", "out(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuidgen()))", gives: "=> true"),
            .init(
                "base64_encode", "out(base64_encode('Grüße'), base64_encode([0, 255]))", gives: "=> R3LDvMOfZQ== AP8="),
            .init("base64_decode", "out(base64_decode('R3LDvMOfZQ=='))", gives: "=> Grüße"),
            .init("str2bytes", "out(str2bytes('aé'), str2bytes('é', 'latin1'))", gives: "=> [97,195,169] [233]"),
            .init("bytes2str", "out(bytes2str([195, 169]), bytes2str([233], 'latin1'))", gives: "=> é é"),
            .init("bytes2hex", "out(bytes2hex([0, 171, 255]))", gives: "=> 00abff"),
            .init("hex2bytes", "out(hex2bytes('00ABff'))", gives: "=> [0,171,255]"),
            .init(
                "getLocalTime",
                "const d = (a, b) => Math.round((a - b) / 3600000); out(d(getLocalTime('GMT+3'), getLocalTime('GMT')), d(getLocalTime('Asia/Tokyo'), getLocalTime('UTC+0')), Math.abs(getLocalTime() - new Date()) < 1000)",
                gives: "=> 3 9 true"),
            .init("levenshtein_distance", "out(levenshtein_distance('kitten', 'sitting'))", gives: "=> 3"),
            .init("md5", "out(md5('abc'))", gives: "=> 900150983cd24fb0d6963f7d28e17f72"),
            .init("sha1", "out(sha1('') )", gives: "=> da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            .init(
                "sha256", "out(sha256(''))",
                gives: "=> e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            .init(
                "console", "console.log('a'); console.warn('b'); console.error('c')", gives: "info a ", "warning b ",
                "error c "),
            .init("Modules", "out(Modules.Conference, Modules.Whatever)", gives: "=> conference whatever"),
            .init("VoiceList", "out(`${VoiceList.Amazon.en_US_Joanna}`)", gives: "=> Amazon.en_US_Joanna"),
            .init("AMD.Model", "out(AMD.Model.US)", gives: "=> US"),
            .init("ASRLanguage", "out(ASRLanguage.GERMAN)", gives: "=> GERMAN"),
        ]
        + ["Error", "Progress", "Result", "ErrorAsync", "ProgressAsync", "ResultAsync"].map { name in
            MemberExample(
                "CallList.report\(name)", "CallList.report\(name)({a: 1}, () => 0)",
                gives: "info CallList.report\(name) {\"a\":1}")
        }

    static let constants: [MemberExample] =
        [("ALL", "0"), ("TELEPHONE_EVENT", "1"), ("IN_BAND", "2"), ("SIP_INFO", "3")].map {
            MemberExample("DTMFType.\($0.0)", "out(DTMFType.\($0.0))", gives: "=> \($0.1)")
        }
        + [("THREEMONTHS", ""), ("SIXMONTHS", "-6m"), ("ONEYEAR", "-1y"), ("TWOYEARS", "-2y"), ("THREEYEARS", "-3y")]
        .map {
            MemberExample(
                "RecordExpireTime.\($0.0)", "out('[' + RecordExpireTime.\($0.0) + ']')", gives: "=> [\($0.1)]")
        }
        + MemberTable.languages.map {
            MemberExample("Language.\($0)", "call.say('a', Language.\($0))", gives: "language:\($0)}")
        }
        + [
            MemberExample(
                "Language.US_ENGLISH_FEMALE", "out(Object.keys(Language).length, Language.XX_KLINGON)",
                gives: "=> \(MemberTable.languages.count) XX_KLINGON")
        ]

    /// What is refused says so with its name; what has no effect warns. Lists of what is refused are there to be looked at.
    static let refusals: [MemberExample] = MemberTable.all.compactMap { member in
        if case .refused(let why) = member.support, MemberTable.absentModules.contains(member) {
            return MemberExample(
                member.path, "try { \(member.name).some() } catch (error) { out(error.message) }",
                gives: "=> \(member.path).some is not available on this exchange: \(why)")
        }
        if member.kind == .constant, !member.isSupported {
            let events = member.name.hasSuffix("Events") ? "\(member.name.dropLast(6))." : ""
            return MemberExample(member.path, "out(`${\(member.name).Some}`)", gives: "=> \(events)Some ")
        }
        guard member.kind == .function else { return nil }
        let owner = member.owner == "Call" ? "call" : member.owner
        switch member.support {
        case .supported: return nil
        case .refused(let why):
            return MemberExample(
                member.path, "try { \(owner).\(member.name)() } catch (error) { out(error.message) }",
                gives: "=> \(member.path) is not available on this exchange: \(why)")
        case .withoutEffect(let why):
            return MemberExample(
                member.path, "\(owner).\(member.name)(); out('goes on')",
                gives: "warning \(member.path) has no effect on this exchange: \(why)", "=> goes on")
        }
    }
}
