// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 16.7 (which of several answers counts), seen from the one who calls.

package import Telephony

/// One call that tries several places: all of a group at once, and the next group when the one before cannot be reached.
/// A phone that is registered in three places is one group of three; three trunks are three groups of one. Pure.
///
///     group 1: [desk, cordless, softphone]  --nobody can be reached-->  group 2: [...]  -->  told
package struct Hunt: Sendable {
    package enum Input: Sendable, Hashable {
        case ringing, earlyMedia, answered
        /// It sends us elsewhere (3xx), and ends.
        case redirected
        case ended(HangupCause)
    }

    package enum Action: Sendable, Hashable {
        /// Call these branches, by their number in all.
        case call([Int])
        case cancel(Int)
        case tellRinging
        /// Only a branch that is alone may be heard before the answer.
        case tellEarlyMedia(Int)
        case tellAnswered(Int)
        /// Nobody of its group can be reached, and this branch named other places: the end follows.
        case tellRedirected(Int)
        case tellHungUp(HangupCause)
    }

    private let groups: [[Int]]
    /// Everybody is asked, whatever those before have said.
    private let isEmergency: Bool
    private var group = -1
    private var open: Set<Int> = []
    private var best: HangupCause?
    private var hasRung = false
    /// The branch of this group that sent us elsewhere first.
    private var redirection: Int?
    package private(set) var winner: Int?
    package private(set) var isOver = false

    /// - Parameter sizes: how many there are in each group.
    package init(sizes: [Int], isEmergency: Bool = false) {
        self.isEmergency = isEmergency
        var next = 0
        groups = sizes.filter { $0 > 0 }.map { size in
            defer { next += size }
            return Array(next..<next + size)
        }
    }

    /// - Parameter cause: told when there is nobody to call.
    package mutating func start(orElse cause: HangupCause) -> [Action] {
        best = cause
        return nextGroup()
    }

    package mutating func take(_ input: Input, from branch: Int) -> [Action] {
        guard !isOver, winner == nil || winner == branch else { return [] }
        switch input {
        case .ringing:
            guard open.contains(branch), !hasRung, winner == nil else { return [] }
            hasRung = true
            return [.tellRinging]
        case .earlyMedia:
            guard open == [branch], winner == nil, groups.indices.contains(group), groups[group].count == 1 else {
                return []
            }
            return [.tellEarlyMedia(branch)]
        case .answered:
            guard open.contains(branch), winner == nil else { return [] }
            winner = branch
            let others = open.filter { $0 != branch }.sorted()
            open = [branch]
            return others.map { .cancel($0) } + [.tellAnswered(branch)]
        case .redirected:
            guard open.contains(branch), winner == nil, !isEmergency else { return [] }
            if redirection == nil { redirection = branch }
            return []
        case .ended(let cause):
            guard open.remove(branch) != nil else { return [] }
            if winner == branch {
                isOver = true
                return [.tellHungUp(cause)]
            }
            best = Self.better(best, cause)
            guard open.isEmpty else { return [] }
            guard best?.isUnreachable ?? true || isEmergency && best != .normalClearing else { return finish() }
            // Where the others would not know better: the fence is asked about what it named.
            if let redirection { return [.tellRedirected(redirection)] + finish() }
            return nextGroup()
        }
    }

    /// Whoever called does not want any more.
    package mutating func giveUp(_ cause: HangupCause) -> [Action] {
        guard !isOver, winner == nil else { return [] }
        isOver = true
        let all = open.sorted()
        open = []
        return all.map { .cancel($0) } + [.tellHungUp(cause)]
    }

    private mutating func nextGroup() -> [Action] {
        group += 1
        guard groups.indices.contains(group) else { return finish() }
        open = Set(groups[group])
        if group > 0 { best = nil }
        return [.call(groups[group])]
    }

    private mutating func finish() -> [Action] {
        isOver = true
        return [.tellHungUp(best ?? .noRouteToDestination)]
    }

    /// Of two places, what tells more about the person.
    private static func better(_ one: HangupCause?, _ other: HangupCause) -> HangupCause {
        guard let one else { return other }
        let order: [HangupCause] = [.userBusy, .callRejected, .noAnswer, .normalClearing]
        for cause in order where one == cause || other == cause { return cause }
        return one.isUnreachable ? other : one
    }
}
