// SPDX-License-Identifier: Apache-2.0

import Telephony

/// What a magicJack's reports say. Pure. All reports have the number 0 in front.
struct TigerJetState: Sendable {
    struct Reading: Sendable, Hashable {
        var isOffHook: Bool
        /// 1 to 10: digits 0 to 9; 11: star; 12: pound; nil: no key.
        var key: UInt8?
    }

    static let reportLength = 65
    static let silverLength = 33

    private(set) var isOffHook: Bool
    private var key: UInt8?
    private var filter = KeyPressFilter<UInt8>()

    init(isOffHook: Bool) { self.isOffHook = isOffHook }

    /// An input report: key, then 0x80 when off-hook.
    mutating func take(_ report: [UInt8], now: Int64) -> [LineSignal] {
        guard report.count >= 2 else { return [] }
        return change(
            to: Reading(isOffHook: report[1] & 0x80 != 0, key: report[0] == 0 ? nil : report[0]), now: now)
    }

    mutating func change(to reading: Reading, now: Int64) -> [LineSignal] {
        var signals: [LineSignal] = []
        if reading.isOffHook != isOffHook {
            isOffHook = reading.isOffHook
            signals.append(.hook(isOffHook: isOffHook))
        }
        if reading.key != key {
            key = reading.key
            if let key, let digit = Self.digit(key), filter.isNew(key, now: now) { signals.append(.key(digit)) }
        }
        return signals
    }

    private static func digit(_ key: UInt8) -> DTMFDigit? {
        switch key {
        case 1...10: DTMFDigit(rawValue: key - 1)
        case 11: .star
        case 12: .pound
        default: nil
        }
    }

    /// The state of newer sticks.
    static func feature(_ report: [UInt8]) -> Reading? {
        guard report.count >= 25 else { return nil }
        return Reading(isOffHook: report[24] & 0x80 != 0, key: nil)
    }

    /// The state of the first sticks: a key that is down is its number plus 192, zero as 10.
    static func silver(_ report: [UInt8]) -> Reading? {
        guard report.count >= 23 else { return nil }
        var key: UInt8?
        if report[22] & 0xC0 == 0xC0 {
            let code = report[22] & 0x3F
            key = code == 10 ? 1 : code > 10 ? code : code + 1
        }
        return Reading(isOffHook: report[10] == 0x80, key: key)
    }

    static func ringing(_ on: Bool) -> [UInt8] { padded([0, 0x20, 0, 0, 1, 1, on ? 3 : 0], reportLength) }
    static func silverRinging(_ on: Bool) -> [UInt8] { padded([0, 4, 0x3D, 0x20, 1, on ? 0x30 : 0], silverLength) }
    static let silverThreshold = padded([0, 4, 0x2F, 0x40, 1, 0x14], silverLength)
    static let silverReset = padded([0, 4], silverLength)

    private static func padded(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: max(0, length - bytes.count))
    }
}
