// SPDX-License-Identifier: Apache-2.0
// Device Class Definition for HID 1.11, section 6.2.2 (report descriptor).

/// A usage of a HID device: the page in the upper 16 bits, the number in the lower ones.
struct HIDUsage: RawRepresentable, Sendable, Hashable, BitwiseCopyable {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }
    init(page: UInt16, _ number: UInt16) { rawValue = UInt32(page) << 16 | UInt32(number) }

    var page: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 16) }
    var number: UInt16 { UInt16(truncatingIfNeeded: rawValue) }
}

/// A run of equal items in the reports of a device: `count` values of `bitSize` bits each.
struct HIDField: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case input
        case output
        case feature
    }

    var kind: Kind
    /// 0: the device does not number its reports.
    var reportID: UInt8
    /// From the first bit behind the report's number.
    var bitOffset: Int
    /// 1 to 32.
    var bitSize: Int
    var count: Int
    /// The values are indices of usages ("these are pressed now") instead of one value for each usage.
    var isArray: Bool
    /// A change ("pressed once more") instead of a state.
    var isRelative: Bool
    var isConstant: Bool
    var logicalMinimum: Int
    var logicalMaximum: Int
    /// In the order of the descriptor; whole ranges, since a range can have 65536 members.
    var usages: [ClosedRange<UInt32>]
    /// Of the outermost collection.
    var application: HIDUsage

    /// The usage of the item at this index; beyond the end the last one is repeated. Nil where there is none.
    func usage(at index: Int) -> HIDUsage? {
        guard index >= 0 else { return nil }
        var left = index
        for range in usages {
            let length = Int(range.upperBound - range.lowerBound) + 1
            if left < length { return HIDUsage(rawValue: range.lowerBound + UInt32(left)) }
            left -= length
        }
        return isArray ? nil : usages.last.map { HIDUsage(rawValue: $0.upperBound) }
    }

    func contains(_ usage: HIDUsage) -> Bool { usages.contains { $0.contains(usage.rawValue) } }

    /// The raw bits of the item at `index` in a report's body (without its number); nil when the report is too short.
    func bits(at index: Int, in body: ArraySlice<UInt8>) -> UInt32? {
        guard index >= 0, index < count else { return nil }
        let start = bitOffset + index * bitSize
        guard start + bitSize <= body.count * 8 else { return nil }
        var value: UInt32 = 0
        for bit in 0..<bitSize {
            let position = start + bit
            if body[body.startIndex + position / 8] >> UInt8(position % 8) & 1 != 0 { value |= 1 << UInt32(bit) }
        }
        return value
    }

    /// The same as a number: signed where the logical minimum is.
    func value(at index: Int, in body: ArraySlice<UInt8>) -> Int? {
        bits(at: index, in: body).map { raw in
            guard logicalMinimum < 0, bitSize < 32, raw >> UInt32(bitSize - 1) & 1 != 0 else {
                return logicalMinimum < 0 ? Int(Int32(bitPattern: raw)) : Int(raw)
            }
            return Int(raw) - (1 << bitSize)
        }
    }
}
