// SPDX-License-Identifier: Apache-2.0

/// Which leg a call had that is over: what was said of it can still be asked for. The oldest goes.
struct FormerLegs: Sendable {
    static let most = 512

    private var legs: [CallID: LegID] = [:]
    private var order: [CallID] = []

    subscript(call: CallID) -> LegID? { legs[call] }

    mutating func remember(_ call: CallID, _ leg: LegID) {
        if legs.updateValue(leg, forKey: call) == nil { order.append(call) }
        if order.count > Self.most { legs[order.removeFirst()] = nil }
    }
}
