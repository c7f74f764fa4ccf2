// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import Telephony

/// Messages on a stream: four bytes of length (big endian, of what follows), then that much JSON.
package enum MessageFraming {
    /// Nil when the message is longer than allowed.
    package static func frame(_ message: some Encodable) -> Data? {
        guard let body = try? JSONEncoder().encode(message) else { return nil }
        return assembled([body])
    }

    /// An event for a session's script, in the form in which `SessionText` finds it again without decoding it.
    package static func frame(_ event: SessionEvent, of session: SessionID) -> Data? {
        guard let body = try? JSONEncoder().encode(event) else { return nil }
        return frame(body, as: .event, of: session)
    }

    /// `WorkerReport.command`, of a command that is JSON already.
    package static func frame(command json: String, of session: SessionID) -> Data? {
        frame(Data(json.utf8), as: .command, of: session)
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

/// What one session is told, or asks for, as the JSON that its script gets or has made: most of what is said between daemon and
/// worker, and to decode and encode it again would be most of the work.
package struct SessionText: Sendable, Hashable {
    enum Kind: String {
        case event, command
    }

    package var session: SessionID
    package var json: String

    package init(session: SessionID, json: String) {
        self.session = session
        self.json = json
    }

    static func head(_ kind: Kind) -> String { "{\"\(kind.rawValue)\":{\"_0\":{\"number\":" }

    private static let eventHead = Array(head(.event).utf8)

    /// Nil when the message is no event.
    init?(event body: Data) {
        let found: (UInt64, Range<Int>)? = body.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            let head = Self.eventHead
            guard bytes.count > head.count, bytes.starts(with: head) else { return nil }
            var place = head.count
            var number: UInt64 = 0
            while place < bytes.count, (48...57).contains(bytes[place]) {
                let (tens, isTooMany) = number.multipliedReportingOverflow(by: 10)
                let (sum, isTooMuch) = tens.addingReportingOverflow(UInt64(bytes[place] - 48))
                if isTooMany || isTooMuch { return nil }
                number = sum
                place += 1
            }
            let end = bytes.count - 2
            guard place > head.count, place + Self.between.count <= end,
                bytes[place..<place + Self.between.count].elementsEqual(Self.between),
                bytes[end] == 125, bytes[end + 1] == 125
            else { return nil }
            return (number, place + Self.between.count..<end)
        }
        guard let (number, range) = found else { return nil }
        session = SessionID(number)
        json = body.withUnsafeBytes { String(decoding: $0[range], as: UTF8.self) }
    }

    private static let between = Array("},\"_1\":".utf8)
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

    /// The next complete message, nil when more bytes are needed. After an error the stream is of no use any more.
    package mutating func next<Message: Decodable>(_ type: Message.Type) throws(FramingError) -> Message? {
        guard let body = try nextBody() else { return nil }
        return try decode(body)
    }

    /// The same, where events stay the JSON that they are.
    package mutating func nextOrder() throws(FramingError) -> WorkerInput? {
        guard let body = try nextBody() else { return nil }
        if let event = SessionText(event: body) { return .event(event) }
        return .order(try decode(body))
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
