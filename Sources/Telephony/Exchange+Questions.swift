// SPDX-License-Identifier: Apache-2.0

/// A question that a session has been asked over HTTP.
struct PendingQuestion {
    let session: SessionID
    let reply: (SessionAnswer) -> Void
}

/// Sessions that are started and asked from outside.
extension Exchange {
    /// Starts a session without a call. It ends a minute later unless it calls somebody or is asked something.
    package func openSession(rule name: String, data: String, now: Int64) -> SessionOpening {
        self.now = now
        guard let rule = options.rules.rules.first(where: { $0.name == name }) else {
            return .notFound("there is no rule \(name)")
        }
        guard sessions.count < options.mostInside else { return .refused("too many sessions run") }
        let id = startSession(rule, conference: nil, customData: data)
        sessionLostCall(id)
        guard let report = report(ofSession: id) else { return .refused("the session did not start") }
        return .started(report)
    }

    package func sessionReports() -> [SessionReport] {
        sessions.keys.sorted { $0.number < $1.number }.compactMap { report(ofSession: $0) }
    }

    private func report(ofSession id: SessionID) -> SessionReport? {
        guard let session = sessions[id] else { return nil }
        var report = SessionReport()
        report.id = "\(id)"
        report.rule = session.rule
        report.conference = session.conferenceName ?? ""
        report.calls = session.calls.count
        report.seconds = Int((now - session.startedAt) / 1000)
        report.accessURL = options.accessURL + session.token
        return report
    }

    /// Asks the session with this token; `reply` is called once, at once or within ten seconds.
    package func ask(
        token: String, _ question: SessionQuestion, now: Int64, reply: @escaping (SessionAnswer) -> Void
    ) {
        self.now = now
        guard let id = sessionOfToken[token], sessions[id]?.isEnding == false else {
            return reply(Self.failure(404, "there is no such session"))
        }
        guard questions.values.count(where: { $0.session == id }) < Session.maxQuestions else {
            return reply(Self.failure(429, "more than \(Session.maxQuestions) requests wait for this session"))
        }
        questionNumbers &+= 1
        let number = questionNumbers
        questions[number] = PendingQuestion(session: id, reply: reply)
        timers.schedule(.question(number), at: now + options.questionMilliseconds)
        if sessions[id]?.calls.isEmpty == true { sessionLostCall(id) }
        host.deliver(
            .httpRequest(
                number, method: question.method, path: question.path, content: question.content,
                headers: question.headers), to: id)
    }

    func answer(_ number: UInt32, _ answer: SessionAnswer, by session: SessionID) {
        guard let question = questions[number], question.session == session else { return }
        questions[number] = nil
        timers.cancel(.question(number))
        question.reply(answer)
    }

    func questionTimedOut(_ number: UInt32) {
        guard let question = questions.removeValue(forKey: number) else { return }
        question.reply(Self.failure(504, "the script did not answer in time"))
    }

    /// Nobody is left to answer.
    func dropQuestions(of session: SessionID) {
        for (number, question) in questions where question.session == session {
            questions[number] = nil
            timers.cancel(.question(number))
            question.reply(Self.failure(410, "the session has ended"))
        }
    }

    private static func failure(_ status: Int, _ words: String) -> SessionAnswer {
        SessionAnswer(status: status, contentType: "text/plain; charset=utf-8", body: words + "\n")
    }
}
