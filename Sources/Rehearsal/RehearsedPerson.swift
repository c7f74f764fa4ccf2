// SPDX-License-Identifier: Apache-2.0

import Telephony

/// What somebody on the telephone hears and does. A value: told what is heard, it says when it will act.
///
/// Types a group of digits when the words before it have ended: 700 ms after them, a digit every 250 ms; into music that has no end,
/// and after 10 s into words that come again and again. Hangs up after some seconds of silence when everything is typed.
struct RehearsedPerson {
    enum Action: Equatable {
        case type(Character)
        case hangUp
        /// A called one's telephone.
        case ring
        case answer
        case refuse
    }

    let leg: RehearsedLeg
    private var steps: [RehearsalPlan.Step]
    private var digits: [Character] = []
    private(set) var players: [PlayerID: String] = [:]
    private(set) var ports: Set<PortID> = []
    private(set) var isConnected = false
    private(set) var isGone = false
    private var hasHeard = false
    /// Since when something is being said, or was.
    private var speechSince: Int64
    /// Since when nothing is being said.
    private var quietSince: Int64
    /// When something had been said to its end for the first time since it typed.
    private var endedAt: Int64?
    /// It hears nothing but what has no end.
    private var hearsMusic = false
    private var nextAt: Int64?
    private var scheduled: [(at: Int64, action: Action)] = []
    private let silence: Int64?

    /// The caller; or one who is called, with the answer of the plan.
    init(_ leg: RehearsedLeg, steps: [RehearsalPlan.Step], silence: Int64?, now: Int64) {
        self.leg = leg
        self.steps = steps
        self.silence = silence
        quietSince = now
        speechSince = now
    }

    init(_ leg: RehearsedLeg, _ answer: RehearsalPlan.Answer, now: Int64) {
        self.init(leg, steps: [], silence: nil, now: now)
        scheduled = [(now + 200, .ring)]
        switch answer {
        case .answers(let wait, let digits):
            scheduled.append((now + 200 + wait, .answer))
            if !digits.isEmpty { steps = [.type(digits, isImpatient: false)] }
        case .busy: scheduled = [(now + 200, .refuse)]
        case .rings, .unknown: break
        }
    }

    mutating func connected(now: Int64) {
        isConnected = true
        quietSince = now
    }

    mutating func gone() {
        isGone = true
        scheduled = []
    }

    /// What came and what went, for the transcript.
    mutating func hears(
        _ players: [PlayerID: String], endless: Set<PlayerID>, _ ports: Set<PortID>, now: Int64
    ) -> (begun: [String], ended: Bool, ports: Set<PortID>?) {
        let begun = players.filter { self.players[$0.key] == nil }.sorted { $0.key.slot < $1.key.slot }.map(\.value)
        if !begun.isEmpty {
            hasHeard = true
            speechSince = now
        }
        let isOver = players.isEmpty && !self.players.isEmpty
        let isMusic = !players.isEmpty && players.keys.allSatisfy(endless.contains)
        if self.players.keys.contains(where: { players[$0] == nil }), endedAt == nil { endedAt = now }
        if isOver || (!players.isEmpty && !(isMusic && hearsMusic)) { quietSince = now }
        hearsMusic = isMusic
        let isOther = ports != self.ports
        self.players = players
        self.ports = ports
        return (begun, isOver, isOther ? ports : nil)
    }

    /// When it will act if nothing changes.
    var nextAction: Int64? {
        guard !isGone else { return nil }
        if let first = scheduled.map(\.at).min() { return first }
        if let nextAt { return nextAt }
        guard isConnected else { return nil }
        switch steps.first {
        case .type(_, true): return hasHeard ? speechSince + 200 : quietSince + 3000
        case .type(_, false):
            if players.isEmpty || hearsMusic { return quietSince + (hasHeard ? 700 : 3000) }
            return endedAt.map { $0 + Self.patience }
        case .wait(let milliseconds): return quietSince + milliseconds
        case nil: return players.isEmpty ? silence.map { quietSince + $0 } : nil
        }
    }

    private static let patience: Int64 = 10_000

    /// What it does now.
    mutating func act(now: Int64) -> Action? {
        guard let due = nextAction, due <= now else { return nil }
        if let index = scheduled.indices.min(by: { scheduled[$0].at < scheduled[$1].at }) {
            return scheduled.remove(at: index).action
        }
        if digits.isEmpty {
            guard !steps.isEmpty else {
                isGone = true
                return .hangUp
            }
            switch steps.removeFirst() {
            case .type(let text, _): digits = Array(text)
            case .wait:
                quietSince = now
                hasHeard = true
                return nil
            }
        }
        guard !digits.isEmpty else { return nil }
        let digit = digits.removeFirst()
        if digits.isEmpty {
            nextAt = nil
            hasHeard = false
            endedAt = nil
            quietSince = now
        } else {
            nextAt = now + 250
        }
        return .type(digit)
    }
}
