// SPDX-License-Identifier: Apache-2.0

package import SDP

/// How many calls that nobody has answered yet may be open, in all and from one address: a flood of INVITEs costs no more.
package struct SourceLimits: Sendable {
    package static let mostPerSource = 64
    package static let mostInAll = 256

    private var open: [IPAddress: Int] = [:]
    private var total = 0

    package init() {}

    /// False when there are too many; otherwise `close` must follow.
    package mutating func open(_ source: IPAddress) -> Bool {
        guard total < Self.mostInAll, open[source, default: 0] < Self.mostPerSource else { return false }
        open[source, default: 0] += 1
        total += 1
        return true
    }

    package mutating func close(_ source: IPAddress) {
        guard let count = open[source] else { return }
        open[source] = count > 1 ? count - 1 : nil
        total -= 1
    }
}
