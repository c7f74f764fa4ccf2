// SPDX-License-Identifier: Apache-2.0

/// Where a test caller's call is.
package enum CallerPhase: Sendable, Hashable {
    case idle
    case inviting
    /// 180 or 183 came.
    case ringing
    case up
    /// BYE or CANCEL is under way.
    case ending
    case over(CallerEnd)

    package var isOver: Bool { if case .over = self { true } else { false } }
}

/// How a test caller's call ended.
package enum CallerEnd: Sendable, Hashable {
    /// A final answer of 300 or above: code and reason phrase.
    case refused(Int, String)
    /// Nothing came back.
    case noAnswer
    case hungUpByUs
    /// The other side said BYE; with its Reason header, if any.
    case hungUpByThem(String?)
}

/// Why a test caller cannot be made, or did not get where the test wanted it.
package enum CallerError: Error, Sendable, CustomStringConvertible {
    case noSocket(String)
    case noThread(Int32)
    case notAnswered(name: String, CallerPhase)
    case daemon(String)

    package var description: String {
        switch self {
        case .noSocket(let what): "no socket: \(what)"
        case .noThread(let code): "no thread: errno \(code)"
        case .notAnswered(let name, let phase): "\(name) was not answered: \(phase)"
        case .daemon(let what): what
        }
    }
}
