// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Telephony
import Testing

/// Sessions that are started and asked from outside, through the real exchange.
@Suite struct QuestionTests {
    private final class Answers: Sendable {
        private let all = Mutex<[SessionAnswer]>([])
        var statuses: [Int] { all.withLock { $0.map(\.status) } }
        /// Of answers that no script gave (man partyline): status and a line of plain text.
        var own: [String] {
            all.withLock { $0 }.filter { $0.contentType.hasPrefix("text/plain") }.map { "\($0.status) \($0.body)" }
        }
        func take(_ answer: SessionAnswer) { all.withLock { $0.append(answer) } }
    }

    private func token(_ house: TestHouse) -> String {
        String(house.host.started.last?.accessURL.split(separator: "/").last ?? "")
    }

    private func ask(_ house: TestHouse, _ answers: Answers, _ path: String = "/x") {
        house.exchange.ask(
            token: token(house), SessionQuestion(method: "POST", path: path, content: "c", headers: []), now: house.now
        ) { answers.take($0) }
    }

    @Test
    func `a session is started by rule with its data, has a secret address, and ends after a minute without a call`()
        throws
    {
        let house = TestHouse()
        guard case .started(let report) = house.exchange.openSession(rule: "gateway", data: "{\"a\":1}", now: 0) else {
            Issue.record("it was not started")
            return
        }
        let start = try #require(house.host.started.last)
        #expect(start.customData == "{\"a\":1}")
        #expect(start.accessURL == report.accessURL)
        #expect(token(house).count == 32)
        _ = house.exchange.openSession(rule: "gateway", data: "", now: 0)
        #expect(house.host.started.last?.accessURL != start.accessURL)
        if case .notFound = house.exchange.openSession(rule: "nobody", data: "", now: 0) {} else { Issue.record() }
        house.pass(milliseconds: 59_000)
        #expect(house.host.ended.isEmpty)
        house.pass(milliseconds: 2_000)
        #expect(house.host.ended.count == 2)
    }

    @Test func `what is asked reaches the script once and its answer comes back; who is late gets a 504`() {
        let house = TestHouse()
        _ = house.exchange.openSession(rule: "gateway", data: "", now: 0)
        let answers = Answers()
        ask(house, answers)
        #expect(
            house.host.told.map(\.event) == [
                .httpRequest(1, method: "POST", path: "/x", content: "c", headers: [])
            ])
        // Another session can not answer for it.
        _ = house.exchange.openSession(rule: "gateway", data: "", now: 0)
        house.script(2, .httpAnswer(1, status: 200, contentType: "a", body: "b"))
        #expect(answers.statuses.isEmpty)
        house.script(1, .httpAnswer(1, status: 201, contentType: "a", body: "b"))
        house.script(1, .httpAnswer(1, status: 202, contentType: "a", body: "b"))
        #expect(answers.statuses == [201])
        let late = Answers()
        house.exchange.ask(
            token: token(house), SessionQuestion(method: "GET", path: "", content: "", headers: []), now: house.now
        ) { late.take($0) }
        house.pass(milliseconds: 9_000)
        #expect(late.statuses.isEmpty)
        house.pass(milliseconds: 2_000)
        #expect(late.own == ["504 the script did not answer in time\n"])
        #expect(answers.own == [])
    }

    @Test func `sixteen may wait, a stranger's token is not known, and the end of the session answers who still waits`()
    {
        let house = TestHouse()
        _ = house.exchange.openSession(rule: "gateway", data: "", now: 0)
        let answers = Answers()
        for _ in 0..<17 { ask(house, answers) }
        #expect(answers.statuses == [429])
        house.exchange.ask(
            token: "0", SessionQuestion(method: "GET", path: "", content: "", headers: []), now: house.now
        ) { answers.take($0) }
        #expect(answers.statuses == [429, 404])
        house.happen(.sessionEnded(SessionID(1), reason: nil, orphaned: false))
        #expect(answers.statuses.dropFirst(2) == Array(repeating: 410, count: 16)[...])
        ask(house, answers)
        #expect(answers.statuses.last == 404)
        #expect(
            Set(answers.own) == [
                "429 more than 16 requests wait for this session\n", "404 there is no such session\n",
                "410 the session has ended\n",
            ])
    }

    @Test func `a question keeps a session without calls alive for another minute`() {
        let house = TestHouse()
        _ = house.exchange.openSession(rule: "gateway", data: "", now: 0)
        house.pass(milliseconds: 50_000)
        ask(house, Answers())
        house.pass(milliseconds: 50_000)
        #expect(house.host.ended.isEmpty)
        house.pass(milliseconds: 11_000)
        #expect(house.host.ended.count == 1)
    }

    @Test func `traces of a session come from its beginning and end with it`() async {
        let host = ScriptedHost()
        let traces = SessionTraces(host, clock: { 5 })
        let id = SessionID(3)
        traces.start(SessionStart(session: id, rule: "r", scenarios: [], conferenceName: nil, customData: ""))
        traces.deliver(.onHold(UnitID(1)), to: id)
        let stream = traces.watch(id)
        traces.asked(.hangUp(UnitID(1), headers: []), by: id)
        traces.ended(id)
        var all: [SessionTrace] = []
        if let stream { for await trace in stream { all.append(trace) } }
        #expect(all.count == 4)
        #expect(all.first?.start?.rule == "r")
        #expect(all[1].event == .onHold(UnitID(1)))
        #expect(all[2].command == .hangUp(UnitID(1), headers: []))
        #expect(all[3].ended == true)
        #expect(traces.watch(id) == nil)
        #expect(host.told.count == 1)
        #expect(all.first?.epoch == 5_000)
    }

    @Test func `what web and storage answer is noted, without the words of the script's headers`() async {
        struct Open: ScriptServices {
            func perform(
                _ request: ServiceRequest, of session: SessionID, reply: @escaping @Sendable (ServiceReply) -> Void
            ) {
                var response = ScriptHTTPResponse()
                response.body = String(repeating: "é", count: 20_000)
                reply(.http(id: request.id, response))
            }
            func ended(_ session: SessionID) {}
        }
        let traces = SessionTraces(ScriptedHost(), clock: { 5 })
        let services = NotedServices(Open())
        services.note(in: traces)
        let id = SessionID(3)
        traces.start(SessionStart(session: id, rule: "r", scenarios: [], conferenceName: nil, customData: ""))
        var request = ScriptHTTPRequest(url: "http://x")
        request.headers = [HeaderField("Authorization", "secret")]
        final class Length: Sendable { let characters = Mutex(0) }
        let whole = Length()
        services.perform(.http(id: 7, request), of: id) { reply in
            if case .http(7, let response) = reply { whole.characters.withLock { $0 = response.body.count } }
        }
        #expect(whole.characters.withLock { $0 } == 20_000)
        let stream = traces.watch(id)
        traces.ended(id)
        var noted: [NotedAnswer] = []
        if let stream { for await trace in stream { if let answer = trace.answer { noted.append(answer) } } }
        #expect(noted.count == 1 && noted.first?.isCut == true)
        #expect(noted.first?.request == .http(id: 0, ScriptHTTPRequest(url: "http://x")))
        if case .http(0, let response) = noted.first?.reply { #expect(response.body.utf8.count == 16 << 10) }
    }

    @Test func `a script that says a lot does not make its traces large`() async {
        let traces = SessionTraces(ScriptedHost(), clock: { 5 })
        let id = SessionID(3)
        traces.start(SessionStart(session: id, rule: "r", scenarios: [], conferenceName: nil, customData: ""))
        for _ in 0..<100 { traces.asked(.sendMessage(UnitID(1), String(repeating: "x", count: 60_000)), by: id) }
        traces.asked(.hangUp(UnitID(1), headers: []), by: id)
        let stream = traces.watch(id)
        traces.ended(id)
        var kept = 0
        if let stream { for await trace in stream where trace.command != nil { kept += 1 } }
        #expect(kept == 8 + 1)
    }
}
