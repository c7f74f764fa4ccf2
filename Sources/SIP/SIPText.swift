// SPDX-License-Identifier: Apache-2.0
// RFC 3261 sections 19.1.2 and 25.1 (escapes, quoted strings), RFC 3326 (Reason).

import Telephony

/// Texts from and to the network: unescaped, cleaned, cut.
enum SIPText {
    /// "%23" becomes '#', wrong escapes stay as they are; control characters are dropped, the rest is cut after `most` characters.
    /// In the name of a conference they become U+FFFD, which no room's name has: it is refused, and no other room is entered.
    static func unescaped(_ text: String, most: Int) -> String {
        var bytes: [UInt8] = []
        let source = Array(text.utf8.prefix(most * 12))
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%"), index + 2 < source.count, let high = hexadecimal(source[index + 1]),
                let low = hexadecimal(source[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        let decoded = String(decoding: bytes, as: UTF8.self)
        let plain = cleaned(decoded, most: most)
        guard plain.hasPrefix(DialPlan.conferencePrefix), decoded.unicodeScalars.contains(where: isDropped) else {
            return plain
        }
        let marked = decoded.unicodeScalars.map { isDropped($0) ? "\u{FFFD}" : $0 }
        return cleaned(String(String.UnicodeScalarView(marked)), most: most)
    }

    /// Nobody sees it.
    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }

    /// Without control characters, at most that many characters.
    static func cleaned(_ text: String, most: Int) -> String {
        // Nearly every text is such; to look up what a character is takes a while.
        if text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) {
            return text.utf8.count <= most ? text : String(text.prefix(most))
        }
        return String(
            String.UnicodeScalarView(text.unicodeScalars.filter { !isDropped($0) }).prefix(most))
    }

    /// A display name without its quotes.
    static func displayName(_ text: String, most: Int) -> String {
        var inner = Substring(text)
        while inner.first == " " || inner.first == "\t" { inner.removeFirst() }
        guard inner.first == "\"" else { return cleaned(String(inner), most: most) }
        var plain = ""
        var escaped = false
        for character in inner.dropFirst().prefix(most * 2) {
            if escaped {
                plain.append(character)
                escaped = false
            } else if character == "\\" {
                escaped = true
            } else if character == "\"" {
                break
            } else {
                plain.append(character)
            }
        }
        return cleaned(plain, most: most)
    }

    /// One word for a log line: everything but letters, digits and a few marks becomes '_', so that nothing can be injected.
    static func logWord(_ text: String, most: Int) -> String {
        let word = text.utf8.prefix(most).map { byte -> Character in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "-"),
                UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "#"), UInt8(ascii: "@"):
                Character(UnicodeScalar(byte))
            default: "_"
            }
        }
        return word.isEmpty ? "-" : String(word)
    }

    /// Header lines for a message of ours. What could break the message is left out: malformed names, headers that the stack
    /// itself writes, line breaks in values.
    static func headerLines(_ headers: [HeaderField]) -> String {
        headers.prefix(32).compactMap { header -> String? in
            guard !header.name.isEmpty, header.name.utf8.count <= 64, header.name.utf8.allSatisfy(isToken),
                !written.contains(header.name.lowercased())
            else { return nil }
            let value = cleaned(header.value, most: 1_024)
            return value.isEmpty ? nil : "\(header.name): \(value)"
        }.joined(separator: "\r\n")
    }

    /// The stack's own headers; short forms as well.
    private static let written: Set<String> = [
        "via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "contact", "m", "content-length", "l",
        "content-type", "c",
        "content-encoding", "e", "route", "record-route", "max-forwards", "allow", "supported", "k", "require",
        "proxy-require",
        "unsupported", "session-expires", "x", "min-se", "rseq", "rack", "authorization", "proxy-authorization",
        "www-authenticate", "proxy-authenticate", "user-agent", "server", "timestamp", "retry-after", "warning",
        "expires",
        "mime-version", "event", "o", "refer-to", "r", "replaces",
    ]

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension HangupCause {
    /// The Reason header for this cause.
    var reasonHeader: HeaderField { HeaderField("Reason", "Q.850;cause=\(rawValue);text=\"\(words)\"") }

    /// The cause in the Reason headers of a BYE or CANCEL; Q.850 before SIP.
    init?(reasonsIn headers: [HeaderField]) {
        var sip: HangupCause?
        for header in headers where header.name.lowercased() == "reason" {
            for reason in header.value.split(separator: ",") {
                let parts = reason.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
                guard let scheme = parts.first?.lowercased(),
                    let text = parts.first(where: { $0.lowercased().hasPrefix("cause=") }),
                    let number = Int(text.dropFirst(6))
                else { continue }
                if scheme == "q.850", (0...127).contains(number) {
                    self = HangupCause(rawValue: UInt8(number)) ?? .normalUnspecified
                    return
                }
                if scheme == "sip" { sip = number < 300 ? .normalClearing : HangupCause(sipStatus: number) }
            }
        }
        guard let sip else { return nil }
        self = sip
    }
}
