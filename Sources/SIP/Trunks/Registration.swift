// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 10.2 (registering), 20.33 (Retry-After), RFC 5626 sections 4.4 (signs of life) and 4.5 (waiting longer each
// time).

/// The registration of one trunk: input in, actions out. No clock, no input or output; every state takes every input.
///
///     idle -> registering -> registered --(time)--> registering
///                  \-> waiting --(time)--> registering            leaving -> over
///
/// A provider that does not answer is asked again within 4 s, so that calls come again at most 5 s after it is back; never
/// more than once a second. One that says no (wrong password, unknown account) is asked rarely, or it would lock the account.
///
/// A provider that was restarted has forgotten us and does not tell: only a REGISTER finds out, and mends it. So the
/// registration is renewed long before it ends, every few seconds (`signOfLife`). A provider that refuses that while the
/// registration still holds is from then on asked when it is due.
package struct Registration: Sendable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case idle, registering, registered, waiting, leaving, over
    }

    package enum Input: Sendable, Hashable {
        case start
        /// 2xx; for how many seconds.
        case accepted(seconds: Int)
        /// A final response of 300 or more; 408 and 503 also when nothing came.
        case refused(status: Int, retryAfter: Int?)
        case timerRang
        /// The provider has another address, or sees us at another one.
        case lost
        /// A REGISTER is under way and nothing has come back for a while. It goes on being repeated.
        case silent
        case stop
    }

    package enum Action: Sendable, Hashable {
        case register
        case unregister
        /// Milliseconds from which one is drawn; a newer wait replaces it.
        case wait(ClosedRange<Int>)
        case tellUp
        /// The status that said so; 0: it does not answer.
        case tellDown(Int)
        /// It was asked too often for its taste: the status that said so.
        case tellTooOften(Int)
    }

    package static let longestRetryAfter = 3_600

    package private(set) var state = State.idle
    /// The last status that was no success.
    package private(set) var lastRefusal = 0
    private var failures = 0
    /// Milliseconds; 0: renewed when it is due.
    private let signOfLife: Int
    /// The REGISTER under way is a sign of life, so the registration holds for long.
    private var isEarly = false
    /// The provider wants to be asked no earlier than is due.
    private var isDueOnly = false
    /// Registrations that still held and were lost to a sign of life, without one that was asked when due between them.
    private var earlyLosses = 0
    private static let mostEarlyLosses = 3
    /// Signs of life in a row that went well; so many make up for losses: those were outages.
    private var earlySuccesses = 0
    private static let enoughSuccesses = 100
    /// Seconds, as granted last.
    private var granted = 0
    /// Nothing has come back to the REGISTER that is under way.
    package private(set) var isSilent = false

    /// - Parameter signOfLife: seconds after which a registration is renewed, however long it holds; 0: when it is due.
    package init(signOfLife: Int) { self.signOfLife = min(max(signOfLife, 0), 86_400) * 1_000 }

    package var isUp: Bool { state == .registered || state == .registering && wasUp }
    /// A refresh is under way, and the former registration still holds.
    private var wasUp = false

    package mutating func take(_ input: Input) -> [Action] {
        switch (state, input) {
        case (.over, _), (.leaving, .start), (.leaving, .lost), (.leaving, .silent), (.leaving, .stop),
            (.leaving, .timerRang):
            return []
        case (.leaving, .accepted), (.leaving, .refused):
            state = .over
            return []
        case (_, .stop):
            let unregisters = wasUp || state == .registered || state == .registering
            state = unregisters ? .leaving : .over
            return unregisters ? [.unregister] : []
        case (.idle, .start), (.waiting, .timerRang), (.registered, .timerRang):
            state = .registering
            isSilent = false
            return [.register]
        case (.registering, .accepted(let seconds)):
            return accept(seconds)
        case (.registering, .refused(let status, let retryAfter))
        where isEarly && wasUp && (Self.isVerdict(status) || retryAfter != nil):
            state = .registered
            isEarly = false
            isDueOnly = true
            let due = Self.refresh(granted)
            // However long it wants to be left alone: later than that the registration would be over.
            return [
                .wait(max(1_000, due.lowerBound - signOfLife)...max(1_000, due.upperBound - signOfLife)),
                .tellTooOften(status),
            ]
        case (.registering, .refused(let status, let retryAfter)):
            let isNews = wasUp || failures == 0 && !isSilent || lastRefusal != status
            state = .waiting
            noteLoss()
            wasUp = false
            lastRefusal = status
            failures = min(failures + 1, 1_000)
            return [.wait(delay(status, retryAfter))] + (isNews ? [.tellDown(status)] : [])
        case (.registering, .silent):
            let isNews = wasUp || failures == 0 && !isSilent
            isSilent = true
            noteLoss()
            wasUp = false
            lastRefusal = 408
            return isNews ? [.tellDown(0)] : []
        case (.registered, .lost):
            state = .registering
            isSilent = false
            wasUp = false
            return [.register, .tellDown(0)]
        case (.idle, .silent), (.registered, .silent), (.waiting, .silent), (.waiting, .lost), (.registering, .lost),
            (.idle, .lost), (.idle, .accepted), (.idle, .refused),
            (.idle, .timerRang), (.registering, .start), (.registering, .timerRang), (.registered, .start),
            (.registered, .accepted), (.registered, .refused), (.waiting, .start), (.waiting, .accepted),
            (.waiting, .refused):
            return []
        }
    }

    /// A provider that drops what comes too often looks as one that is away: after the third time it is asked when due.
    private mutating func noteLoss() {
        guard isEarly, wasUp else { return }
        earlySuccesses = 0
        earlyLosses += 1
        if earlyLosses >= Self.mostEarlyLosses { isDueOnly = true }
    }

    private mutating func accept(_ seconds: Int) -> [Action] {
        let isNews = !wasUp
        earlySuccesses = isEarly && wasUp ? min(earlySuccesses + 1, Self.enoughSuccesses) : 0
        if earlySuccesses == Self.enoughSuccesses { earlyLosses = 0 }
        state = .registered
        wasUp = true
        isSilent = false
        failures = 0
        lastRefusal = 0
        granted = seconds
        let due = Self.refresh(seconds)
        isEarly = signOfLife > 0 && !isDueOnly && signOfLife < due.upperBound
        let wait = isEarly ? max(1_000, signOfLife - signOfLife / 20)...max(1_000, signOfLife) : due
        return [.wait(wait)] + (isNews ? [.tellUp] : [])
    }

    /// Whether the provider was there and said no, which does not get better soon.
    package static func isVerdict(_ status: Int) -> Bool {
        switch status {
        case 408, 480, 430, 500...599: false
        default: true
        }
    }

    private func delay(_ status: Int, _ retryAfter: Int?) -> ClosedRange<Int> {
        if let retryAfter, retryAfter > 0 {
            let milliseconds = min(retryAfter, Self.longestRetryAfter) * 1_000
            return milliseconds...(milliseconds + 200)
        }
        guard Self.isVerdict(status) else {
            let most = [1_000, 2_000, 4_000][min(failures, 3) - 1]
            return max(1_000, most - most / 5)...most
        }
        let most = [60_000, 120_000, 300_000, 600_000][min(failures, 4) - 1]
        return (most - most / 10)...most
    }

    /// Early enough for a try or two before it is over.
    private static func refresh(_ seconds: Int) -> ClosedRange<Int> {
        let seconds = min(max(seconds, 2), 86_400)
        let margin = seconds > 120 ? max(30, seconds / 10) : max(1, seconds / 3)
        let most = (seconds - margin) * 1_000
        return max(1_000, most - most / 20)...max(1_000, most)
    }
}
