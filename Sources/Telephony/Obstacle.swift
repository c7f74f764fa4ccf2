// SPDX-License-Identifier: Apache-2.0

/// Why something was not done, in words for a person.
package struct Obstacle: Error, Sendable, Hashable, ExpressibleByStringInterpolation, CustomStringConvertible {
    package var reason: String
    /// What to do; nil: what whoever shows it usually advises.
    package var remedy: String?

    package init(_ reason: String, remedy: String?) {
        self.reason = reason
        self.remedy = remedy
    }

    package init(stringLiteral reason: String) { self.reason = reason }

    /// Both in one line.
    package var description: String { remedy.map { "\(reason); \($0)" } ?? reason }
}
