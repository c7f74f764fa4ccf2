// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 21 (status codes), 8.2.6 (what a response copies), 8.2.7 (answers without state), 18.2.2 (where to).

import SDP

/// An answer to a request that goes no further.
struct StatelessAnswer: Equatable {
    var status: Int
    var phrase: String
    /// Further header lines.
    var lines: [String] = []
    /// One word for the log; empty: nothing is told there.
    var reason: String

    static func badRequest(_ why: String) -> StatelessAnswer {
        StatelessAnswer(status: 400, phrase: why, reason: "malformed")
    }

    static let tooLong = StatelessAnswer(status: 513, phrase: "Message Too Large", reason: "too-long")
    static let tooLarge = StatelessAnswer(status: 413, phrase: "Request Entity Too Large", reason: "too-long")
    static let version = StatelessAnswer(status: 505, phrase: "Version Not Supported", reason: "version")
    static let scheme = StatelessAnswer(status: 416, phrase: "Unsupported URI Scheme", reason: "scheme")
    static let notImplemented = StatelessAnswer(status: 501, phrase: "Not Implemented", reason: "method")

    static let notAllowed = StatelessAnswer(status: 403, phrase: "Forbidden", reason: "not-allowed")
    static let wrongPassword = StatelessAnswer(status: 403, phrase: "Forbidden", reason: "wrong-password")
    static let wrongPasswordAgain = StatelessAnswer(status: 403, phrase: "Forbidden", reason: "")
    static let tooManyTries = StatelessAnswer(
        status: 503, phrase: "Service Unavailable", lines: ["Retry-After: 2"], reason: "too-many-tries")
    static let noSuchCall = StatelessAnswer(status: 481, phrase: "Call Does Not Exist", reason: "no-call")
    static let notFound = StatelessAnswer(status: 404, phrase: "Not Found", reason: "address")
    static let later = StatelessAnswer(
        status: 503, phrase: "Service Unavailable", lines: ["Retry-After: 10"], reason: "flood")

    static func notHandled(allowed: String) -> StatelessAnswer {
        StatelessAnswer(status: 405, phrase: "Method Not Allowed", lines: ["Allow: \(allowed)"], reason: "method")
    }

    /// - Parameter wanted: values of Require headers.
    static func extensions(_ wanted: [String]) -> StatelessAnswer {
        let list = wanted.prefix(4).map { SIPText.cleaned($0, most: 256) }.joined(separator: ", ")
        return StatelessAnswer(
            status: 420, phrase: "Bad Extension", lines: ["Unsupported: \(list)"], reason: "extension")
    }

    static func spelling(_ name: String) -> String {
        switch name {
        case "call-id": "Call-ID"
        case "cseq": "CSeq"
        default: name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: "-")
        }
    }

    /// The response as bytes; what the request lacks is left out.
    /// - Parameter tag: the To tag, the same for every repetition of the request.
    func response(to message: RawMessage, source: IPAddress, port: UInt16, tag: String) -> [UInt8] {
        var lines = ["SIP/2.0 \(status) \(phrase)"]
        for (index, field) in message.all("via").prefix(SIPScreen.mostVias).enumerated() {
            let value = message.text(field)
            lines.append("Via: " + (index == 0 ? RawVia.completed(value, source: source, port: port) : value))
        }
        for name in ["from", "to", "call-id", "cseq"] {
            guard let field = message.first(name) else { continue }
            var value = message.text(field)
            if name == "to", !value.lowercased().filter({ $0 != " " && $0 != "\t" }).contains(";tag=") {
                value += ";tag=\(tag)"
            }
            lines.append("\(Self.spelling(name)): \(value)")
        }
        lines += self.lines
        lines.append("Content-Length: 0")
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// The port to which a datagram goes back: the source's where rport asks for it or the Via is broken, otherwise what the
    /// Via says.
    static func returnPort(of message: RawMessage, source port: UInt16) -> UInt16 {
        guard let via = message.first("via").flatMap({ RawVia(message[$0]) }), !via.asksForSourcePort else {
            return port
        }
        return via.port ?? 5060
    }
}
