// SPDX-License-Identifier: Apache-2.0

/// What somebody asks a session over HTTP, and what the script answers.
package struct SessionQuestion: Sendable, Hashable {
    package var method: String
    /// Behind the token, with the query: "/mute?who=3".
    package var path: String
    package var content: String
    package var headers: [HeaderField]

    package init(method: String, path: String, content: String, headers: [HeaderField]) {
        self.method = method
        self.path = path
        self.content = content
        self.headers = headers
    }
}

package struct SessionAnswer: Sendable, Hashable {
    package var status: Int
    package var contentType: String
    package var body: String

    package init(status: Int, contentType: String, body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// A scenario session, for reports and for whoever started it.
package struct SessionReport: Sendable, Hashable, Codable {
    package var id = ""
    package var rule = ""
    package var conference = ""
    package var calls = 0
    package var seconds = 0
    /// Where it is asked; whoever knows this may.
    package var accessURL = ""

    enum CodingKeys: String, CodingKey {
        case id = "session"
        case rule, conference, calls, seconds, accessURL
    }

    package init() {}
}

package enum SessionOpening: Sendable, Hashable {
    case started(SessionReport)
    case refused(Obstacle)
    case notFound(Obstacle)
}

/// One thing that happened to a session or that it asked for, in order: enough to play its calls to the script again.
package struct SessionTrace: Sendable, Hashable, Codable {
    /// Seconds since the session began.
    package var time: Double
    package var session: String
    package var start: SessionStart?
    /// With `start`: when that was, in milliseconds since 1970. Scripts go by the time of day.
    package var epoch: Double?
    package var event: SessionEvent?
    package var command: SessionCommand?
    /// What the web or the storage has just told the script.
    package var answer: NotedAnswer?
    package var ended: Bool?

    package init(time: Double, session: SessionID) {
        self.time = time
        self.session = "\(session)"
    }
}
