// SPDX-License-Identifier: Apache-2.0
// TIA-464, ETSI ES 201 970 section 6 (recall, on-hook recognition): a short on-hook is a flash, a longer one clears; dial
// pulses (10 a second, 60 ms break and 40 ms make, at least 250 ms between digits) are shorter still.

/// What the raw hook switch of a telephone means: lifted, flashed, hung up, and (a rotary dial) digits. Pure; milliseconds of the
/// owner's clock.
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
        /// By pulses.
        case dialled(DTMFDigit)
    }

    package struct Timing: Sendable, Equatable {
        /// An off-hook shorter than this is a bounce.
        package var liftMilliseconds: Int64
        /// An on-hook this long, and no longer, is a flash; shorter is a bounce, longer has hung up.
        package var flashMilliseconds: ClosedRange<Int64>

        /// An on-hook this long is a pulse of a rotary dial; nil: there is none on this line.
        package var pulseMilliseconds: ClosedRange<Int64>?

        package init(
            liftMilliseconds: Int64, flashMilliseconds: ClosedRange<Int64>, pulseMilliseconds: ClosedRange<Int64>? = nil
        ) {
            self.liftMilliseconds = liftMilliseconds
            self.flashMilliseconds = flashMilliseconds
            self.pulseMilliseconds = pulseMilliseconds
        }

        /// Takes both the short recall of European telephones and the long one of American.
        package static let standard = Timing(liftMilliseconds: 30, flashMilliseconds: 50...600)

        /// For a rotary telephone: what was a short recall is a pulse now, so a recall is longer.
        package var withPulses: Timing {
            Timing(
                liftMilliseconds: liftMilliseconds, flashMilliseconds: 130...max(600, flashMilliseconds.upperBound),
                pulseMilliseconds: 15...120)
        }
    }

    /// A digit is complete after so long off-hook.
    private static let digitMilliseconds: Int64 = 200

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
    /// Of the digit that is being dialled, and when the last one ended.
    private var pulses = 0
    private var lastPulse: Int64 = 0

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
        case .offHook: pulses > 0 ? lastPulse &+ Self.digitMilliseconds : nil
        case .ignored, .onHook: nil
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
            if timing.pulseMilliseconds?.contains(now &- since) == true {
                pulses += 1
                lastPulse = now
            } else if now &- since >= timing.flashMilliseconds.lowerBound {
                events.append(.flashed)
            }
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
            pulses = 0
            return .hungUp
        case .offHook:
            let count = pulses
            pulses = 0
            // Ten are a zero; more is somebody who plays with the hook.
            return count > 10 ? nil : DTMFDigit(rawValue: UInt8(count % 10)).map { .dialled($0) }
        case .ignored, .onHook: return nil
        }
    }
}
