// SPDX-License-Identifier: Apache-2.0

/// Somebody from outside types the code that opens the outside lines. Pure: digits in, what follows out.
package struct CodeDialog: Sendable {
    package enum Outcome: Sendable, Hashable {
        case typing, right, wrong
        /// Wrong for the last time.
        case givenUp
    }

    package static let mostTries = 3

    private let code: String
    private var digits = ""
    /// Wrong ones so far.
    package private(set) var tries: Int

    /// - Parameter tries: how many were wrong before, in the same call.
    package init(code: String, tries: Int = 0) {
        self.code = code
        self.tries = tries
    }

    /// '#' ends the code, and so does its last digit; '*' starts over.
    package mutating func press(_ digit: DTMFDigit) -> Outcome {
        switch digit.character {
        case "*":
            digits = ""
            return .typing
        case "#": return check()
        case let sign:
            digits.append(sign)
            return digits.count >= code.count ? check() : .typing
        }
    }

    private mutating func check() -> Outcome {
        let isRight = !code.isEmpty && digits == code
        digits = ""
        if isRight { return .right }
        tries += 1
        return tries < Self.mostTries ? .wrong : .givenUp
    }
}
