// SPDX-License-Identifier: Apache-2.0
// RFC 2046 section 5.1 (multipart), RFC 2976 and the two customary bodies for digits in INFO.

import Telephony

/// Bodies of SIP messages.
enum MessageBody {
    /// What a body is for us.
    enum Kind: Equatable {
        case none
        case description([UInt8])
        case unsupported
    }

    /// The session description in a body, also inside a multipart one (at most 16 parts, not nested).
    static func description(type: String, encoding: String, body: [UInt8]) -> Kind {
        guard !body.isEmpty else { return .none }
        guard encoding.isEmpty || encoding.lowercased() == "identity" else { return .unsupported }
        let media = mediaType(type)
        if media == "application/sdp" || media.isEmpty && body.starts(with: Array("v=0".utf8)) {
            return .description(body)
        }
        guard media.hasPrefix("multipart/"), let boundary = parameter("boundary", of: type), !boundary.isEmpty,
            boundary.utf8.count <= 70
        else { return .unsupported }
        for part in parts(of: body, boundary: Array("--\(boundary)".utf8)) {
            let (headers, content) = divided(part)
            let partType = headers.first { $0.name.lowercased() == "content-type" }?.value ?? "text/plain"
            if mediaType(partType) == "application/sdp" { return .description(content) }
        }
        // A body of other things only (ISUP, location): as if there were none.
        return .none
    }

    /// The digit of an INFO: "application/dtmf-relay" (Signal=5) or "application/dtmf" (5). Nil: not about digits;
    /// `.some(nil)`: about digits, but none of the sixteen.
    static func digit(type: String, body: [UInt8]) -> DTMFDigit?? {
        let text = String(decoding: body.prefix(256), as: UTF8.self)
        let sign: String
        switch mediaType(type) {
        case "application/dtmf-relay":
            let lines = text.split(whereSeparator: \.isNewline)
            guard let line = lines.first(where: { $0.filter { $0 != " " }.lowercased().hasPrefix("signal=") }),
                let value = line.split(separator: "=", maxSplits: 1).last
            else { return .some(nil) }
            sign = String(value.filter { $0 != " " && $0 != "\t" })
        case "application/dtmf":
            sign = String(text.filter { !$0.isWhitespace })
        default:
            return nil
        }
        // Some write the event codes of RFC 4733: 10 is '*', 11 is '#'.
        if sign.utf8.count == 2, let code = UInt8(sign), (10...15).contains(code) { return DTMFDigit(rawValue: code) }
        guard sign.utf8.count == 1, let character = sign.first else { return .some(nil) }
        return .some(DTMFDigit(character))
    }

    /// "application/sdp" of "Application/SDP; charset=x".
    static func mediaType(_ type: String) -> String {
        (type.split(separator: ";").first ?? "").filter { $0 != " " && $0 != "\t" }.lowercased()
    }

    private static func parameter(_ name: String, of type: String) -> String? {
        for part in type.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].filter({ $0 != " " }).lowercased() == name else { continue }
            return pair[1].filter { $0 != "\"" && $0 != " " && $0 != "\t" }
        }
        return nil
    }

    private static func parts(of body: [UInt8], boundary: [UInt8]) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var begin: Int?
        var index = body.startIndex
        // A boundary stands at the start of a line.
        while index < body.count, found.count < 16 {
            let lineEnd = body[index...].firstIndex(of: UInt8(ascii: "\n")) ?? body.count
            if body[index..<lineEnd].starts(with: boundary) {
                if let begin, begin <= index { found.append(body[begin..<index]) }
                begin = min(lineEnd + 1, body.count)
            }
            index = lineEnd + 1
        }
        return found
    }

    private static func divided(_ part: ArraySlice<UInt8>) -> ([HeaderField], [UInt8]) {
        var headers: [HeaderField] = []
        var index = part.startIndex
        while index < part.endIndex, headers.count < 16 {
            let lineEnd = part[index...].firstIndex(of: UInt8(ascii: "\n")) ?? part.endIndex
            let line = String(decoding: part[index..<lineEnd], as: UTF8.self).filter { $0 != "\r" && $0 != "\r\n" }
            index = min(lineEnd + 1, part.endIndex)
            if line.isEmpty { break }
            let pair = line.split(separator: ":", maxSplits: 1)
            if pair.count == 2 {
                headers.append(HeaderField(String(pair[0]), String(pair[1].drop { $0 == " " || $0 == "\t" })))
            }
        }
        return (headers, Array(part[index...]))
    }
}
