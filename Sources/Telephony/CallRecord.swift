// SPDX-License-Identifier: Apache-2.0

/// One call that is over, as the books keep it. The keys are stable: `partyline --json history`.
package struct CallRecord: Sendable, Hashable, Codable {
    /// "in" or "out", as the box sees it.
    package var direction = ""
    package var technology = ""
    package var peer = ""
    package var callerNumber = ""
    package var callerName = ""
    package var destination = ""
    package var rule = ""
    /// The last room in which it was.
    package var room = ""
    /// Seconds since 1970; nil: it was never answered.
    package var began = 0.0
    package var answered: Double?
    package var ended = 0.0
    /// Q.850, and in words.
    package var cause = 0
    package var words = ""

    package init() {}
}
