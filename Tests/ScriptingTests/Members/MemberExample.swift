// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ScenarioAPI
import Scripting
import Synchronization
import Telephony

/// One use of a member of the API in real JavaScript, and what comes of it.
struct MemberExample: Sendable {
    /// "Call.say"
    var member: String
    /// Runs when the call has come in: `call`, `e` (the event), `out(values)` for the log, `hear(unit, event)` to log an event.
    var script: String
    /// Runs when the script is loaded.
    var top: String
    /// What the exchange tells then; the caller is unit 1, what the script makes -1, -2 …
    var events: [SessionEvent]
    /// Texts in what the script asked for or logged.
    var gives: [String]
    /// Texts that are not among it once all of `gives` are.
    var lacks: [String]

    init(
        _ member: String, _ script: String, top: String = "", _ events: [SessionEvent] = [], gives: String...,
        lacks: [String] = []
    ) {
        self.member = member
        self.script = script
        self.top = top
        self.events = events
        self.gives = gives
        self.lacks = lacks
    }

    /// Whether the script itself uses that member; "constructor" is `new Owner`.
    func writes(_ row: ScenarioMember) -> Bool {
        let written = ScriptWords.of(top + "\n" + script)
        if row.name == "constructor" { return written.contains("new \(row.owner)") }
        // `hear` is made of it.
        if row.name == "addEventListener", written.contains("hear") { return true }
        if row.owner.isEmpty { return written.contains(row.name) }
        return written.contains(MemberTable.classes.contains(row.owner) ? ".\(row.name)" : row.path)
    }

    var source: String {
        """
        const out = (...values) => Logger.write('=>', ...values.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))));
        const plain = (e) => Object.fromEntries(Object.entries(e).filter(
            ([name]) => !['call', 'player', 'conference', 'recorder', 'endpoint'].includes(name)));
        const hear = (unit, name) => unit.addEventListener(name, (e) => out(plain(e)));
        \(top)
        VoxEngine.addEventListener(AppEvents.CallAlerting, async (e) => { const call = e.call; \(script) });
        """
    }
}

/// Runs examples, all at once in sessions of their own, and says which gave something else.
struct MemberStage {
    static func failures(_ examples: [MemberExample]) async throws -> [String] {
        let scripts = Dictionary(
            uniqueKeysWithValues: examples.enumerated().map { ("\($0.offset).js", $0.element.source) })
        let box = try ScriptedBox(scripts, services: EchoServices())
        let sessions = examples.indices.map { box.start(UInt64($0 + 1), ["\($0).js"]) }
        for (example, session) in zip(examples, sessions) {
            box.ring(session, headers: [HeaderField("X-A", "b")])
            for event in example.events { box.tell(session, event) }
            if example.top.contains("Terminat") || example.script.contains("VoxEngine.terminate") {
                box.workers.end(session)
            }
        }
        var failures: [String] = []
        for (example, session) in zip(examples, sessions) {
            let found = await text(of: session, in: box.exchange, until: example.gives)
            for words in example.gives where !found.contains(words) {
                failures.append("\(example.member): \(example.script): \"\(words)\" is not in \(found)")
            }
            for words in example.lacks where found.contains(words) {
                failures.append("\(example.member): \(example.script): \"\(words)\" is in \(found)")
            }
        }
        return failures
    }

    /// What a session asked for and logged, once it has all that is waited for (or five seconds have passed).
    private static func text(of session: SessionID, in exchange: ScriptedExchange, until words: [String]) async
        -> String
    {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            let commands = exchange.commands(of: session).map(text(of:))
            let lines = exchange.logged.lines.filter {
                $0.contains(" session=\(session)") && !$0.contains("session=\(session)0")
            }
            let ends = exchange.ends.filter { $0.session == session }.map { "ended: \($0.reason ?? "")" }
            let all = (commands + lines + ends).joined(separator: "\n")
            if words.allSatisfy(all.contains) || ContinuousClock.now > deadline { return all }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// "say" as {"startPlayback":{"_0":u1,…}}: units as u1, without quotation marks.
    static func text(of command: SessionCommand) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = (try? encoder.encode(command)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        var text = json.replacing("\"", with: "")
        for number in -9...9 { text = text.replacing("{number:\(number)}", with: "u\(number)") }
        return text
    }
}

/// Web and storage that answer at once: a page tells what was asked for.
final class EchoServices: ScriptServices {
    private let values = Mutex<[String: StoredValue]>([:])

    func perform(
        _ request: ServiceRequest, of session: SessionID, reply: @escaping @Sendable (ServiceReply) -> Void
    ) {
        switch request {
        case .http(let id, let request):
            var response = ScriptHTTPResponse()
            response.code = 200
            response.headers = [HeaderField("X-Page", "echo")]
            let headers = request.headers.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            let words =
                "\(request.method) \(request.url) [\(headers)] \(request.body) \(request.isBodyBase64) \(request.timeoutSeconds)"
            response.body = request.wantsBytes ? Data(words.utf8).base64EncodedString() : words
            response.isBodyBase64 = request.wantsBytes
            reply(.http(id: id, response))
        case .storageGet(let id, let key): reply(.storageValue(id: id, values.withLock { $0[key] }))
        case .storagePut(let id, let key, let value, let ttl):
            guard value != "refuse" else { return reply(.storageFailed(id: id, "full")) }
            let stored = StoredValue(
                key: key, value: value, expires: ttl > 0 ? Date().timeIntervalSince1970 + Double(ttl) : nil)
            values.withLock { $0[key] = stored }
            reply(.storageValue(id: id, stored))
        case .storageRemove(let id, let key):
            reply(.storageValue(id: id, values.withLock { $0.removeValue(forKey: key) }))
        case .storageKeys(let id): reply(.storageKeys(id: id, values.withLock { $0.keys.sorted() }))
        }
    }

    func ended(_ session: SessionID) {}
}

/// What a script names: words, `.word` of an object, `Word.word`, and `new Word`.
enum ScriptWords {
    static func of(_ script: String) -> Set<String> {
        var found: Set<String> = []
        for match in script.matches(of: /(new )?([A-Za-z_$][\w$]*)((?:\.[A-Za-z_$][\w$]*)*)/) {
            let parts = [String(match.2)] + match.3.split(separator: ".").map(String.init)
            if match.1 != nil { found.insert("new \(parts[0])") }
            for index in parts.indices {
                found.insert(index == 0 ? parts[0] : ".\(parts[index])")
                if index > 0 { found.insert("\(parts[index - 1]).\(parts[index])") }
            }
        }
        // The name of a method behind a call: "VoxEngine.callPSTN('1').incoming()".
        for match in script.matches(of: /[)\]]\.([A-Za-z_$][\w$]*)/) { found.insert(".\(match.1)") }
        for match in script.matches(of: /(`\$\{\w+\}`)/) where !match.1.isEmpty { found.insert(".toString") }
        return found
    }
}
