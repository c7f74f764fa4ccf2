// SPDX-License-Identifier: Apache-2.0
// RFC 9112 (HTTP/1.1): status line, fields, the three ways to tell a body's length. Not done: trailers are skipped,
// transfer codings other than chunked are refused.

/// Takes the bytes of one response as they come and gives those of its body.
package struct HTTPResponseReader {
    private enum State: Equatable {
        case head
        case fixed(Int)
        case untilEnd
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailer
        case complete
    }

    /// Known as soon as the head has come.
    package private(set) var status: Int?
    package var isComplete: Bool { state == .complete }

    private var state = State.head
    /// A head or a line that is not complete yet.
    private var pending: [UInt8] = []
    private var bodyBytes = 0
    private let maximumBodyBytes: Int

    private static let maximumHeadBytes = 64 << 10
    private static let maximumLineBytes = 8 << 10

    package init(maximumBodyBytes: Int) { self.maximumBodyBytes = maximumBodyBytes }

    /// The bytes of the body that are in `bytes`. What comes behind the end of the response is dropped.
    package mutating func feed(_ bytes: [UInt8]) throws(ControlFault) -> [UInt8] {
        var rest = bytes[...]
        var body: [UInt8] = []
        while !rest.isEmpty, state != .complete {
            switch state {
            case .head:
                guard let head = try takeHead(&rest) else { continue }
                try readHead(head)
            case .fixed(let count):
                body += rest.prefix(count)
                state = rest.count >= count ? .complete : .fixed(count - rest.count)
                rest = rest.dropFirst(count)
            case .untilEnd:
                body += rest
                rest = []
            case .chunkSize:
                guard let line = try takeLine(&rest) else { continue }
                let size = try Self.chunkSize(line)
                state = size == 0 ? .trailer : .chunk(size)
            case .chunk(let count):
                body += rest.prefix(count)
                state = rest.count >= count ? .chunkEnd : .chunk(count - rest.count)
                rest = rest.dropFirst(count)
            case .chunkEnd:
                guard let line = try takeLine(&rest) else { continue }
                guard line.isEmpty else { throw .notUnderstood("a chunk is longer than it said") }
                state = .chunkSize
            case .trailer:
                guard let line = try takeLine(&rest) else { continue }
                if line.isEmpty { state = .complete }
            case .complete: break
            }
        }
        bodyBytes += body.count
        guard bodyBytes <= maximumBodyBytes || maximumBodyBytes == .max else { throw .notUnderstood("it is too large") }
        if maximumBodyBytes == .max { bodyBytes = 0 }
        return body
    }

    /// The connection has ended.
    package mutating func end() throws(ControlFault) -> [UInt8] {
        guard state == .untilEnd || state == .complete else { throw .lost("it ended in the middle of an answer") }
        state = .complete
        return []
    }

    /// Up to and with the empty line; nil when it is not there yet.
    private mutating func takeHead(_ rest: inout ArraySlice<UInt8>) throws(ControlFault) -> [UInt8]? {
        while let byte = rest.popFirst() {
            pending.append(byte)
            guard pending.count <= Self.maximumHeadBytes else { throw .notUnderstood("its head is too large") }
            if byte == 10, pending.reversed().starts(with: [10, 13, 10]) || pending.reversed().starts(with: [10, 10]) {
                defer { pending = [] }
                return pending
            }
        }
        return nil
    }

    /// Without its end; nil when it is not complete yet.
    private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) throws(ControlFault) -> [UInt8]? {
        while let byte = rest.popFirst() {
            if byte == 10 {
                defer { pending = [] }
                return pending.last == 13 ? pending.dropLast() : pending
            }
            pending.append(byte)
            guard pending.count <= Self.maximumLineBytes else { throw .notUnderstood("a line is too long") }
        }
        return nil
    }

    private mutating func readHead(_ head: [UInt8]) throws(ControlFault) {
        // One grapheme cluster is CR LF in Swift, so the lines are cut as bytes.
        let lines = head.split { $0 == 10 || $0 == 13 }.map { String(decoding: $0, as: UTF8.self) }
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1]),
            (100...599).contains(status)
        else { throw .notUnderstood("it is no HTTP") }
        // 100 Continue and its like: the answer itself is still to come.
        guard status >= 200 else { return }
        self.status = status
        var length: Int?
        var isChunked = false
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw .notUnderstood("a field has no colon") }
            let name = line[..<colon].lowercased()
            let value = String(
                line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " }
                    .reversed())
            if name == "content-length" {
                guard let number = Int(value), number >= 0, length == nil || length == number else {
                    throw .notUnderstood("its length is \(value.prefix(32))")
                }
                length = number
            } else if name == "transfer-encoding" {
                guard value.lowercased() == "chunked" else {
                    throw .notUnderstood("it is coded as \(value.prefix(32))")
                }
                isChunked = true
            }
        }
        if status == 204 || status == 304 || (length == 0 && !isChunked) {
            state = .complete
        } else {
            state = isChunked ? .chunkSize : length.map { .fixed($0) } ?? .untilEnd
        }
    }

    private static func chunkSize(_ line: [UInt8]) throws(ControlFault) -> Int {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 32 }
        guard (1...8).contains(digits.count),
            digits.allSatisfy({ ($0 >= 48 && $0 <= 57) || ($0 | 32 >= 97 && $0 | 32 <= 102) }),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw .notUnderstood("a chunk has no size") }
        return size
    }
}
