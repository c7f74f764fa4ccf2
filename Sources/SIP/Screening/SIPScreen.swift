// SPDX-License-Identifier: Apache-2.0
// RFC 3261 sections 8.2, 16.3, 18.3 and 21.4; RFC 4475 and RFC 5118 say what shall become of broken messages.

/// Looks at a message before the library does, and says what becomes of it. Stricter than the library where two readers of a
/// message could understand different things; what is wrong gets the answer that the RFCs name, without any state.
///
/// A pure function of the bytes: no clock, no memory of other messages.
enum SIPScreen {
    enum Verdict: Equatable {
        case pass
        /// No answer: what is no request, or an ACK, must not be answered.
        case drop
        case refuse(StatelessAnswer)
    }

    /// Methods of the registry at IANA. Others are not known to anybody: 501.
    static let knownMethods: Set<String> = [
        "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "UPDATE", "MESSAGE", "PRACK", "REFER",
        "SUBSCRIBE", "NOTIFY", "PUBLISH",
    ]

    /// - Parameter isDatagram: the message ends where the bytes end.
    static func judge(_ message: RawMessage, isDatagram: Bool) -> Verdict {
        let line = message.bytes[message.startLine]
        if line.starts(with: "SIP/".utf8) { return isPlausibleResponse(message) ? .pass : .drop }
        guard let request = RequestLine(line) else { return .drop }
        let refusal = fault(of: message, request, isDatagram: isDatagram)
        guard let refusal else { return .pass }
        return request.method == "ACK" || message.first("via") == nil ? .drop : .refuse(refusal)
    }

    private static func fault(
        of message: RawMessage, _ request: RequestLine, isDatagram: Bool
    ) -> StatelessAnswer? {
        switch message.fault {
        case .tooLong: return .tooLong
        case .garbage: return .badRequest("Malformed Header")
        case nil: break
        }
        guard request.version == "SIP/2.0" else {
            return request.version.hasPrefix("SIP/") ? .version : .badRequest("Malformed Request Line")
        }
        guard request.isWellFormed else { return .badRequest("Malformed Request Line") }
        if let missing = ["from", "to", "call-id", "cseq"].first(where: { message.first($0) == nil }) {
            return .badRequest("Missing \(StatelessAnswer.spelling(missing)) Header")
        }
        if let double = singleValued.first(where: { message.all($0).count > 1 }) {
            return .badRequest("Several \(StatelessAnswer.spelling(double)) Headers")
        }
        if let wrong = wrongHeader(message) { return .badRequest("Bad \(wrong) Header") }
        guard let sequence = message.first("cseq").flatMap({ CommandSequence(message[$0]) }) else {
            return .badRequest("Bad CSeq Header")
        }
        guard sequence.method == request.method else { return .badRequest("CSeq Method Differs") }
        if let refusal = length(message, isDatagram: isDatagram) { return refusal }
        guard knownMethods.contains(request.method) else { return .notImplemented }
        // Nobody is registered here under the address of another scheme.
        if request.method == "REGISTER", let to = message.first("to"), !RawAddress.isTelephone(message[to]) {
            return .notFound
        }
        switch RawURI.kind(request.uri) {
        case .telephone: return RawURI.hasHeaders(request.uri) ? .badRequest("Headers In Request URI") : nil
        case .other: return .scheme
        case .malformed: return .badRequest("Malformed Request URI")
        }
    }

    private static let singleValued = [
        "from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type", "expires",
    ]
    static let mostVias = 64

    private static func wrongHeader(_ message: RawMessage) -> String? {
        let vias = message.all("via")
        guard vias.count <= mostVias, vias.first.flatMap({ RawVia(message[$0]) }) != nil else { return "Via" }
        for name in ["from", "to"] {
            if let field = message.first(name), !RawAddress.isWellFormed(message[field]) {
                return StatelessAnswer.spelling(name)
            }
        }
        let contacts = message.all("contact")
        guard contacts.allSatisfy({ RawAddress.isWellFormedList(message[$0]) }) else { return "Contact" }
        if let identifier = message.first("call-id"),
            message[identifier].isEmpty || message[identifier].contains(where: \.isLinearSpace)
        {
            return "Call-ID"
        }
        if let hops = message.first("max-forwards"), number(message[hops], most: 255) == nil { return "Max-Forwards" }
        return nil
    }

    private static func length(_ message: RawMessage, isDatagram: Bool) -> StatelessAnswer? {
        guard let field = message.first("content-length") else {
            // A stream has no other way to say where a message ends (RFC 3261 section 18.3).
            return isDatagram ? nil : .badRequest("Missing Content-Length Header")
        }
        guard let length = number(message[field], most: Int(Int32.max)) else {
            return .badRequest("Bad Content-Length Header")
        }
        guard length <= RawMessage.mostBytes else { return .tooLarge }
        if isDatagram, length > message.bytes.count - message.body { return .badRequest("Message Is Cut Off") }
        return nil
    }

    static func number(_ digits: ArraySlice<UInt8>, most: Int) -> Int? {
        guard (1...10).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self)).flatMap { $0 <= most ? $0 : nil }
    }

    /// A response that no transaction of ours can have sent a request for is not even looked at.
    private static func isPlausibleResponse(_ message: RawMessage) -> Bool {
        let words = message.bytes[message.startLine].split(
            separator: .space, maxSplits: 2, omittingEmptySubsequences: false)
        guard message.fault == nil, words.count >= 2, words[0].elementsEqual("SIP/2.0".utf8),
            let status = number(words[1], most: 699), status >= 100, words[1].count == 3
        else { return false }
        // Ours was the only hop: one Via.
        let vias = message.all("via")
        guard vias.count == 1, RawAddress.elements(message[vias[0]]).count == 1 else { return false }
        guard ["from", "to", "call-id", "cseq"].allSatisfy({ message.all($0).count == 1 }) else { return false }
        return message.first("cseq").flatMap { CommandSequence(message[$0]) } != nil
    }
}

/// METHOD SP URI SP VERSION. Kept loose: what is between the first and the last word counts as the URI.
struct RequestLine {
    var method: String
    var uri: ArraySlice<UInt8>
    var version: String
    /// Single spaces, nothing at the end, a method of token characters.
    var isWellFormed: Bool

    /// Nil when it cannot be a request.
    init?(_ line: ArraySlice<UInt8>) {
        let words = line.split(separator: .space, omittingEmptySubsequences: true)
        guard words.count >= 2, let first = words.first, let last = words.last, first.count <= 64, last.count <= 16,
            first.allSatisfy(\.isTokenCharacter)
        else { return nil }
        method = String(decoding: first, as: UTF8.self)
        version = String(decoding: last, as: UTF8.self).uppercased()
        uri = words.count == 3 ? words[1] : line[first.endIndex..<last.startIndex]
        isWellFormed = words.count == 3 && line.count == first.count + words[1].count + last.count + 2
    }
}

/// "4711 INVITE"
struct CommandSequence {
    var number: Int
    var method: String

    init?(_ value: ArraySlice<UInt8>) {
        let words = value.split(omittingEmptySubsequences: true, whereSeparator: \.isLinearSpace)
        // Below 2^31 (RFC 3261 section 8.1.1.5); leading zeros are digits as well.
        guard words.count == 2, words[0].allSatisfy(\.isDigit), words[0].count <= 32,
            let number = Int(String(decoding: words[0].drop { $0 == UInt8(ascii: "0") }.prefix(11), as: UTF8.self))
                ?? (words[0].allSatisfy { $0 == UInt8(ascii: "0") } ? 0 : nil), number < 1 << 31,
            words[1].allSatisfy(\.isTokenCharacter)
        else { return nil }
        self.number = number
        method = String(decoding: words[1], as: UTF8.self)
    }
}
