// SPDX-License-Identifier: Apache-2.0
// RFC 4475 (SIP torture test messages), RFC 5118 (the same for IPv6).

/// What a torture message, sent as one datagram, shall bring about.
package struct TortureCase: Sendable, Hashable {
    package enum Class: Sendable, Hashable {
        /// Understood: anything but "bad request" and "server failure".
        case understood
        /// Refused, with any status from 400 on.
        case refused
        /// The documents leave it open, as long as there is an answer.
        case answered
        /// No answer.
        case silence
    }

    /// The file's name without its ending.
    package var name: String
    package var right: Class
    /// The answers that the documents name.
    package var strictly: Set<Int>

    private init(_ name: String, _ right: Class, _ strictly: Int...) {
        self.name = name
        self.right = right
        self.strictly = Set(strictly)
    }

    /// - Parameter status: of the final answer; nil: none came.
    package func isRight(_ status: Int?) -> Bool {
        guard let status else { return right == .silence }
        return switch right {
        case .understood: status >= 200 && status != 400 && !(500...599).contains(status)
        case .refused: status >= 400
        case .answered: status >= 200
        case .silence: false
        }
    }

    package func isStrictlyRight(_ status: Int?) -> Bool {
        guard let status else { return right == .silence }
        return strictly.contains(status)
    }

    package static let all = valid + invalid + other + ipv6

    private static let valid = [
        TortureCase("wsinv", .understood, 200, 481), TortureCase("intmeth", .refused, 405, 501),
        TortureCase("esc01", .understood, 200), TortureCase("escnull", .understood, 200, 401, 403, 404, 405),
        TortureCase("esc02", .refused, 405, 501), TortureCase("lwsdisp", .understood, 200),
        TortureCase("longreq", .understood, 200), TortureCase("dblreq", .understood, 200, 401, 403, 404, 405),
        TortureCase("semiuri", .understood, 200), TortureCase("transports", .understood, 200),
        TortureCase("mpart01", .understood, 200, 202, 405, 415), TortureCase("unreason", .silence),
        TortureCase("noreason", .silence),
    ]

    private static let invalid = [
        TortureCase("badinv01", .refused, 400), TortureCase("clerr", .refused, 400),
        TortureCase("ncl", .refused, 400), TortureCase("scalar02", .refused, 400), TortureCase("scalarlg", .silence),
        TortureCase("quotbal", .refused, 400), TortureCase("ltgtruri", .refused, 400),
        TortureCase("lwsruri", .refused, 400), TortureCase("lwsstart", .answered, 400),
        TortureCase("trws", .answered, 200, 400), TortureCase("escruri", .answered, 200, 400),
        TortureCase("baddate", .answered, 200, 400), TortureCase("regbadct", .refused, 400),
        TortureCase("badaspec", .answered, 400), TortureCase("baddn", .answered, 400),
        TortureCase("badvers", .refused, 505), TortureCase("mismatch01", .refused, 400),
        TortureCase("mismatch02", .refused, 400, 501), TortureCase("bigcode", .silence),
    ]

    private static let other = [
        TortureCase("badbranch", .understood, 200), TortureCase("insuf", .refused, 400),
        TortureCase("unkscm", .refused, 416), TortureCase("novelsc", .refused, 416),
        TortureCase("unksm2", .refused, 400, 404, 416), TortureCase("bext01", .refused, 420),
        TortureCase("invut", .refused, 415), TortureCase("regaut01", .understood, 200, 401, 405),
        TortureCase("multi01", .refused, 400), TortureCase("mcl01", .refused, 400), TortureCase("bcast", .silence),
        TortureCase("zeromf", .answered, 200, 483), TortureCase("cparam01", .understood, 200, 401, 403, 404, 405),
        TortureCase("cparam02", .understood, 200, 401, 403, 404, 405),
        TortureCase("regescrt", .understood, 200, 401, 403, 404, 405), TortureCase("sdp01", .answered, 406),
        TortureCase("inv2543", .understood, 200),
    ]

    private static let ipv6 = [
        TortureCase("ipv6-good", .understood, 200, 401, 403, 404, 405), TortureCase("ipv6-bad", .refused, 400),
        TortureCase("port-ambiguous", .understood, 200, 401, 403, 404, 405),
        TortureCase("port-unambiguous", .understood, 200, 401, 403, 404, 405),
        TortureCase("via-received-param-with-delim", .understood, 200, 481),
        TortureCase("via-received-param-no-delim", .understood, 200),
        TortureCase("ipv6-in-sdp", .understood, 200, 488), TortureCase("mult-ip-in-header", .understood, 200, 481),
        TortureCase("mult-ip-in-sdp", .understood, 200), TortureCase("ipv4-mapped-ipv6", .understood, 200, 488),
        TortureCase("ipv6-bug-abnf-3-colons", .answered, 200, 400),
        TortureCase("ipv6-correct-abnf-2-colons", .understood, 200),
    ]
}
