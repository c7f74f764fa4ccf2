// SPDX-License-Identifier: Apache-2.0

/// What is wrong, or doubtful, in a script.
package struct ScriptProblem: Sendable, Hashable, CustomStringConvertible {
    package enum Severity: String, Sendable, Hashable {
        case error, warning
    }

    package var file: String
    package var line: Int
    package var column: Int
    package var severity: Severity
    /// What is wrong; what to write instead.
    package var words: String

    package init(file: String, line: Int, column: Int, severity: Severity, words: String) {
        self.file = file
        self.line = line
        self.column = column
        self.severity = severity
        self.words = words
    }

    package var description: String { "\(file):\(line):\(column): \(severity.rawValue): \(words)" }
}
