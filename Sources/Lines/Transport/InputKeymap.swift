// SPDX-License-Identifier: Apache-2.0
// Linux input event codes (linux/input-event-codes.h), as the drivers cm109 and yealink use them.

import Telephony

/// What the keys of a telephone that looks like a keyboard mean. Pure.
struct InputKeymap: Sendable {
    static let keyEvent: UInt16 = 1
    static let soundEvent: UInt16 = 0x12
    static let bell: UInt16 = 1
    /// The hook switch of boxes that have one.
    static let phone: UInt16 = 169

    private static let leftShift: UInt16 = 42
    private static let enter: UInt16 = 28
    private static let escape: UInt16 = 1
    private static let numeric: ClosedRange<UInt16> = 0x200...0x20B
    private static let row: ClosedRange<UInt16> = 2...11
    private static let asterisk: UInt16 = 55
    private static let mutes: Set<UInt16> = [113, 248]
    private static let pickUp: UInt16 = 0x1BD
    private static let hangUp: UInt16 = 0x1BE

    /// The device has a hook switch: its green and red keys are keys only.
    let hasHookSwitch: Bool
    private var isShifted = false
    private var filter = KeyPressFilter<UInt16>()

    init(hasHookSwitch: Bool) { self.hasHookSwitch = hasHookSwitch }

    /// A key went down (1) or up (0); repeats (2) mean nothing.
    mutating func take(code: UInt16, value: Int32, now: Int64) -> LineSignal? {
        if code == Self.phone { return value == 2 ? nil : .hook(isOffHook: value != 0) }
        if code == Self.leftShift {
            isShifted = value != 0
            return nil
        }
        guard value == 1, let signal = meaning(of: code), filter.isNew(code, now: now) else { return nil }
        return signal
    }

    private func meaning(of code: UInt16) -> LineSignal? {
        switch code {
        case Self.numeric: return DTMFDigit(rawValue: UInt8(code - Self.numeric.lowerBound)).map { .key($0) }
        case Self.row:
            // 1 to 9, then 0; '#' comes as shift and 3.
            if isShifted, code == 4 { return .key(.pound) }
            return DTMFDigit(rawValue: UInt8((code - 1) % 10)).map { .key($0) }
        case Self.asterisk: return .key(.star)
        case Self.enter: return hasHookSwitch ? nil : .hookKey(lifts: true)
        case Self.escape: return hasHookSwitch ? nil : .hookKey(lifts: false)
        case Self.pickUp: return .hookKey(lifts: true)
        case Self.hangUp: return .hookKey(lifts: false)
        case _ where Self.mutes.contains(code): return .muteButton
        default: return nil
        }
    }
}
