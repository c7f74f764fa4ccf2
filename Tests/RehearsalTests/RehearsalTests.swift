// SPDX-License-Identifier: Apache-2.0

import Rehearsal
import Scripting
import Telephony
import Testing

/// The rehearsal itself: time, people, web, and scripts that go wrong.
@Suite(.serialized) struct RehearsalTests {
    private static let greeting = """
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
            call.addEventListener(CallEvents.Connected, () => call.say('One two three four five six.'));
            call.addEventListener(CallEvents.ToneReceived, ({ tone }) => call.say(`You typed ${tone}.`));
            call.handleTones();
            call.answer();
        });
        """

    @Test func `digits come when the words have ended, or into them`() throws {
        let patient = try Stage.script(Self.greeting) { $0.steps = Stage.steps("1") }
        let typed = try #require(patient.lines.first { $0.words == "types 1" })
        // 28 characters take 1867 ms; 700 ms later.
        #expect((2500...2700).contains(typed.milliseconds), "\(patient.text)")
        let hasty = try Stage.script(Self.greeting) { $0.steps = Stage.steps("!1") }
        #expect(try #require(hasty.lines.first { $0.words == "types 1" }).milliseconds == 200, "\(hasty.text)")
        let waiting = try Stage.script(Self.greeting) { $0.steps = Stage.steps("1,,2") }
        let second = try #require(waiting.lines.first { $0.words == "types 2" })
        #expect(second.milliseconds - typed.milliseconds > 2000, "\(waiting.text)")
    }

    @Test func `hours of timers take no time, and the clock of scripts goes with them`() throws {
        let began = ContinuousClock.now
        let transcript = try Stage.script(
            """
            const start = Date.now();
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.answer();
                call.playProgressTone('US');
                setTimeout(() => {
                    Logger.write(Date.now() - start, new Date().toISOString(), new Date(0).toISOString(), new Date() instanceof Date);
                    call.hangup();
                }, 6 * 3600000);
            });
            """
        ) { $0.longestMilliseconds = 8 * 3_600_000 }
        #expect(ContinuousClock.now - began < .seconds(10))
        #expect(
            transcript.missing(["21600000 2026-11-24T18:00:00.000Z 1970-01-01T00:00:00.000Z true"]) == nil,
            "\(transcript.text)")
    }

    @Test func `web and storage are played`() throws {
        let transcript = try Stage.script(
            """
            VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
                call.answer();
                const page = await Net.httpRequestAsync('http://box/open?x=1');
                const none = await Net.httpRequestAsync('http://elsewhere');
                await ApplicationStorage.put('a', page.text, 60);
                call.say(`${page.code} ${(await ApplicationStorage.get('a')).value} ${none.code} ${none.error}`);
            });
            """
        ) { $0.pages = [("http://box/", 200, "yes")] }
        #expect(
            transcript.missing([
                "asks GET http://box/open?x=1: 200", "keeps a = yes", "200 yes 3 a rehearsal has no web",
            ]) == nil)
    }

    @Test func `a sound that is not there is not told as if it had been heard`() throws {
        let transcript = try Stage.script(
            """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.addEventListener(CallEvents.Connected, () => call.startPlayback('nosuch.wav'));
                call.answer();
            });
            """)
        let words = "hears the file nosuch.wav (it can not be played: nosuch.wav: no such file; put it into the folder"
        #expect(transcript.text.contains(words), "\(transcript.text)")
        let noSound = try Stage.script(
            """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.addEventListener(CallEvents.Connected, () => call.startPlayback('/etc/passwd'));
                call.answer();
            });
            """)
        #expect(noSound.text.contains("/etc/passwd is no sound file; use wav"), "\(noSound.text)")
    }

    @Test func `what is played before the answer is not told as heard`() throws {
        func rehearse(_ body: String) throws -> Transcript {
            try Stage.script("VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => { \(body) });") {
                $0.longestMilliseconds = 20_000
                $0.answers["22"] = .rings
            }
        }
        let unanswered = try rehearse("call.say('Hello.'); call.ring();")
        #expect(unanswered.missing(["caller: does not hear what is played: the call is not answered"]) == nil)
        #expect(!unanswered.text.contains("Hello."), "\(unanswered.text)")
        let early = try rehearse("call.startEarlyMedia(); call.say('Hello.');")
        for words in ["caller: hears before the answer", "caller: hears \"Hello.\""] {
            #expect(early.missing([words]) == nil, "\(early.text)")
        }
        #expect(!early.text.contains("does not hear"), "\(early.text)")
        // Who is answered in the middle of it hears the rest.
        let late = try rehearse("call.say('Hello, this takes a while.'); setTimeout(() => call.answer(), 500);")
        #expect(
            late.missing(["does not hear what is played", "caller: hears \"Hello", "caller: is answered"]) == nil,
            "\(late.text)")
        let atOnce = try rehearse("call.answer(); call.say('Hello.');")
        #expect(!atOnce.text.contains("does not hear"), "\(atOnce.text)")
        let outgoing = try rehearse("call.answer(); VoxEngine.callUser({ username: '22' }).say('Hello.');")
        #expect(
            outgoing.missing(["22: does not hear what is played", "wait for Connected"]) == nil, "\(outgoing.text)")
    }

    @Test func `an error in a script is told with its place`() throws {
        let transcript = try Stage.script(
            "VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {\n  e.call.anser();\n});")
        #expect(transcript.faults.first?.hasPrefix("a.js:2: TypeError") == true, "\(transcript.faults)")
        #expect(transcript.text.contains("caller: is "))
    }

    @Test func `scripts that never end do not keep the rehearsal`() throws {
        let loop = try Stage.script("while (true) {}")
        #expect(loop.faults.first?.contains("ran for more than 1 s") == true)
        #expect(throws: ScenarioWorkersFailure.self) {
            try Stage.script("const again = () => Promise.resolve().then(again); again();")
        }
        // A caller is not kept by a script that plays something for ever.
        let music = try Stage.script(
            """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.answer();
                call.playProgressTone('US');
                setInterval(() => 0, 4);
            });
            """
        ) { $0.longestMilliseconds = 20_000 }
        #expect(music.missing(["has had enough"]) == nil, "\(music.text)")
    }

    @Test(arguments: ["x", "1 2 !", "12y", "!"]) func `what is no digit is refused`(text: String) {
        #expect(RehearsalPlan.steps(text) == nil)
    }

    @Test(arguments: [
        ("http://h/hook=Hello", "http://h/hook", "Hello"), ("http://h/hook=a=b", "http://h/hook", "a=b"),
        ("http://h/hook?from=2=Hello", "http://h/hook?from=2", "Hello"),
        ("http://h/hook?a=1&b=2=Hello x=y", "http://h/hook?a=1&b=2", "Hello x=y"),
        ("http://h/hook?a=1={\"b\":\"c=d\"}", "http://h/hook?a=1", "{\"b\":\"c=d\"}"),
        ("http://h/hook?a=1=", "http://h/hook?a=1", ""), ("http://h/hook?open=yes", "http://h/hook?open", "yes"),
        ("http://h/hook=is it 2?=1", "http://h/hook", "is it 2?=1"),
    ]) func `the address of a page may have a query`(text: String, address: String, body: String) {
        let page = RehearsalPlan.page(text)
        #expect(page?.address == address && page?.body == body, "\(String(describing: page))")
    }

    @Test(arguments: ["", "http://h/hook", "=Hello"]) func `what is no page is refused`(text: String) {
        #expect(RehearsalPlan.page(text) == nil)
    }

    @Test func `plans are read as they are written`() {
        #expect(
            RehearsalPlan.steps("!111#, 42") == [
                .type("111#", isImpatient: true), .wait(1000), .type("42", isImpatient: false),
            ])
        #expect(RehearsalPlan.answer("busy") == .busy)
        #expect(RehearsalPlan.answer("2.5:1") == .answers(afterMilliseconds: 2500, digits: "1"))
        #expect(
            RehearsalPlan.answer("soon") == nil && RehearsalPlan.answer("-1") == nil
                && RehearsalPlan.answer("1:x") == nil)
    }

    @Test func `a tone script that has an end ends`() throws {
        let text = """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.answer();
                call.addEventListener(CallEvents.Connected, () => {
                    const tone = VoxEngine.createToneScriptPlayer('350@-19,440@-19;2(.2/.2/1+2);3(*/0/1+2)');
                    tone.sendMediaTo(call);
                    tone.addEventListener(PlayerEvents.PlaybackFinished, ({ error }) => call.say(error ?? 'It ended.'));
                });
            });
            """
        #expect(try Stage.script(text).text.contains("hears \"It ended.\""))
    }
}
