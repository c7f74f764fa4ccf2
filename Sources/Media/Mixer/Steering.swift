// SPDX-License-Identifier: Apache-2.0

/// Where one source's packets fall, as a group's steering sees it.
struct Arrival: BitwiseCopyable {
    /// When a packet of it is expected at the latest (any one of them: only the phase counts), in nanoseconds.
    var expected: Int64
    /// The common measure of its packets and the group's frames, in nanoseconds: the phase is taken modulo this.
    var measure: Int64
    /// How much it counts: 1 for who talks.
    var weight: Double
    /// Tells the sources apart.
    var identity: UInt
}

/// Decides when a group's next frame is due: just behind the arrivals of who talks. A pure value; times in nanoseconds.
///
/// Policy e of the delay simulation: 0.3 ms behind the primary talker's expected arrivals (0.6 there; the common instants
/// add as much on average); follows drift by at most 0.02 ms
/// a packet; goes later by 0.5 to 5 ms at once when its arrivals have moved; goes earlier, or over to another talker, only
/// for 3 ms of summed gain and at most once a second (without this hysteresis 2.8 % of the frames are concealed).
struct Steering: BitwiseCopyable {
    /// The source behind whose arrivals the deadline lies, 0: none yet.
    private(set) var primary: UInt = 0
    private var lastMove: Int64 = 0

    /// So much further behind, in nanoseconds: of the later parts of a crowd, while those before are being sent to.
    private let lag: Int64

    static let margin: Int64 = 300_000
    static let follow: Int64 = 20_000
    static let leastLater: Int64 = 500_000
    static let mostLater: Int64 = 5_000_000
    static let mostMove: Int64 = 10_000_000
    static let leastGain = 3_000_000.0
    static let moveInterval: Int64 = 1_000_000_000
    /// A deadline that is early by no more than this still finds its packet.
    private static let tolerance: Int64 = 200_000

    init(lag: Int64 = 0) {
        self.lag = lag
    }

    /// By how much the next deadline shall be later (negative: earlier) than `nominal`.
    /// A result of more than `follow` either way is a move: the frame that is due then is longer or shorter by it.
    mutating func shift(
        nominal: Int64, arrivals: UnsafePointer<Arrival>, count: Int, granularity: Int64
    ) -> Int64 {
        guard count > 0 else {
            primary = 0
            return 0
        }
        var own = -1
        var best = 0
        var least = Double.infinity
        for index in 0..<count {
            if arrivals[index].identity == primary { own = index }
            let offset = offset(arrivals[index], nominal: nominal)
            let cost = cost(at: nominal &+ offset, arrivals: arrivals, count: count)
            if cost < least {
                least = cost
                best = index
            }
        }
        let gain = cost(at: nominal, arrivals: arrivals, count: count) - least
        if own < 0 || (gain >= Self.leastGain && nominal &- lastMove >= Self.moveInterval) {
            let isNew = own < 0
            primary = arrivals[best].identity
            let offset = offset(arrivals[best], nominal: nominal)
            if gain >= Self.leastGain || offset > 0 {
                let move = rounded(offset, to: granularity)
                if !isNew || gain >= Self.leastGain { lastMove = nominal }
                return max(-Self.mostMove, min(Self.mostMove, move))
            }
            return max(-Self.follow, offset)
        }
        let offset = offset(arrivals[own], nominal: nominal)
        if offset >= Self.leastLater { return min(rounded(offset, to: granularity), Self.mostLater) }
        return max(-Self.follow, min(Self.follow, offset))
    }

    /// To the nearest deadline right behind the arrivals, between half a measure earlier and half a measure later.
    private func offset(_ arrival: Arrival, nominal: Int64) -> Int64 {
        let measure = max(1, arrival.measure)
        var offset = (arrival.expected &+ Self.margin &+ lag &- nominal) % measure
        if offset > measure / 2 { offset &-= measure }
        if offset < 0 &- measure / 2 { offset &+= measure }
        return offset
    }

    /// The summed delay, from arrival to deadline, of all sources.
    private func cost(at deadline: Int64, arrivals: UnsafePointer<Arrival>, count: Int) -> Double {
        var sum = 0.0
        for index in 0..<count {
            let measure = max(1, arrivals[index].measure)
            var wait = (deadline &- arrivals[index].expected &- Self.margin &- lag &+ Self.tolerance) % measure
            if wait < 0 { wait &+= measure }
            sum += Double(wait &- Self.tolerance) * arrivals[index].weight
        }
        return sum
    }

    /// Rounded up (later) to what the codec's frames can do.
    private func rounded(_ shift: Int64, to granularity: Int64) -> Int64 {
        guard granularity > 1 else { return shift }
        let whole = shift / granularity
        return (shift > whole &* granularity ? whole &+ 1 : whole) &* granularity
    }
}
