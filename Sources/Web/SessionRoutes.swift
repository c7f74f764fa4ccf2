// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Telephony

/// What is asked of scenario sessions: "/sessions" to start one, "/sessions/ID/events" to watch, "/sessions/TOKEN/…" to ask
/// the script itself. All of it also behind "/v1".
enum SessionCall: Hashable {
    case list
    case open(rule: String, data: String)
    case watch(String)
    /// `path` begins with '/', or is empty.
    case ask(token: String, path: String)

    private struct Opening: Decodable {
        var rule: String?
        var data: JSONText?
    }

    /// Nil: the path is none of a session's.
    init?(method: String, path: String, query: String?, body: [UInt8]) throws(ControlFailure) {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        if parts.first == "v1" { parts = parts.dropFirst() }
        guard parts.first == "sessions" else { return nil }
        parts = parts.dropFirst()
        guard let first = parts.first, !first.isEmpty else {
            guard method == "POST" else {
                self = .list
                return
            }
            self = try Self.opening(body)
            return
        }
        if Self.isToken(first) {
            let rest = parts.dropFirst().map { "/" + $0 }.joined()
            self = .ask(token: String(first), path: rest + (query.map { "?" + $0 } ?? ""))
        } else if parts.count == 2, parts.last == "events", method == "GET" {
            self = .watch(try PathPart.identifier(String(first), "session"))
        } else {
            throw ControlFailure(
                error: "there is no such session", remedy: "partyline scenario sessions shows them", status: 404)
        }
    }

    private static func isToken(_ text: Substring) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private static func opening(_ body: [UInt8]) throws(ControlFailure) -> SessionCall {
        guard let wish = try? JSONDecoder().decode(Opening.self, from: Data(body)), let rule = wish.rule,
            (1...128).contains(rule.utf8.count), !PathPart.hasControls(rule)
        else {
            throw ControlFailure(
                error: "the rule is not given", remedy: #"write {"rule": "NAME", "data": "what customData() returns"}"#)
        }
        let data = wish.data?.text ?? ""
        guard data.utf8.count <= 32 << 10 else {
            throw ControlFailure(error: "the data has more than 32 KiB", remedy: "send less", status: 413)
        }
        return .open(rule: rule, data: data)
    }
}

/// A string as it is, any other JSON value as its text.
private struct JSONText: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let string = try? container.decode(String.self) {
            text = string
        } else {
            let value = try container.decode(JSONTree.self)
            text = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        }
    }
}

/// Any JSON value.
private indirect enum JSONTree: Codable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list([JSONTree])
    case object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONTree].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONTree].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

struct SessionList: Encodable { var sessions: [SessionReport] }

/// Answers them.
struct SessionDesk {
    let desk: any ControlDesk
    let streams: EventStreamCount

    func response(to call: SessionCall, _ request: Request, body: [UInt8]) async throws(ControlFailure) -> Response {
        switch call {
        case .list: return .json(SessionList(sessions: await desk.sessions()))
        case .open(let rule, let data): return try opened(await desk.openSession(rule: rule, data: data))
        case .watch(let id): return try await watched(id, request)
        case .ask(let token, let path):
            // Host and the like are of the way, not of the question; what there is too much of the reader has refused.
            let headers = request.headers.map { HeaderField($0.name.rawName, $0.value) }
            let question = SessionQuestion(
                method: request.method.rawValue, path: path, content: String(decoding: body, as: UTF8.self),
                headers: headers)
            return Self.response(await desk.ask(token: token, question), isHead: request.method == .head)
        }
    }

    private func opened(_ opening: SessionOpening) throws(ControlFailure) -> Response {
        switch opening {
        case .started(let report): return .json(report, status: .created)
        case .refused(let reason):
            throw ControlFailure(reason, usually: "partyline scenario sessions shows what runs", status: 503)
        case .notFound(let reason):
            throw ControlFailure(reason, usually: "name a rule of rules.toml", status: 404)
        }
    }

    private static func response(_ answer: SessionAnswer, isHead: Bool) -> Response {
        let status = (200...599).contains(answer.status) ? answer.status : 500
        let type = answer.contentType
        let isType = !type.isEmpty && type.utf8.count <= 128 && type.utf8.allSatisfy { (32...126).contains($0) }
        let body = ResponseBody(
            byteBuffer: ByteBuffer(string: isHead || status == 204 || status == 304 ? "" : answer.body))
        return Response(
            status: HTTPResponse.Status(code: status), headers: Response.headers(isType ? type : "text/plain"),
            body: body)
    }

    /// One JSON object a line, from the session's beginning to its end.
    private func watched(_ id: String, _ request: Request) async throws(ControlFailure) -> Response {
        guard let place = streams.enter() else {
            throw ControlFailure(
                error: "\(streams.maximum) event streams are open already", remedy: "close one", status: 503)
        }
        guard let traces = await desk.traces(ofSession: id) else {
            throw ControlFailure(
                error: "there is no session \(id)", remedy: "partyline scenario sessions shows them", status: 404)
        }
        let body = ResponseBody { writer in
            defer { withExtendedLifetime(place) {} }
            try await writer.write(ByteBuffer(string: ": session \(id)\n\n"))
            do {
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    for await trace in traces {
                        guard var json = try? Response.encoded(trace) else { continue }
                        var line = ByteBuffer(string: "data: ")
                        line.writeBuffer(&json)
                        line.writeString("\n\n")
                        try await writer.write(line)
                    }
                }
            } catch is CancellationError {
                // The reader went away.
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: Response.headers("text/event-stream"), body: body)
    }
}
