// SPDX-License-Identifier: Apache-2.0

/// Collects what a telephone dials: '#' ends the number at once, otherwise some seconds of silence or the only possible
/// match; emergency numbers are complete with their last digit. Pure; milliseconds of the owner's clock.
package struct DigitCollector: Sendable {
    package enum Outcome: Sendable, Equatable {
        case collecting
        case complete(String, isEmergency: Bool)
        /// More digits than any number has: they are no number, and neither are the first of them.
        case tooLong
    }

    /// The longest number (E.164 has 15 digits; prefixes and codes come on top).
    package static let longest = 32

    private let space: NumberSpace
    private let interdigitMilliseconds: Int64
    package private(set) var digits = ""
    private var lastDigit: Int64?
    private var isComplete = false

    package init(space: NumberSpace, interdigitMilliseconds: Int64) {
        self.space = space
        self.interdigitMilliseconds = interdigitMilliseconds
    }

    /// When silence has ended the number; nil before the first digit and after the last.
    package var deadline: Int64? { isComplete ? nil : lastDigit.map { $0 &+ interdigitMilliseconds } }

    /// A digit was dialled. '#' before any other digit means nothing; digits after the end are ignored.
    package mutating func dial(_ digit: DTMFDigit, now: Int64) -> Outcome {
        guard !isComplete else { return .collecting }
        if digit == .pound { return digits.isEmpty ? .collecting : finish(isEmergency: false) }
        digits.append(digit.character)
        lastDigit = now
        switch space.verdict(on: digits) {
        case .emergency: return finish(isEmergency: true)
        case .complete: return finish(isEmergency: false)
        case .open:
            guard digits.count > Self.longest else { return .collecting }
            isComplete = true
            return .tooLong
        }
    }

    package mutating func expire(now: Int64) -> Outcome {
        guard let deadline, now >= deadline else { return .collecting }
        return finish(isEmergency: false)
    }

    private mutating func finish(isEmergency: Bool) -> Outcome {
        isComplete = true
        return .complete(digits, isEmergency: isEmergency)
    }
}
