// SPDX-License-Identifier: Apache-2.0
// ITU-T E.180 (cadences of the bell), ETSI EN 300 659-1 (a caller told before the first ring or after it).

/// Learns how a landline rings and how it tells who calls, from the calls that come. Pure; milliseconds of the owner's clock.
///
/// Data sheet (BellLearnerTests): cadences of one to three bursts, from a call that rings for two whole ones and a burst; times
/// may differ by 100 ms or an eighth; a first burst that was cut short does not hinder. The way of callers is known after two
/// calls alike, that there is none after five without.
struct BellLearner: Sendable {
    /// How it is told who calls.
    struct Way: Sendable, Hashable {
        /// As `CallerID.Kind` writes it; "modem": the modem told; "none": it is not told.
        var kind: String
        /// Before the first ring.
        var comesFirst = false

        static let absent = Way(kind: "none")

        var words: String {
            guard self != .absent else { return "none is sent" }
            let names = ["bell202": "Bell 202", "v23": "V.23", "v23-jp": "V.23 of Japan", "dtmf": "DTMF"]
            return (names[kind] ?? "told by the \(kind)") + (comesFirst ? ", before the first ring" : ", after a ring")
        }
    }

    /// Burst and pause in turn, the longest pause last; nil: not heard yet.
    private(set) var cadence: [Int]?
    /// Nil: not known yet.
    private(set) var way: Way?

    private var bursts: [Int64] = []
    private var pauses: [Int64] = []
    private var start: Int64?
    private var lastEnd: Int64?
    private var lastNews: Int64 = .min
    private var told: Way?
    private var calls: [Way] = []

    /// What comes so long after everything else belongs to another call.
    private static let callGap: Int64 = 12_000
    private static let shortestBurst: Int64 = 80
    private static let longestCadence = 3
    private static let mostBursts = 32
    private static let callsWithout = 5

    /// A burst begins or ends.
    mutating func bell(_ rings: Bool, now: Int64) {
        begin(now)
        if rings {
            if let lastEnd, start == nil { pauses.append(now &- lastEnd) }
            start = start ?? now
        } else if let begun = start {
            start = nil
            guard now &- begun >= Self.shortestBurst, bursts.count < Self.mostBursts else {
                if pauses.count > max(0, bursts.count - 1) { pauses.removeLast() }
                return
            }
            bursts.append(now &- begun)
            lastEnd = now
            let whole = Self.cadence(bursts[...], pauses[...])
            cadence = whole ?? Self.cadence(bursts.dropFirst(), pauses.dropFirst()) ?? cadence
        }
    }

    /// Who calls was told.
    mutating func caller(_ kind: String, now: Int64) {
        begin(now)
        told = told ?? Way(kind: kind, comesFirst: bursts.isEmpty && start == nil)
    }

    /// The call was offered, or nobody took it: whatever will be told has been.
    mutating func callEnded() {
        calls = (calls + [told ?? .absent]).suffix(16)
        told = nil
        let said = calls.filter { $0 != .absent }
        if said.count >= 2, let last = said.last, said[said.count - 2] == last {
            way = last
        } else if said.isEmpty, calls.count >= Self.callsWithout {
            way = .absent
        }
    }

    private mutating func begin(_ now: Int64) {
        defer { lastNews = now }
        guard lastNews == .min || now &- lastNews > Self.callGap else { return }
        (bursts, pauses, start, lastEnd, told) = ([], [], nil, nil, nil)
    }

    private static func cadence(_ bursts: ArraySlice<Int64>, _ pauses: ArraySlice<Int64>) -> [Int]? {
        for period in 1...longestCadence where bursts.count > 2 * period {
            guard repeats(bursts, period), repeats(pauses, period) else { continue }
            let pairs = zip(means(bursts, period), means(pauses, period)).map { [$0, $1] }
            // Where the call was not heard from its first burst on, it begins elsewhere.
            guard let last = pairs.indices.max(by: { pairs[$0][1] < pairs[$1][1] }) else { continue }
            return (pairs[(last + 1)...] + pairs[...last]).flatMap { $0 }
        }
        return nil
    }

    private static func repeats(_ times: ArraySlice<Int64>, _ period: Int) -> Bool {
        zip(times, times.dropFirst(period)).allSatisfy { abs($0 - $1) <= max(100, min($0, $1) / 8) }
    }

    /// Of each place within the period, to 10 ms.
    private static func means(_ times: ArraySlice<Int64>, _ period: Int) -> [Int] {
        (0..<period).map { place in
            let own = times.enumerated().filter { $0.offset % period == place }.map(\.element)
            return Int((own.reduce(0, +) / Int64(max(1, own.count)) + 5) / 10 * 10)
        }
    }

    // MARK: - Words

    /// "400 ms, pause 200 ms, 400 ms, pause 2000 ms".
    static func words(_ cadence: [Int]) -> String {
        cadence.enumerated().map { $0.offset % 2 == 0 ? "\($0.element) ms" : "pause \($0.element) ms" }
            .joined(separator: ", ")
    }

    /// Whether two cadences are the same as far as can be heard: to 120 ms or 15 %.
    static func isAlike(_ a: [Int], _ b: [Int]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= max(120, max($0, $1) * 15 / 100) }
    }
}
