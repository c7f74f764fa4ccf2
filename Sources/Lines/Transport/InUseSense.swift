// SPDX-License-Identifier: Apache-2.0

/// Whether another phone is on the pair, by a detector that may mean ourselves as well. A pure value; milliseconds of the owner's
/// clock.
///
/// Line interfaces have one of two sorts. A detector of the line's voltage is on as long as *we* have the line, too; one for parallel
/// phones is on for others only. Which it is shows when the line has been ours for a second: a detector that is on then is not
/// listened to in this call.
///
///     free --taken--> on trial --off after 1 s--> listening
///       ^                 |  \---on after 1 s---> deaf
///       |               let go (from any of them)
///       +---0.5 s---- settling, until the voltage is back
///
/// What lasts less than 100 ms (the alternating voltage of the bell, a reversal) is not believed.
struct InUseSense: Sendable {
    private enum Use {
        case free
        case trial
        case listening
        case deaf
        case settling
    }

    private var use = Use.free
    private var useEnds: Int64?
    /// The detector as it is, and as it has been for a while.
    private var level: Bool
    private(set) var isOn: Bool
    private var levelHolds: Int64?

    private static let trialMilliseconds: Int64 = 1_000
    private static let settlingMilliseconds: Int64 = 500
    private static let debounceMilliseconds: Int64 = 100

    init(isOn: Bool = false) {
        level = isOn
        self.isOn = isOn
    }

    /// When `expire` has something to decide.
    var deadline: Int64? { [useEnds, levelHolds].compactMap { $0 }.min() }

    /// The detector is so now.
    mutating func see(_ isOn: Bool, now: Int64) {
        guard isOn != level else { return }
        level = isOn
        levelHolds = isOn == self.isOn ? nil : now &+ Self.debounceMilliseconds
    }

    /// We take the line, or let it go.
    mutating func seize(_ takes: Bool, now: Int64) {
        use = takes ? .trial : .settling
        useEnds = now &+ (takes ? Self.trialMilliseconds : Self.settlingMilliseconds)
    }

    /// We open the loop of a line that is ours for so long: what the detector means shows behind that.
    mutating func flash(milliseconds: Int, now: Int64) {
        use = .trial
        useEnds = now &+ Int64(milliseconds) &+ Self.trialMilliseconds
    }

    /// Whether another phone is on the line, where that is news.
    mutating func expire(now: Int64) -> Bool? {
        var news: Bool?
        if let end = levelHolds, now >= end {
            levelHolds = nil
            isOn = level
            if use == .free || use == .listening { news = isOn }
        }
        if let end = useEnds, now >= end {
            useEnds = nil
            switch use {
            case .settling:
                use = .free
                news = isOn
            case .trial: use = isOn ? .deaf : .listening
            case .free, .listening, .deaf: break
            }
        }
        return news
    }
}
