// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import Telephony

/// Messages on a stream: four bytes of length (big endian, of what follows), then that much JSON.
package enum MessageFraming {
    /// `WorkerOrder.start`.
    package static func frame(_ start: SessionStart, scripts: [ScriptNumber]) -> Data? {
        assembled([Data(JSONText.of(start, scripts: scripts))])
    }

    /// Nil when the message is longer than allowed.
    package static func frame(_ message: some Encodable) -> Data? {
        guard let body = try? JSONEncoder().encode(message) else { return nil }
        return assembled([body])
    }

    /// An event for a session's script, in the form in which `SessionText` finds it again without decoding it.
    package static func frame(_ event: SessionEvent, of session: SessionID) -> Data? {
        guard let body = JSONText.of(event).map({ Data($0) }) ?? (try? JSONEncoder().encode(event)) else { return nil }
        return frame(body, as: .event, of: session)
    }

    /// `WorkerReport.command`, of a command that is JSON already: see `CommandText`.
    package static func frame(command json: Data, of session: SessionID) -> Data? {
        frame(json, as: .command, of: session)
    }

    private static func frame(_ body: Data, as kind: SessionText.Kind, of session: SessionID) -> Data? {
        assembled([Data(SessionText.head(kind).utf8), Data("\(session.number)},\"_1\":".utf8), body, Data("}}".utf8)])
    }

    private static func assembled(_ parts: [Data]) -> Data? {
        let count = parts.reduce(0) { $0 + $1.count }
        guard count <= ScenarioLimits.messageBytes else { return nil }
        var data = Data(capacity: count + 4)
        withUnsafeBytes(of: UInt32(count).bigEndian) { data.append(contentsOf: $0) }
        for part in parts { data.append(part) }
        return data
    }
}

/// What came over the stream is no message.
package enum FramingError: Error, Hashable {
    case tooLong(Int)
    case notUnderstood(String)
}

/// What a worker reads.
package enum WorkerInput: Sendable, Hashable {
    case order(WorkerOrder)
    case event(SessionText)
}

/// What a worker says, as the daemon reads it.
package enum WorkerSaid: Sendable, Hashable {
    case report(WorkerReport)
    /// A command of that session that is none, and why.
    case garbled(SessionID, String)
}

/// Puts messages together from whatever pieces the stream delivers. A value; belongs to the thread that reads.
package struct MessageReader: Sendable {
    private var waiting = Data()
    private var start = 0

    package init() {}

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start > 0, start == waiting.count {
            waiting.removeAll(keepingCapacity: waiting.count < 1 << 16)
            start = 0
        }
        waiting.append(contentsOf: bytes)
    }

    /// The next complete message to a worker, nil when more bytes are needed; events stay the JSON that they are. After an error
    /// the stream is of no use any more.
    package mutating func nextOrder() throws(FramingError) -> WorkerInput? {
        guard let body = try nextBody() else { return nil }
        if let event = SessionText(event: body) { return .event(event) }
        return .order(try decode(body))
    }

    /// The same of a worker's messages, where a command is looked at by itself: what is wrong with it is its session's fault and
    /// nobody else's.
    package mutating func nextReport() throws(FramingError) -> WorkerSaid? {
        guard let body = try nextBody() else { return nil }
        guard let (session, range) = SessionText.find(.command, in: body) else { return .report(try decode(body)) }
        do {
            return .report(.command(session, try CommandText.command(body.subdata(in: range))))
        } catch {
            return .garbled(session, "\(error)")
        }
    }

    private mutating func nextBody() throws(FramingError) -> Data? {
        let available = waiting.count - start
        guard available >= 4 else { return nil }
        let length = waiting.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            (0..<4).reduce(0) { $0 << 8 | Int(bytes[start + $1]) }
        }
        guard length <= ScenarioLimits.messageBytes else { throw .tooLong(length) }
        guard available - 4 >= length else { return nil }
        let body = waiting.subdata(in: waiting.startIndex + start + 4..<waiting.startIndex + start + 4 + length)
        start += 4 + length
        compact()
        return body
    }

    private func decode<Message: Decodable>(_ body: Data) throws(FramingError) -> Message {
        guard JSONDepth.isModest(body) else { throw .notUnderstood("nested too deep") }
        do {
            return try JSONDecoder().decode(Message.self, from: body)
        } catch {
            throw .notUnderstood("\(error)")
        }
    }

    private mutating func compact() {
        guard start > 1 << 16 else { return }
        waiting = waiting.subdata(in: waiting.startIndex + start..<waiting.endIndex)
        start = 0
    }
}
