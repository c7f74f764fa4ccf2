// SPDX-License-Identifier: Apache-2.0
// TIA-464, ETSI ES 201 970 section 6 (recall, on-hook recognition): a short on-hook is a flash, a longer one clears.

/// What the raw hook switch of a telephone means: lifted, flashed, hung up. Pure; milliseconds of the owner's clock.
///
///     on-hook --raw off--> lifting --30 ms--> off-hook --raw on--> dropping --longer than a flash--> on-hook
///                                                 ^------- raw off within the flash window: flash -------|
///
/// A handset that is off-hook when the line is first seen (or comes back) means nothing until it has been on-hook: a box
/// that restarts must not give dial tone to a receiver that lies beside its telephone.
package struct HookStateMachine: Sendable {
    package enum Event: Sendable, Equatable {
        case lifted
        case flashed
        case hungUp
    }

    package struct Timing: Sendable, Equatable {
        /// An off-hook shorter than this is a bounce.
        package var liftMilliseconds: Int64
        /// An on-hook this long, and no longer, is a flash; shorter is a bounce, longer has hung up.
        package var flashMilliseconds: ClosedRange<Int64>

        package init(liftMilliseconds: Int64, flashMilliseconds: ClosedRange<Int64>) {
            self.liftMilliseconds = liftMilliseconds
            self.flashMilliseconds = flashMilliseconds
        }

        /// Takes both the short recall of European telephones and the long one of American.
        package static let standard = Timing(liftMilliseconds: 30, flashMilliseconds: 50...600)
    }

    private enum State: Sendable {
        /// Off-hook since before we looked.
        case ignored
        case onHook
        case lifting(since: Int64)
        case offHook
        case dropping(since: Int64)
    }

    private let timing: Timing
    private var state: State

    /// `isOffHook`: the switch as it is now.
    package init(isOffHook: Bool, timing: Timing) {
        self.timing = timing
        state = isOffHook ? .ignored : .onHook
    }

    /// As the outside sees it: lifted and not hung up again.
    package var isOffHook: Bool {
        switch state {
        case .offHook, .dropping: true
        case .ignored, .onHook, .lifting: false
        }
    }

    /// Off-hook, but ignored until it has been on-hook.
    package var isIgnoring: Bool { if case .ignored = state { true } else { false } }

    /// When `expire` has something to decide.
    package var deadline: Int64? {
        switch state {
        case .lifting(let since): since &+ timing.liftMilliseconds
        case .dropping(let since): since &+ timing.flashMilliseconds.upperBound &+ 1
        case .ignored, .onHook, .offHook: nil
        }
    }

    /// The switch is so now. An event that the time since has decided comes first, so up to two come of one call.
    package mutating func raw(isOffHook: Bool, now: Int64) -> [Event] {
        var events = expire(now: now).map { [$0] } ?? []
        switch (state, isOffHook) {
        case (.ignored, false): state = .onHook
        case (.onHook, true):
            state = .lifting(since: now)
            if let event = expire(now: now) { events.append(event) }
        case (.lifting, false): state = .onHook
        case (.offHook, false): state = .dropping(since: now)
        case (.dropping(let since), true):
            state = .offHook
            if now &- since >= timing.flashMilliseconds.lowerBound { events.append(.flashed) }
        case (.ignored, true), (.onHook, false), (.lifting, true), (.offHook, true), (.dropping, false): break
        }
        return events
    }

    package mutating func expire(now: Int64) -> Event? {
        guard let deadline, now >= deadline else { return nil }
        switch state {
        case .lifting:
            state = .offHook
            return .lifted
        case .dropping:
            state = .onHook
            return .hungUp
        case .ignored, .onHook, .offHook: return nil
        }
    }
}
