// SPDX-License-Identifier: Apache-2.0
import Telephony
import Testing

@testable import Lines

/// Report descriptors of telephones, written for these tests by the usage tables.
enum Descriptors {
    /// A desk phone: report 1 = hook, mute, keypad as an array of four bits; report 2 out = off-hook, ring and mute lamps.
    static let deskPhone: [UInt8] = [
        0x05, 0x0B, 0x09, 0x01, 0xA1, 0x01, 0x85, 0x01, 0x09, 0x20, 0x09, 0x2F, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01,
        0x95,
        0x02, 0x81, 0x22, 0x95, 0x02, 0x81, 0x01, 0x09, 0x06, 0xA1, 0x02, 0x19, 0xB0, 0x29, 0xBB, 0x15, 0x00, 0x25,
        0x0B,
        0x75, 0x04, 0x95, 0x01, 0x81, 0x40, 0xC0, 0x05, 0x08, 0x85, 0x02, 0x09, 0x17, 0x09, 0x18, 0x09, 0x09, 0x15,
        0x00,
        0x25, 0x01, 0x75, 0x01, 0x95, 0x03, 0x91, 0x22, 0x75, 0x05, 0x95, 0x01, 0x91, 0x01, 0xC0,
    ]
    /// A headset: unnumbered, hook relative, flash, drop; one output report of off-hook and ring lamp.
    static let headset: [UInt8] = [
        0x05, 0x0B, 0x09, 0x05, 0xA1, 0x01, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x01, 0x09, 0x20, 0x81, 0x06,
        0x09,
        0x21, 0x81, 0x02, 0x09, 0x26, 0x81, 0x02, 0x95, 0x05, 0x81, 0x03, 0x05, 0x08, 0x95, 0x01, 0x09, 0x17, 0x91,
        0x02,
        0x09, 0x18, 0x91, 0x02, 0x95, 0x06, 0x91, 0x03, 0xC0,
    ]
    static let mouse: [UInt8] = [
        0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x01, 0xA1, 0x00, 0x05, 0x09, 0x19, 0x01, 0x29, 0x03, 0x15, 0x00,
        0x25,
        0x01, 0x95, 0x03, 0x75, 0x01, 0x81, 0x02, 0x95, 0x01, 0x75, 0x05, 0x81, 0x01, 0x05, 0x01, 0x09, 0x30, 0x09,
        0x31,
        0x15, 0x81, 0x25, 0x7F, 0x75, 0x08, 0x95, 0x02, 0x81, 0x06, 0xC0, 0xC0,
    ]
}

@Suite struct HIDDescriptorTests {
    @Test func `a desk phone's fields have their bits, reports and collections`() throws {
        let descriptor = try HIDDescriptor(parsing: Descriptors.deskPhone)
        #expect(descriptor.isNumbered && descriptor.applications == [HIDUsage(page: 0x0B, 1)])
        #expect(descriptor.byteCount(of: .input, reportID: 1) == 1)
        #expect(descriptor.byteCount(of: .output, reportID: 2) == 1)
        let keypad = try #require(descriptor.fields.first { $0.isArray })
        #expect(keypad.bitOffset == 4 && keypad.bitSize == 4 && keypad.logicalMaximum == 11)
        #expect(keypad.usage(at: 11) == HIDUsage(page: 0x0B, 0xBB) && keypad.usage(at: 12) == nil)
    }

    @Test func `signed values, wrapped maxima, push and pop are read as HID 1_11 has them`() throws {
        let mouse = try HIDDescriptor(parsing: Descriptors.mouse)
        let axes = try #require(mouse.fields.last)
        #expect(axes.isRelative && axes.logicalMinimum == -127 && axes.logicalMaximum == 127)
        #expect(axes.value(at: 0, in: [0, 0xFF, 0x7F][...]) == -1)
        #expect(axes.value(at: 1, in: [0, 0xFF, 0x7F][...]) == 127)
        #expect(axes.value(at: 1, in: [0, 0xFF][...]) == nil)
        // Maximum 255 in one byte; push, another size, pop.
        let bytes: [UInt8] = [
            0x05, 0x0B, 0x15, 0, 0x25, 0xFF, 0x75, 8, 0x95, 1, 0xA4, 0x75, 1, 0xB4, 0x09, 0x20, 0x81, 2,
        ]
        let field = try #require(try HIDDescriptor(parsing: bytes).fields.first)
        #expect(field.logicalMaximum == 255 && field.bitSize == 8)
    }

    @Test(
        arguments: [
            ([0xC0], "byte 0: a collection ends that was not begun"),
            ([0x05], "byte 0: an item is cut off"),
            ([0x05, 0x0B, 0x27, 1, 2], "byte 2: an item is cut off"),
            ([0xB4], "byte 0: a pop without a push"),
            ([0x85, 0], "byte 0: report number 0"),
            ([0x29, 3], "byte 0: a usage maximum without its minimum"),
            ([0x19, 9, 0x29, 3], "byte 2: a usage range that ends before it begins"),
            ([0xFE, 200], "byte 0: a long item is cut off"),
            ([0x97, 0xFF, 0xFF, 0xFF, 0xFF], "byte 0: 4294967295 items in a field"),
            ([0x77, 0xFF, 0xFF, 0xFF, 0x7F], "byte 0: items of 2147483647 bits"),
        ] as [([UInt8], String)])
    func `nonsense is refused with its place`(bytes: [UInt8], words: String) {
        do {
            _ = try HIDDescriptor(parsing: bytes)
            Issue.record("accepted")
        } catch {
            #expect("\(error)" == "report descriptor, \(words)")
        }
    }

    @Test func `collections, pushes, fields and reports have limits`() {
        #expect(throws: HIDDescriptor.Fault.self) {
            try HIDDescriptor(parsing: Array(repeating: [0xA1, 1], count: 40).flatMap { $0 })
        }
        #expect(throws: HIDDescriptor.Fault.self) { try HIDDescriptor(parsing: Array(repeating: 0xA4, count: 9)) }
        let field: [UInt8] = [0x09, 0x20, 0x81, 2]
        #expect(throws: HIDDescriptor.Fault.self) {
            try HIDDescriptor(parsing: [0x75, 1, 0x95, 1] + Array(repeating: field, count: 600).flatMap { $0 })
        }
        #expect(throws: HIDDescriptor.Fault.self) {
            try HIDDescriptor(parsing: [0x75, 32, 0x96, 0, 0x30] + field + field)
        }
        #expect(throws: HIDDescriptor.Fault.self) { try HIDDescriptor(parsing: [UInt8](repeating: 0, count: 4_097)) }
    }

    /// Mutated and random descriptors, and random reports against what came of them: no trap, no hang, bounded answers.
    @Test func `a hundred thousand broken descriptors and their reports end without a trap`() {
        var random = SeededNumbers(seed: 0x0B20)
        let seeds = [Descriptors.deskPhone, Descriptors.headset, Descriptors.mouse]
        var parsed = 0
        var telephones = 0
        for round in 0..<100_000 {
            var bytes =
                round % 5 == 0
                ? (0..<Int(random.next() % 64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                : seeds[round % 3]
            for _ in 0..<(1 + random.next() % 4) where !bytes.isEmpty {
                let at = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: at)
                default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
                }
            }
            guard let descriptor = try? HIDDescriptor(parsing: bytes) else { continue }
            parsed += 1
            guard var panel = TelephonyPanel(descriptor) else { continue }
            telephones += 1
            for _ in 0..<4 {
                let report = (0..<Int(random.next() % 12)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                #expect(panel.take(report, now: Int64(round)).count <= 512)
            }
            for lamp in LineLamp.allCases { _ = panel.reports(for: .lamp(lamp, true)) }
            _ = panel.reports(for: .bell(true))
        }
        #expect(parsed > 20_000 && telephones > 10_000)
    }
}

/// Splitmix64: the same numbers in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
