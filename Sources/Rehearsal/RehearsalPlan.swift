// SPDX-License-Identifier: Apache-2.0

package import Telephony

/// What is to be rehearsed: the scripts, the caller, and how those are who get called.
package struct RehearsalPlan: Sendable {
    /// How somebody takes a call of the script.
    package enum Answer: Sendable, Hashable {
        /// After some milliseconds; then types, when something was said.
        case answers(afterMilliseconds: Int64, digits: String)
        case busy
        case rings
        case unknown
    }

    /// What the caller does, one after the other.
    package enum Step: Sendable, Hashable {
        /// When what is being said has ended (or, `isImpatient`, as soon as it begins).
        case type(String, isImpatient: Bool)
        /// Milliseconds.
        case wait(Int64)
    }

    package var rules: RoutingRules
    /// The folder in which the scenarios of the rules are, and the worker program.
    package var scenarioFolder: String
    package var promptsFolder: String?
    package var executable: String
    package var destination = "100"
    package var callerNumber = "200"
    package var callerName = ""
    package var origin = CallOrigin.phones
    package var steps: [Step] = []
    package var answers: [String: Answer] = [:]
    package var usualAnswer = Answer.answers(afterMilliseconds: 3000, digits: "")
    /// Answers to requests over HTTP, by the beginning of the address; nothing: no connection.
    package var pages: [(address: String, status: Int, body: String)] = []
    /// Time of day at the beginning, milliseconds since 1970.
    package var epoch: Double
    /// The caller hangs up after so much silence when all is typed, and at the latest after this time.
    package var silenceMilliseconds: Int64 = 5_000
    package var longestMilliseconds: Int64 = 180_000
    package var voice = "en"

    package init(rules: RoutingRules, scenarioFolder: String, executable: String, epoch: Double) {
        self.rules = rules
        self.scenarioFolder = scenarioFolder
        self.executable = executable
        self.epoch = epoch
    }

    /// "111#, 42 !9": groups are typed one after another, each when the words before have ended; a comma waits a second;
    /// '!' types into the words. Nil: something else is in it.
    package static func steps(_ text: String) -> [Step]? {
        var steps: [Step] = []
        for group in text.split(whereSeparator: \.isWhitespace) {
            for part in group.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
                if part.offset > 0 { steps.append(.wait(1000)) }
                guard !part.element.isEmpty else { continue }
                let isImpatient = part.element.hasPrefix("!")
                let digits = String(isImpatient ? part.element.dropFirst() : part.element)
                guard !digits.isEmpty, digits.allSatisfy({ DTMFDigit($0) != nil }) else { return nil }
                steps.append(.type(digits, isImpatient: isImpatient))
            }
        }
        return steps
    }

    /// "busy", "rings", "unknown", "2.5" (seconds), "2.5:1" (then types 1). Nil: something else.
    package static func answer(_ text: String) -> Answer? {
        switch text {
        case "busy": return .busy
        case "rings": return .rings
        case "unknown": return .unknown
        default:
            let halves = text.split(separator: ":", maxSplits: 1).map(String.init)
            guard let seconds = halves.first.flatMap(Double.init), (0...3600).contains(seconds) else { return nil }
            let digits = halves.count > 1 ? halves[1] : ""
            guard digits.allSatisfy({ DTMFDigit($0) != nil }) else { return nil }
            return .answers(afterMilliseconds: Int64(seconds * 1000), digits: digits)
        }
    }

    /// "http://box/open=yes", "http://box/open?door=2=yes": an address with a query has equals signs of its own, so there the
    /// text begins behind the last one that stands before a space, a quote or a bracket. Nil: no address.
    package static func page(_ text: String) -> (address: String, body: String)? {
        let first = text.firstIndex(of: "=")
        let hasQuery = text[..<(first ?? text.startIndex)].contains("?")
        let word = hasQuery ? text.prefix { !$0.isWhitespace && !"\"'{[<(".contains($0) } : text[...]
        guard let sign = hasQuery ? word.lastIndex(of: "=") : first, sign > text.startIndex else { return nil }
        return (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }
}
