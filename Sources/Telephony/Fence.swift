// SPDX-License-Identifier: Apache-2.0

/// What the fence allows. `closed` is what a box is without a word of its owner: nothing leaves the house.
package struct FenceOptions: Sendable {
    /// Numbers that may be called, as wholes.
    package var allowed: [any DestinationPattern]
    /// Numbers that may not, whatever is allowed.
    package var barred: [any DestinationPattern]
    /// Hosts to which SIP addresses may be called, in lower case.
    package var hosts: Set<String>
    /// For all calls to the outside together.
    package var minutesPerDay: Int
    package var mostCalls: Int
    /// What somebody from outside types before an outside line is used for him; empty: never.
    package var code: String
    /// Numbers and hosts of this very box: whoever calls them goes round in a circle.
    package var ownNumbers: Set<String>
    package var ownHosts: Set<String>

    package init(
        allowed: [any DestinationPattern], barred: [any DestinationPattern], hosts: Set<String>, minutesPerDay: Int,
        mostCalls: Int, code: String, ownNumbers: Set<String>, ownHosts: Set<String>
    ) {
        self.allowed = allowed
        self.barred = barred
        self.hosts = hosts
        self.minutesPerDay = minutesPerDay
        self.mostCalls = mostCalls
        self.code = code
        self.ownNumbers = ownNumbers
        self.ownHosts = ownHosts
    }

    package static let closed = FenceOptions(
        allowed: [], barred: [], hosts: [], minutesPerDay: 0, mostCalls: 0, code: "", ownNumbers: [], ownHosts: [])

    /// Whether such a number is one that may be called, all else apart.
    package func allows(_ number: String) -> Bool {
        allowed.contains { $0.matchesWhole(number) } && !barred.contains { $0.matchesWhole(number) }
    }
}

/// What is kept of the fence over a restart.
package struct FenceLedger: Sendable, Hashable, Codable {
    /// Days since 1970, as the house counts them.
    package var day = 0
    package var seconds = 0

    package init() {}
}

/// The fence around the house: every call that leaves it comes by here, whoever wants it and by whatever way (dialled, by a
/// script, transferred, redirected, called back). Emergency calls do not. Pure: day and time are handed in.
package struct Fence: Sendable {
    package enum Destination: Sendable, Hashable {
        case number(String)
        /// A SIP address: its user part and its host in lower case.
        case address(user: String, host: String)
    }

    /// For whom.
    package enum Party: Sendable, Hashable {
        /// The owner at the command line, a phone of the house, a script that no outside caller is in.
        case house
        /// Somebody from outside; has he typed the code?
        case outside(hasCode: Bool)
    }

    package enum Refusal: String, Sendable, Hashable, CaseIterable {
        case notAllowed = "not allowed"
        case barred = "barred"
        case tooManyCalls = "too many calls to the outside"
        case noMinutes = "the minutes of this day are used up"
        case noCode = "outside callers may not call out"
        case loop = "leads back to this box"
        /// There is a code, and he could not be asked for it.
        case inConference = "outside callers are not asked for the code while they are in a conference"
        case askedAlready = "the code is being asked for already"
        case triedTooOften = "too many wrong codes"

        /// As the one who wanted it hears it.
        package var words: String {
            switch self {
            case .notAllowed, .barred: "This number can not be called from here."
            case .tooManyCalls: "All outside lines are in use. Please try again later."
            case .noMinutes: "The outside lines are not available any more today."
            case .noCode, .inConference, .askedAlready, .triedTooOften: "You can not call out from here."
            case .loop: "This number leads back to here."
            }
        }

        package var cause: HangupCause {
            switch self {
            case .tooManyCalls, .noMinutes: .noCircuitAvailable
            case .loop: .exchangeRoutingError
            case .notAllowed, .barred, .noCode, .inConference, .askedAlready, .triedTooOften: .callRejected
            }
        }
    }

    package enum Verdict: Sendable, Hashable {
        case allowed
        /// Allowed, once the code was typed.
        case needsCode
        case refused(Refusal)
    }

    /// Calls that are under way, with the moment of their answer.
    private var running: [CallID: Int64?] = [:]
    private var numbers: [CallID: String] = [:]
    package private(set) var ledger: FenceLedger

    package init(ledger: FenceLedger = FenceLedger()) { self.ledger = ledger }

    package mutating func judge(
        _ destination: Destination, for party: Party, by options: FenceOptions, day: Int, now: Int64
    ) -> Verdict {
        turn(to: day, now: now)
        switch destination {
        case .number(let number):
            guard !options.ownNumbers.contains(Self.bare(number)) else { return .refused(.loop) }
            guard !options.barred.contains(where: { $0.matchesWhole(number) }) else { return .refused(.barred) }
            guard options.allows(number) else { return .refused(.notAllowed) }
        case .address(_, let host):
            guard !options.ownHosts.contains(host) else { return .refused(.loop) }
            guard options.hosts.contains(host) else { return .refused(.notAllowed) }
        }
        if case .outside = party, options.code.isEmpty { return .refused(.noCode) }
        guard running.count < options.mostCalls else { return .refused(.tooManyCalls) }
        guard used(now: now) < Int64(options.minutesPerDay) * 60_000 else { return .refused(.noMinutes) }
        if case .outside(hasCode: false) = party { return .needsCode }
        return .allowed
    }

    /// A call that was allowed is under way.
    package mutating func began(_ call: CallID, to number: String) {
        running[call] = .some(nil)
        numbers[call] = Self.bare(number)
    }

    package mutating func answered(_ call: CallID, now: Int64) {
        if running[call] == .some(nil) { running[call] = .some(now) }
    }

    /// True when something was charged.
    @discardableResult
    package mutating func ended(_ call: CallID, now: Int64) -> Bool {
        numbers[call] = nil
        guard let answered = running.removeValue(forKey: call) ?? nil else { return false }
        // Every second that was begun counts.
        ledger.seconds += Int((max(0, now - answered) + 999) / 1_000)
        return true
    }

    package func isRunning(_ call: CallID) -> Bool { running[call] != nil }

    package var runningCalls: [CallID] { running.keys.sorted() }

    /// A call that comes in while one of ours to that number is not answered yet, from a number that we show: it is our own.
    package func isLoop(from caller: String, to destination: String, by options: FenceOptions) -> Bool {
        guard options.ownNumbers.contains(Self.bare(caller)) else { return false }
        return running.contains { call, answered in
            answered == nil
                && (options.ownNumbers.contains(Self.bare(destination)) || numbers[call] == Self.bare(destination))
        }
    }

    /// When the minutes of the day will be used up, if all goes on as it is; nil: not so.
    package func exhausted(by options: FenceOptions, now: Int64) -> Int64? {
        let talking = running.values.compactMap(\.self).count
        guard talking > 0 else { return nil }
        let left = Int64(options.minutesPerDay) * 60_000 - used(now: now)
        return now + max(0, left) / Int64(talking)
    }

    /// Milliseconds of this day, those of running calls included.
    private func used(now: Int64) -> Int64 {
        running.values.compactMap(\.self).reduce(Int64(ledger.seconds) * 1_000) { $0 + max(0, now - $1) }
    }

    /// A new day begins with nothing used; running calls count from then on.
    private mutating func turn(to day: Int, now: Int64) {
        guard day != ledger.day else { return }
        ledger.day = day
        ledger.seconds = 0
        for (call, answered) in running where answered != nil { running[call] = .some(now) }
    }

    /// Digits alone, as two ways to write one number compare: without "+", "00" and marks.
    package static func bare(_ number: String) -> String {
        let digits = number.filter { $0.isASCII && $0.isNumber }
        return digits.isEmpty ? number : digits.hasPrefix("00") ? String(digits.dropFirst(2)) : digits
    }
}
