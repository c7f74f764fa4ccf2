// SPDX-License-Identifier: Apache-2.0

/// Why a pattern cannot be used, or why a match gave no answer.
package enum PatternError: Error, Hashable, CustomStringConvertible {
    /// The pattern is longer than `Pattern.maximumPatternBytes`.
    case tooLong(bytes: Int, maximum: Int)
    /// The pattern is no regular expression; `offset` counts its characters from 0.
    case invalid(offset: Int, reason: String)
    /// The text is longer than `Pattern.maximumTextBytes`.
    case subjectTooLong(bytes: Int, maximum: Int)
    /// The matcher gave up at its limit of steps, depth or memory.
    case tooExpensive(reason: String)
    case outOfMemory

    package var description: String {
        switch self {
        case .tooLong(let bytes, let maximum): "the pattern has \(bytes) bytes, \(maximum) are allowed"
        case .invalid(let offset, let reason): "\(reason), at offset \(offset)"
        case .subjectTooLong(let bytes, let maximum): "the text has \(bytes) bytes, \(maximum) are looked at"
        case .tooExpensive(let reason): "the match was given up (\(reason)): the pattern has nested repetitions"
        case .outOfMemory: "out of memory"
        }
    }
}
