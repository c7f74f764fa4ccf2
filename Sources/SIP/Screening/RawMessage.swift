// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 7 (start line, header fields, folding, compact forms).

/// The head of a SIP message cut into lines, before any parser sees it. Nothing is copied but the bytes themselves, nothing
/// is interpreted; a line longer than the caps or one line too many ends the cutting with a fault.
struct RawMessage {
    /// A header line: its canonical lower-case name ("v" is "via") and where its value lies, folds included.
    struct Field {
        var name: String
        var value: Range<Int>
    }

    enum Fault: Error {
        /// Not a SIP message at all: no blank line, no colon in a header line, nothing but noise.
        case garbage
        /// A cap is passed: 513.
        case tooLong
    }

    static let mostBytes = 65_536
    static let mostHeadBytes = 32_768
    static let mostFieldBytes = 8_192
    static let mostFields = 256

    let bytes: [UInt8]
    let startLine: Range<Int>
    let fields: [Field]
    /// Where the body begins.
    let body: Int
    let fault: Fault?

    /// - Parameter bytes: one datagram, or a stream's message from its first byte on, its head complete.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var at = bytes.prefix(64).firstIndex { $0 != .carriageReturn && $0 != .lineFeed } ?? bytes.count
        startLine = Self.line(bytes, from: at)
        at = Self.next(bytes, after: startLine)
        var fields: [Field] = []
        var fault: Fault? = startLine.isEmpty ? .garbage : startLine.count > Self.mostFieldBytes ? .tooLong : nil
        while fault == nil {
            guard at < bytes.count else {
                fault = .garbage
                break
            }
            let line = Self.line(bytes, from: at)
            at = Self.next(bytes, after: line)
            if line.isEmpty { break }
            var end = line.upperBound
            while at < bytes.count, bytes[at] == .space || bytes[at] == .tab {
                let more = Self.line(bytes, from: at)
                end = more.upperBound
                at = Self.next(bytes, after: more)
            }
            guard end - line.lowerBound <= Self.mostFieldBytes, fields.count < Self.mostFields,
                at <= Self.mostHeadBytes
            else {
                fault = .tooLong
                break
            }
            guard let colon = bytes[line].firstIndex(of: .colon) else {
                fault = .garbage
                break
            }
            let name = Self.canonicalName(bytes[line.lowerBound..<colon])
            fields.append(Field(name: name, value: Self.trimmed(bytes, colon + 1..<end)))
        }
        self.fields = fields
        self.fault = fault
        body = at
    }

    func all(_ name: String) -> [Field] { fields.filter { $0.name == name } }
    func first(_ name: String) -> Field? { fields.first { $0.name == name } }
    subscript(field: Field) -> ArraySlice<UInt8> { bytes[field.value] }

    /// The value as a text of one line: folds become a space each (RFC 3261 section 7.3.1).
    func text(_ field: Field) -> String {
        var bytes = Array(self[field])
        bytes.removeAll { $0 == .carriageReturn }
        return String(decoding: bytes.map { $0 == .lineFeed ? .space : $0 }, as: UTF8.self)
    }

    private static func line(_ bytes: [UInt8], from start: Int) -> Range<Int> {
        var end = start
        while end < bytes.count, bytes[end] != .lineFeed { end += 1 }
        if end > start, end <= bytes.count, bytes[end - 1] == .carriageReturn { end -= 1 }
        return start..<end
    }

    private static func next(_ bytes: [UInt8], after line: Range<Int>) -> Int {
        var at = line.upperBound
        if at < bytes.count, bytes[at] == .carriageReturn { at += 1 }
        if at < bytes.count, bytes[at] == .lineFeed { at += 1 }
        return at
    }

    static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, bytes[start].isLinearSpace { start += 1 }
        while end > start, bytes[end - 1].isLinearSpace { end -= 1 }
        return start..<end
    }

    private static let compact: [String: String] = [
        "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
        "c": "content-type", "e": "content-encoding", "s": "subject", "k": "supported", "r": "refer-to",
        "b": "referred-by", "x": "session-expires", "o": "event", "u": "allow-events",
    ]

    private static func canonicalName(_ bytes: ArraySlice<UInt8>) -> String {
        let kept = bytes.prefix(64).reversed().drop { $0.isLinearSpace }.reversed()
        let name = String(decoding: kept.map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
        return compact[name] ?? name
    }
}

extension UInt8 {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let semicolon = UInt8(ascii: ";")
    static let comma = UInt8(ascii: ",")
    static let less = UInt8(ascii: "<")
    static let greater = UInt8(ascii: ">")
    static let at = UInt8(ascii: "@")
    static let questionMark = UInt8(ascii: "?")

    var isLinearSpace: Bool { self == .space || self == .tab || self == .carriageReturn || self == .lineFeed }
    var isDigit: Bool { (48...57).contains(self) }
    var isLetter: Bool { (65...90).contains(self & 0xDF) }
    /// RFC 3261 section 25.1: token.
    var isTokenCharacter: Bool {
        isDigit || isLetter || "-.!%*_+`'~".utf8.contains(self)
    }
}
