// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// What a script may do to the language itself in an engine that serves the next session as well: each trick once, and the
/// next session looks whether all is as it was.
@Suite(.serialized) struct EngineLeakTests {
    struct Trick: Sendable, CustomTestStringConvertible {
        var name: String
        var litter: String
        /// True where nothing is left.
        var isClean: String

        init(_ name: String, _ litter: String, _ isClean: String) {
            self.name = name
            self.litter = litter
            self.isClean = isClean
        }

        var testDescription: String { name }
    }

    static let tricks = [
        Trick(
            "names of scripts", "let secret = 1; const other = 2; class Third {} var fourth = 4; function fifth() {}",
            "[typeof secret, typeof other, typeof Third, typeof fourth, typeof fifth].every((t) => t === 'undefined')"),
        Trick(
            "a global that answers", "Object.defineProperty(globalThis, 'left', { get: () => 'mine' });",
            "typeof left === 'undefined'"),
        Trick(
            "the global's prototype",
            "Object.setPrototypeOf(Object.getPrototypeOf(globalThis), null); Object.getPrototypeOf(globalThis).left = 1;",
            "typeof left === 'undefined' && globalThis instanceof Object"),
        Trick(
            "a frozen world",
            "for (const one of [Object, Array, Function, Promise, Map]) Object.freeze(one.prototype); Object.preventExtensions(globalThis);",
            "((globalThis.fresh = 1), delete globalThis.fresh) && !Object.isFrozen(Array.prototype)"),
        Trick(
            "a setter on all objects",
            "Object.defineProperty(Object.prototype, 'headers', { set() { Logger.write('stolen'); }, configurable: true });",
            "Object.keys({ headers: 1 }).length === 1 && !('headers' in {})"),
        Trick(
            "promises", "Promise.prototype.then = function () { Logger.write('stolen'); };",
            "Promise.prototype.then.toString().includes('native')"),
        Trick(
            "JSON", "JSON.parse = () => ({ stolen: 1 }); JSON.stringify = () => '{}';",
            "JSON.stringify(JSON.parse('[1]')) === '[1]'"),
        Trick("the last match", "/s(e)cret/.test('secret');", "RegExp.$1 === '' && RegExp.lastMatch === ''"),
        Trick(
            "registered symbols", "Symbol.for('left').constructor.prototype.left = 1;",
            "Symbol.for('left').left === undefined"),
        Trick(
            "errors", "Error.stackTraceLimit = 0; Error.prototype.toString = () => 'mine';",
            "Error.stackTraceLimit !== 0 && String(new Error('a')) === 'Error: a'"),
        Trick(
            "functions", "Function.prototype.apply = Function.prototype.bind = () => 'mine';",
            "Math.max.bind(null, 1)(2) === 2 && Math.max.apply(null, [1, 2]) === 2"),
        Trick(
            "iteration", "Array.prototype[Symbol.iterator] = function* () { yield 'mine'; };", "[...[1]][0] === 1"),
        Trick(
            "collections", "Map.prototype.get = Map.prototype.set = WeakMap.prototype.get = () => 'mine';",
            "new Map([[1, 2]]).get(1) === 2"),
        Trick(
            "time", "Date.now = () => 0; Date.prototype.getTime = () => 0;",
            "Date.now() > 1e12 && new Date().getTime() > 1e12"),
        Trick(
            "chance", "Math.random = () => 0; Math.trunc = () => 0;",
            "Math.random() !== Math.random() && Math.trunc(2.5) === 2"),
        Trick(
            "texts", "String.prototype.slice = String.prototype.toString = String.prototype.split = () => 'mine';",
            "'ab'.slice(1) === 'b' && 'a b'.split(' ').length === 2"),
        Trick(
            "numbers", "Number.prototype.toString = () => 'mine'; Number.isFinite = () => false;",
            "(7).toString() === '7' && Number.isFinite(1)"),
        Trick(
            "bytes", "Object.getPrototypeOf(Uint8Array).prototype.fill = () => 'mine';",
            "new Uint8Array(1).fill(3)[0] === 3"),
        Trick(
            "hidden prototypes",
            "for (const f of [async () => 0, function* () {}, async function* () {}]) Object.getPrototypeOf(f).left = 1;",
            "[async () => 0, function* () {}, async function* () {}].every((f) => Object.getPrototypeOf(f).left === undefined)"
        ),
        Trick(
            "languages", "Intl.DateTimeFormat.prototype.formatToParts = () => []; Intl.left = 1;",
            "new Intl.DateTimeFormat('en').formatToParts().length > 0 && Intl.left === undefined"),
        Trick(
            "reflection", "Reflect.ownKeys = Object.keys = Object.entries = () => ['mine'];",
            "Reflect.ownKeys({}).length === 0 && Object.keys({}).length === 0"),
        Trick(
            "the API's functions", "VoxEngine.callUser = VoxEngine.terminate = () => 'mine'; VoxEngine.left = 1;",
            "VoxEngine.left === undefined && VoxEngine.callUser.length > 0"),
        Trick(
            "the API's tables",
            "try { CallEvents.Connected = 'mine'; } catch {} globalThis.CallEvents = {}; globalThis.Logger.left = 1;",
            "CallEvents.Connected === 'Call.Connected' && Logger.left === undefined"),
        Trick(
            "the API's classes",
            "const unit = VoxEngine.createRecorder(); Object.getPrototypeOf(unit).stop = () => 'mine'; Object.getPrototypeOf(Object.getPrototypeOf(unit)).left = 1; unit.constructor.left = 1;",
            "((unit) => unit.left === undefined && unit.constructor.left === undefined && unit.stop() !== 'mine')(VoxEngine.createRecorder())"
        ),
        Trick(
            "numbers that count on",
            "for (let i = 0; i < 5; i++) { VoxEngine.createRecorder().stop(); setTimeout(() => Logger.write('stolen'), 20); }",
            "VoxEngine.createRecorder().id().endsWith('u-1') && setTimeout(() => 0, 1) === 1"),
        Trick(
            "data of the session", "VoxEngine.customData('secret');", "VoxEngine.customData() === ''"),
        Trick(
            "promises that never end",
            "globalThis.wait = new Promise(() => {}); (async () => { await wait; Logger.write('stolen'); })();",
            "typeof wait === 'undefined'"),
    ]

    private static func script(_ body: String) -> String {
        """
        \(body)
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => call.answer());
        """
    }

    @Test func `nothing that one script does to the language is there for the next`() async throws {
        var scripts: [String: String] = [:]
        for (index, trick) in Self.tricks.enumerated() {
            scripts["litter\(index).js"] = Self.script(trick.litter)
            scripts["look\(index).js"] = Self.script(
                "Logger.write('looked', \(index), (() => { try { return \(trick.isClean); } catch (e) { return String(e); } })());"
            )
        }
        let box = try ScriptedBox(scripts, readyMachines: 1)
        var number: UInt64 = 0
        var broken = 0
        for index in Self.tricks.indices {
            // Looked at before, so that a test which sees nothing is told from one which looks at nothing.
            for name in ["look", "litter", "look"] {
                number += 1
                let session = box.start(number, ["\(name)\(index).js"])
                if name == "look" {
                    box.ring(session)
                    // Some ask for something else first.
                    while try await box.exchange.next(session) != .answer(.caller, headers: []) {}
                }
                box.workers.end(session)
                let end = try await box.exchange.end(of: session)
                // What breaks its own session ends with its engine.
                if end.reason != nil { broken += 1 }
                #expect(name == "litter" || end.reason == nil, "\(Self.tricks[index].name): \(end)")
                try await Task.sleep(for: .milliseconds(15))
            }
        }
        let looked = box.exchange.logged.lines.filter { $0.contains("looked ") }
        #expect(looked.count == Self.tricks.count * 2)
        for (index, trick) in Self.tricks.enumerated() {
            let lines = looked.filter { $0.contains("looked \(index) ") }
            #expect(
                lines.count == 2 && lines.allSatisfy { $0.contains("looked \(index) true") }, "\(trick.name): \(lines)")
        }
        #expect(!box.exchange.logged.lines.contains { $0.contains("stolen") })
        try await Task.sleep(for: .milliseconds(1200))
        let made = try #require(box.workers.reports.first.flatMap(WorkerLines.engines))
        #expect(made <= 3 + broken && broken < 5, "\(number) sessions shared the engines; \(broken) broke theirs")
    }

    @Test func `each trick is one: within its own session it is seen`() async throws {
        var scripts: [String: String] = [:]
        for (index, trick) in Self.tricks.enumerated() where !Self.unseen.contains(trick.name) {
            scripts["both\(index).js"] = Self.script(
                "\(trick.litter)\nconst seen = (() => { try { return \(trick.isClean); } catch (e) { return String(e); } })();"
                    + "\nVoxEngine.addEventListener(AppEvents.Started, () => Logger.write('seen \(index) ' + seen));")
        }
        let box = try ScriptedBox(scripts, readyMachines: 1)
        for (number, name) in scripts.keys.sorted().enumerated() {
            let session = box.start(UInt64(number + 1), [name])
            box.workers.end(session)
            _ = try await box.exchange.end(of: session)
        }
        for (index, trick) in Self.tricks.enumerated() where !Self.unseen.contains(trick.name) {
            let lines = box.exchange.logged.lines.filter { $0.contains("seen \(index) ") }
            // A trick that breaks its own session says nothing at all.
            #expect(lines.count == 1 || Self.breaking.contains(trick.name), "\(trick.name): \(lines)")
            #expect(!lines.contains { $0.contains("seen \(index) true") }, "\(trick.name): \(lines)")
        }
    }

    /// Where nothing of it is to be seen in the same session either, or where it takes the log away.
    private static let unseen: Set<String> = ["the API's tables"]
    private static let breaking: Set<String> = ["collections", "texts"]
}
