// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// Scripts that try to have their worker say what the daemon cannot read: the one who tries ends, with file and line; the
/// worker and the others in it go on.
@Suite(.serialized) struct HostileFrameTests {
    typealias Case = HostileCase

    /// What turns every command into something that ends just where a decoder of 512 levels gives up.
    private static func nested(_ levels: Int) -> String {
        """
        let inner = 0;
        for (let i = 0; i < \(levels); i++) inner = [inner];
        Object.prototype.toJSON = () => {
            delete Object.prototype.toJSON;
            return { terminate: { more: inner } };
        };
        VoxEngine.callConference('x');
        """
    }

    private static let notUnderstood = "Error: the exchange does not understand this request"

    static let cases =
        [40, 505, 507, 508, 509, 510, 511, 600, 5000].map { levels in
            Case(name: "\(levels) levels by toJSON", script: nested(levels), reason: "wild.js:7: \(notUnderstood)")
        }
        + [5, 20, 160, 168, 5000].map { levels in
            Case(
                name: "a sequence of \(levels) sequences by an own map",
                script: """
                    let deep = { url: { _0: 'x' } };
                    for (let i = 0; i < \(levels); i++) deep = { sequence: { _0: [deep] } };
                    const segments = [1];
                    segments.map = () => [deep];
                    VoxEngine.createSequencePlayer({ segments });
                    throw new Error('it was taken');
                    """,
                // A few levels are a command; what the exchange makes of it is its own matter.
                reason: levels == 5 ? "wild.js:6: Error: it was taken" : "wild.js:5: ")
        } + [
            Case(
                name: "a text where a list should be",
                script: "Array.prototype.toJSON = () => 'x';\nVoxEngine.callConference('x');",
                reason: "wild.js:2: \(notUnderstood)"),
            Case(
                name: "a command of megabytes",
                script:
                    "const much = 'x'.repeat(2000000);\nObject.prototype.toJSON = () => { delete Object.prototype.toJSON; return { terminate: { much } }; };\nVoxEngine.callConference('x');",
                reason: "wild.js:3: Error: a request to the exchange is longer"),
            Case(
                name: "characters that take three bytes",
                script:
                    "const much = '€'.repeat(500000);\nObject.prototype.toJSON = () => { delete Object.prototype.toJSON; return { terminate: { much } }; };\nVoxEngine.callConference('x');",
                reason: "wild.js:3: Error: a request to the exchange is longer"),
            Case(
                name: "a question to the web of megabytes",
                script: "\nNet.httpRequest('http://x', null, { postData: '\\u0001'.repeat(500000) });",
                reason: "wild.js:2: Error: "),
            Case(
                name: "a lone surrogate in spite of us",
                script:
                    "String.prototype.toWellFormed = function () { return this + '\\ud800'; };\nVoxEngine.callConference('x');",
                reason: "wild.js:2: \(notUnderstood)"),
            Case(
                name: "a whole number that is none",
                script: """
                    VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                        Math.trunc = () => 0.5;
                        call.reject(486);
                    });
                    """,
                reason: "wild.js:3: \(notUnderstood)"),
            Case(
                name: "2^53 and more",
                script: """
                    VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                        Math.trunc = () => 2 ** 80;
                        call.reject(486);
                    });
                    """,
                reason: "wild.js:3: \(notUnderstood)"),
            Case(
                name: "not a number",
                script: """
                    VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                        Math.trunc = () => NaN;
                        call.reject(486);
                    });
                    """,
                reason: "wild.js:3: \(notUnderstood)"),
            Case(
                name: "a command in a circle",
                script:
                    "const o = { terminate: {} };\no.terminate.o = o;\nObject.prototype.toJSON = function () { delete Object.prototype.toJSON; return o; };\nVoxEngine.callConference('x');",
                reason: "wild.js:4: TypeError"),
            Case(
                name: "data in a circle",
                script: "const o = {};\no.o = o;\nNet.httpRequest('http://x', null, { postData: o });",
                reason: "wild.js:3: TypeError"),
            Case(
                name: "a getter that throws a number",
                script: """

                    VoxEngine.addEventListener(AppEvents.CallAlerting, () => {
                        VoxEngine.callSIP('x', { get callerid() { throw 5; } });
                    });
                    """,
                reason: "wild.js:2: the script threw 5"),
            Case(
                name: "a getter that throws an error",
                script: "VoxEngine.callUser({\n get username() { throw new Error('no'); } });",
                reason: "wild.js:2: Error: no"),
            Case(
                name: "a timer that throws nothing", script: "\nsetTimeout(() => { throw undefined; }, 1);",
                reason: "wild.js:2: the script threw"),
            Case(
                name: "a revoked proxy",
                script: "const { proxy, revoke } = Proxy.revocable({}, {});\nrevoke();\nVoxEngine.callSIP('x', proxy);",
                reason: "wild.js:3: TypeError"),
            Case(
                name: "a proxy without an end",
                script: """
                    const endless = () => new Proxy({}, {
                        ownKeys: () => ['a'],
                        getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }),
                        get: (_, name) => (name === 'a' ? endless() : undefined),
                    });
                    Object.prototype.toJSON = function () { delete Object.prototype.toJSON; return endless(); };
                    VoxEngine.callConference('x');
                    """,
                reason: "wild.js:"),
            Case(
                name: "a unit that is a proxy",
                script:
                    "const c = VoxEngine.createConference();\nVoxEngine.sendMediaBetween(new Proxy(c, {}), c);",
                reason: "wild.js:2: TypeError"),
            Case(
                name: "an error whose stack is an object that throws",
                script: "\nthrow Object.defineProperty(new Error('x'), 'stack', { get() { throw 1; } });",
                reason: "wild.js"),
        ]

    @Test(arguments: cases) func `it ends with its place, and alone`(hostile: Case) async throws {
        let end = try await hostile.end()
        #expect(end.reason?.hasPrefix(hostile.reason) == true && !end.orphaned, "\(end)")
    }

    @Test func `odd values that can be understood are, and the script goes on`() async throws {
        let box = try ScriptedBox([
            "a.js": """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.reject(2 ** 80);
                call.reject(-Infinity);
                call.reject(10n);
                call.sendMessage('a\\ud800b');
                call.sendMessage({ toString: () => '\\udfff' });
                call.answer(Array.from({ length: 300000 }, (_, i) => `X-${i}: ${i}`));
                call.sendDigits(new Proxy(['1', '2'], {}));
            });
            """
        ])
        let session = box.start(1, ["a.js"])
        box.ring(session)
        for status in [Int(Int32.max), 486, 10] {
            #expect(try await box.exchange.next(session) == .reject(.caller, status: status, headers: []))
        }
        for words in ["a\u{fffd}b", "\u{fffd}"] {
            #expect(try await box.exchange.next(session) == .sendMessage(.caller, words))
        }
        let headers = (0..<64).map { HeaderField("X-\($0)", "\($0)") }
        #expect(try await box.exchange.next(session) == .answer(.caller, headers: headers))
        #expect(try await box.exchange.next(session) == .sendDigits(.caller, "1,2"))
    }
}
