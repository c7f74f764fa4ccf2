// SPDX-License-Identifier: Apache-2.0
//
// As much of RFC 3261 as a test caller needs, apart from the product's parser on purpose.

/// A SIP message as text: first line, headers in order, body.
package struct SIPText: Sendable {
    package var firstLine: String
    package var headers: [(name: String, value: String)] = []
    package var body = ""

    package init(firstLine: String) {
        self.firstLine = firstLine
    }

    package init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n", omittingEmptySubsequences: false)
        guard let first = lines.first, first.contains("SIP/2.0") else { return nil }
        firstLine = String(first)
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].trimmed
            headers.append((Self.long[name.lowercased()] ?? name, line[line.index(after: colon)...].trimmed))
        }
        body = String(text[end.upperBound...])
    }

    /// 200 of "SIP/2.0 200 OK"; nil for a request.
    package var status: Int? {
        firstLine.hasPrefix("SIP/2.0 ") ? Int(firstLine.dropFirst(8).prefix(3)) : nil
    }

    package var method: String {
        status == nil
            ? String(firstLine.prefix { $0 != " " }) : String(self["CSeq"]?.split(separator: " ").last ?? "")
    }

    package var sequence: Int { Int(self["CSeq"]?.prefix { $0.isNumber } ?? "") ?? 0 }

    package subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    package func all(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    package mutating func add(_ name: String, _ value: String) {
        headers.append((name, value))
    }

    package var bytes: [UInt8] {
        var text = firstLine + "\r\n"
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        text += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        return Array(text.utf8)
    }

    /// The tag of a From or To value.
    package static func tag(_ value: String?) -> String? {
        guard let value, let at = value.range(of: ";tag=") else { return nil }
        return String(value[at.upperBound...].prefix { $0 != ";" && $0 != ">" })
    }

    /// The address inside <...>, or the value without parameters.
    package static func address(_ value: String?) -> String? {
        guard let value else { return nil }
        if let open = value.firstIndex(of: "<"), let close = value[open...].firstIndex(of: ">") {
            return String(value[value.index(after: open)..<close])
        }
        return String(value.prefix { $0 != ";" }).trimmed
    }

    private static let long = [
        "v": "Via", "f": "From", "t": "To", "i": "Call-ID", "m": "Contact", "l": "Content-Length", "c": "Content-Type",
    ]
}

extension StringProtocol {
    var trimmed: String {
        var rest = self[...]
        while rest.first == " " || rest.first == "\t" { rest = rest.dropFirst() }
        while rest.last == " " || rest.last == "\t" { rest = rest.dropLast() }
        return String(rest)
    }

    /// Where `needle` first occurs, without Foundation.
    func range(of needle: String) -> Range<Index>? {
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(needle) { return at..<(index(at, offsetBy: needle.count)) }
            at = index(after: at)
        }
        return nil
    }
}
