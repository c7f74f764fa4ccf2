// SPDX-License-Identifier: Apache-2.0

/// How bad one direction of a network is.
package struct NetworkConditions: Sendable, Hashable, Codable {
    /// Packets that never come, per cent.
    package var lossPercent = 0.0
    /// Mean length of a run of losses (Gilbert's model); 1: every packet for itself.
    package var lossRun = 1.0
    /// Every packet is late by 0 … so much, evenly spread.
    package var jitterMilliseconds = 0.0
    /// A late packet holds up those behind it, as a queue does. Off: jitter lets them overtake each other.
    package var keepsOrder = true
    /// Packets that are late by `reorderMilliseconds` more, and are overtaken meanwhile, per cent.
    package var reorderPercent = 0.0
    package var reorderMilliseconds = 25.0
    /// Packets that come twice, per cent; the second within 10 ms.
    package var duplicatePercent = 0.0
    /// Every packet is late by so much.
    package var delayMilliseconds = 0.0

    package init() {}

    package static let perfect = NetworkConditions()
    /// Nothing gets through.
    package static let outage = loss(100)

    package static func loss(_ percent: Double, run: Double = 1) -> NetworkConditions {
        var conditions = NetworkConditions()
        conditions.lossPercent = percent
        conditions.lossRun = run
        return conditions
    }

    package static func jitter(_ milliseconds: Double) -> NetworkConditions {
        var conditions = NetworkConditions()
        conditions.jitterMilliseconds = milliseconds
        return conditions
    }

    package static func reorder(_ percent: Double) -> NetworkConditions {
        var conditions = NetworkConditions()
        conditions.reorderPercent = percent
        return conditions
    }

    package static func duplicates(_ percent: Double) -> NetworkConditions {
        var conditions = NetworkConditions()
        conditions.duplicatePercent = percent
        return conditions
    }
}

/// One direction of a bad network: says for each packet when it arrives, if it does. A pure value with a seed, so the same
/// packets always fare the same: for virtual time as for the relay.
package struct NetworkPath: Sendable {
    package var conditions: NetworkConditions
    private var random: SplitMix
    private var isLosing = false
    private var newest: Int64 = .min

    package init(_ conditions: NetworkConditions = .perfect, seed: UInt64) {
        self.conditions = conditions
        random = SplitMix(seed: seed)
    }

    /// When a packet that leaves at `now` (ns) arrives, and its copy; nil: never. The same number of random values is drawn
    /// whatever the conditions, so that a change of one does not change the fate of other packets.
    package mutating func send(at now: Int64) -> (first: Int64?, copy: Int64?) {
        let draws = (0..<5).map { _ in random.unit() }
        isLosing = loses(draws[0])
        var late = conditions.delayMilliseconds + conditions.jitterMilliseconds * draws[1]
        let isOvertaken = draws[2] * 100 < conditions.reorderPercent
        if isOvertaken { late += conditions.reorderMilliseconds }
        var arrival = now + Int64(late * 1e6)
        if conditions.keepsOrder, !isOvertaken {
            arrival = max(arrival, newest)
            newest = arrival
        }
        guard !isLosing else { return (nil, nil) }
        let copy = draws[3] * 100 < conditions.duplicatePercent ? arrival + Int64(draws[4] * 1e7) : nil
        return (arrival, copy)
    }

    private func loses(_ draw: Double) -> Bool {
        let loss = min(1, max(0, conditions.lossPercent / 100))
        let run = max(1, conditions.lossRun)
        guard run > 1, loss < 1 else { return draw < loss }
        return draw < (isLosing ? 1 - 1 / run : loss / (1 - loss) / run)
    }
}
