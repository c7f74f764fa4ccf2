// SPDX-License-Identifier: Apache-2.0
// HID Usage Tables 1.3, chapter 14 (telephony); HID 1.11 section 6.2.2.5 (arrays, relative items).

import Telephony

/// What a telephone's reports mean, and what its lamps are told. Pure: reports in, signals out; lamps in, reports out.
///
/// A hook switch that is *absolute* tells where it is (1: off-hook); a *relative* one tells that it was pressed. Keys and
/// buttons count once, when they go down.
struct TelephonyPanel: Sendable {
    private let inputs: [HIDField]
    private let outputs: [HIDField]
    private let descriptor: HIDDescriptor
    /// Usages that are on, by field.
    private var pressed: [Set<HIDUsage>]
    private var lit: Set<HIDUsage> = []
    private let hasHook: Bool
    /// Of a relative hook: when it was last pressed, for devices that send no release.
    private var lastHookPress: Int64?

    /// A field with more items than this is no keypad.
    private static let mostItems = 256
    private static let samePressMilliseconds: Int64 = 80

    /// Nil: nothing in this descriptor is a telephone's.
    init?(_ descriptor: HIDDescriptor) {
        self.descriptor = descriptor
        inputs = descriptor.fields.filter { field in
            field.kind == .input && field.count <= Self.mostItems
                && field.usages.contains { $0.upperBound >> 16 == UInt32(TelephonyUsage.page) }
        }
        outputs = descriptor.fields.filter { field in
            field.kind == .output && field.count <= Self.mostItems && !field.isArray
        }
        pressed = Array(repeating: [], count: inputs.count)
        hasHook = inputs.contains { $0.contains(TelephonyUsage.hookSwitch) }
        guard !inputs.isEmpty else { return nil }
    }

    /// One report as the device sent it, its number first where it numbers them.
    mutating func take(_ report: [UInt8], now: Int64) -> [LineSignal] {
        var number: UInt8 = 0
        var body = report[...]
        if descriptor.isNumbered {
            guard let first = body.popFirst() else { return [] }
            number = first
        }
        var signals: [LineSignal] = []
        for (index, field) in inputs.enumerated() where field.reportID == number {
            guard let on = Self.active(field, in: body) else { continue }
            let before = pressed[index]
            pressed[index] = on
            for usage in on.subtracting(before).sorted(by: { $0.rawValue < $1.rawValue }) {
                if let signal = went(usage, down: true, field, now: now) { signals.append(signal) }
            }
            for usage in before.subtracting(on) where usage == TelephonyUsage.hookSwitch && !field.isRelative {
                signals.append(.hook(isOffHook: false))
            }
            // A relative hook that is still 1 was pressed again: its device sends no release.
            if field.isRelative, before.contains(TelephonyUsage.hookSwitch), on.contains(TelephonyUsage.hookSwitch),
                let signal = went(TelephonyUsage.hookSwitch, down: true, field, now: now)
            {
                signals.append(signal)
            }
        }
        return signals
    }

    /// Nil when the report is too short for the field.
    private static func active(_ field: HIDField, in body: ArraySlice<UInt8>) -> Set<HIDUsage>? {
        var on: Set<HIDUsage> = []
        for index in 0..<field.count {
            guard let value = field.value(at: index, in: body) else { return nil }
            if field.isArray {
                // Outside of the range: no key.
                guard value >= field.logicalMinimum, value <= field.logicalMaximum,
                    let usage = field.usage(at: value - field.logicalMinimum), usage.number != 0
                else { continue }
                on.insert(usage)
            } else if value != 0, let usage = field.usage(at: index) {
                on.insert(usage)
            }
        }
        return on
    }

    private mutating func went(_ usage: HIDUsage, down: Bool, _ field: HIDField, now: Int64) -> LineSignal? {
        switch usage {
        case TelephonyUsage.hookSwitch where !field.isRelative: return .hook(isOffHook: down)
        case TelephonyUsage.hookSwitch,
            TelephonyUsage.speakerPhone where !hasHook:
            if let last = lastHookPress, now &- last < Self.samePressMilliseconds { return nil }
            lastHookPress = now
            return .hookButton
        case TelephonyUsage.flash: return .flashKey
        case TelephonyUsage.drop: return .hookKey(lifts: false)
        case TelephonyUsage.phoneMute: return .muteButton
        case _ where TelephonyUsage.keys.contains(usage.rawValue):
            return DTMFDigit(rawValue: UInt8(usage.rawValue - TelephonyUsage.keys.lowerBound)).map { .key($0) }
        default: return nil
        }
    }

    // MARK: - Lamps

    var hasBell: Bool { has(TelephonyUsage.ledRing) || has(TelephonyUsage.ringer) }

    private func has(_ usage: HIDUsage) -> Bool { outputs.contains { $0.contains(usage) } }

    /// The reports to write for an order, each with its number in front (0 where they are not numbered); none where the
    /// device has nothing for it.
    mutating func reports(for order: LineOrder) -> [[UInt8]] {
        switch order {
        case .bell(let on): set([TelephonyUsage.ledRing, TelephonyUsage.ringer], on)
        case .lamp(.offHook, let on): set([TelephonyUsage.ledOffHook], on)
        case .lamp(.mute, let on): set([TelephonyUsage.ledMute, TelephonyUsage.ledMicrophone], on)
        case .lamp(.hold, let on): set([TelephonyUsage.ledHold], on)
        case .lamp(.messageWaiting, let on): set([TelephonyUsage.ledMessageWaiting], on)
        case .seize, .flash, .display: []
        }
    }

    private mutating func set(_ usages: [HIDUsage], _ on: Bool) -> [[UInt8]] {
        let known = usages.filter(has)
        for usage in known { if on { lit.insert(usage) } else { lit.remove(usage) } }
        let numbers = Set(outputs.filter { field in known.contains { field.contains($0) } }.map(\.reportID))
        return numbers.sorted().map(report)
    }

    private func report(_ number: UInt8) -> [UInt8] {
        var body = [UInt8](repeating: 0, count: descriptor.byteCount(of: .output, reportID: number))
        for field in outputs where field.reportID == number {
            for index in 0..<field.count {
                guard let usage = field.usage(at: index), lit.contains(usage) else { continue }
                let position = field.bitOffset + index * field.bitSize
                guard position / 8 < body.count else { continue }
                body[position / 8] |= 1 << UInt8(position % 8)
            }
        }
        return [number] + body
    }
}
