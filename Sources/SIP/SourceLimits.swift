// SPDX-License-Identifier: Apache-2.0

package import SDP

/// How many calls that nobody has answered yet may be open: a flood of INVITEs costs no more. Each holds a port, some 50 kB and
/// two descriptors. Those who showed no password (addresses that need none) share `mostOfGuests`, so that phones and trunks
/// have room whatever comes from there.
package struct SourceLimits: Sendable {
    package static let mostPerSource = 64
    package static let mostOfGuests = 64
    package static let mostInAll = 256

    private var open: [IPAddress: Int] = [:]
    private var total = 0
    private var guests = 0

    package init() {}

    /// False when there are too many; otherwise `close` must follow.
    /// - Parameter isGuest: neither a phone that showed its password nor a trunk.
    package mutating func open(_ source: IPAddress, isGuest: Bool) -> Bool {
        guard total < Self.mostInAll, open[source, default: 0] < Self.mostPerSource,
            !isGuest || guests < Self.mostOfGuests
        else { return false }
        open[source, default: 0] += 1
        total += 1
        if isGuest { guests += 1 }
        return true
    }

    /// - Parameter isGuest: as it was opened.
    package mutating func close(_ source: IPAddress, isGuest: Bool) {
        guard let count = open[source] else { return }
        open[source] = count > 1 ? count - 1 : nil
        total -= 1
        if isGuest { guests -= 1 }
    }
}
