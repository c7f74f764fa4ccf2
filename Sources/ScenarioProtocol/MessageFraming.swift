// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// Messages on a stream: four bytes of length (big endian, of what follows), then that much JSON.
package enum MessageFraming {
    /// Nil when the message is longer than allowed.
    package static func frame(_ message: some Encodable) -> Data? {
        guard let body = try? JSONEncoder().encode(message), body.count <= ScenarioLimits.messageBytes else {
            return nil
        }
        var data = Data(capacity: body.count + 4)
        withUnsafeBytes(of: UInt32(body.count).bigEndian) { data.append(contentsOf: $0) }
        data.append(body)
        return data
    }
}

/// What came over the stream is no message.
package enum FramingError: Error, Hashable {
    case tooLong(Int)
    case notUnderstood(String)
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
