// SPDX-License-Identifier: Apache-2.0
// Device Class Definition for HID 1.11, section 6.2.2: main, global and local items, short and long. Not kept: units,
// physical ranges, designators, strings, delimited alternatives (the first alternative counts).

/// What a HID device says its reports consist of. Parsing ends on any bytes, never traps, and takes at most `maximumFields`
/// fields; what makes no sense ends it with an error that names the byte.
struct HIDDescriptor: Sendable, Hashable {
    struct Fault: Error, Hashable, CustomStringConvertible {
        var offset: Int
        var words: String
        var description: String { "report descriptor, byte \(offset): \(words)" }
    }

    /// What the kernel takes as well.
    static let maximumBytes = 4_096
    static let maximumFields = 512
    private static let maximumUsages = 1_024
    private static let maximumDepth = 32
    /// Of one report, in bits (the kernel's limit is 16384 bytes).
    private static let maximumBits = 16_384 * 8

    private(set) var fields: [HIDField] = []
    /// Usages of the outermost collections.
    private(set) var applications: [HIDUsage] = []
    private(set) var isNumbered = false
    private var lengths: [Key: Int] = [:]

    private struct Key: Hashable, Sendable {
        var kind: HIDField.Kind
        var reportID: UInt8
    }

    /// Bytes of a report without its number.
    func byteCount(of kind: HIDField.Kind, reportID: UInt8) -> Int {
        ((lengths[Key(kind: kind, reportID: reportID)] ?? 0) + 7) / 8
    }

    init(parsing bytes: [UInt8]) throws(Fault) {
        guard bytes.count <= Self.maximumBytes else {
            throw Fault(offset: Self.maximumBytes, words: "longer than \(Self.maximumBytes) bytes")
        }
        var parser = Parser()
        var offset = 0
        while offset < bytes.count {
            let prefix = bytes[offset]
            if prefix == 0xFE {
                // A long item: its length follows; none is defined.
                guard offset + 2 < bytes.count else { throw Fault(offset: offset, words: "a long item is cut off") }
                offset += 3 + Int(bytes[offset + 1])
                continue
            }
            let size = prefix & 3 == 3 ? 4 : Int(prefix & 3)
            guard offset + size < bytes.count else { throw Fault(offset: offset, words: "an item is cut off") }
            var data: UInt32 = 0
            for index in 0..<size { data |= UInt32(bytes[offset + 1 + index]) << UInt32(8 * index) }
            if let words = parser.take(tag: prefix & 0xFC, data: data, size: size, into: &self) {
                throw Fault(offset: offset, words: words)
            }
            offset += 1 + size
        }
    }

    private struct Globals {
        var page: UInt32 = 0
        var logicalMinimum = 0
        var logicalMaximum = 0
        /// As unsigned: a maximum of 255 in one byte reads as -1.
        var logicalMaximumUnsigned = 0
        var bitSize = 0
        var count = 0
        var reportID: UInt8 = 0
    }

    private struct Parser {
        var globals = Globals()
        var stack: [Globals] = []
        var usages: [ClosedRange<UInt32>] = []
        var minimum: UInt32?
        var depth = 0
        var application = HIDUsage(rawValue: 0)
        var delimiter = 0

        /// One item; what is wrong with it, or nil.
        mutating func take(tag: UInt8, data: UInt32, size: Int, into descriptor: inout HIDDescriptor) -> String? {
            switch tag {
            case 0x80: return add(.input, flags: data, into: &descriptor)
            case 0x90: return add(.output, flags: data, into: &descriptor)
            case 0xB0: return add(.feature, flags: data, into: &descriptor)
            case 0xA0: return openCollection(into: &descriptor)
            case 0xC0:
                guard depth > 0 else { return "a collection ends that was not begun" }
                depth -= 1
                forgetLocals()
            case 0x04: globals.page = data & 0xFFFF
            case 0x14: globals.logicalMinimum = Self.signed(data, size)
            case 0x24:
                globals.logicalMaximum = Self.signed(data, size)
                globals.logicalMaximumUnsigned = Int(data)
            case 0x74:
                guard data <= 32 else { return takeWideItems(data) }
                globals.bitSize = Int(data)
            case 0x94:
                guard data <= 12_288 else { return "\(data) items in a field" }
                globals.count = Int(data)
            case 0x84:
                guard data > 0, data < 256 else { return "report number \(data)" }
                globals.reportID = UInt8(data)
                descriptor.isNumbered = true
            case 0xA4:
                guard stack.count < 8 else { return "more than 8 pushes" }
                stack.append(globals)
            case 0xB4:
                guard let last = stack.popLast() else { return "a pop without a push" }
                globals = last
            case 0x08, 0x18, 0x28: return takeUsage(tag, data, size)
            case 0xA8: delimiter = data == 1 ? 1 : 0
            default: break
            }
            return nil
        }

        /// Items of more than 32 bits (vendors' buffers) are kept as bytes.
        private mutating func takeWideItems(_ bits: UInt32) -> String? {
            guard bits <= 2_048 else { return "items of \(bits) bits" }
            globals.bitSize = Int(bits)
            return nil
        }

        private static func signed(_ data: UInt32, _ size: Int) -> Int {
            switch size {
            case 1: Int(Int8(truncatingIfNeeded: data))
            case 2: Int(Int16(truncatingIfNeeded: data))
            default: Int(Int32(bitPattern: data))
            }
        }

        private mutating func takeUsage(_ tag: UInt8, _ data: UInt32, _ size: Int) -> String? {
            guard delimiter < 2 else { return nil }
            if delimiter == 1 { delimiter = 2 }
            let usage = size == 4 ? data : globals.page << 16 | data & 0xFFFF
            switch tag {
            case 0x18: minimum = usage
            case 0x28:
                guard let first = minimum else { return "a usage maximum without its minimum" }
                minimum = nil
                guard first <= usage, first >> 16 == usage >> 16 else {
                    return "a usage range that ends before it begins"
                }
                usages.append(first...usage)
            default: usages.append(usage...usage)
            }
            return usages.count <= HIDDescriptor.maximumUsages ? nil : "too many usages for one field"
        }

        private mutating func openCollection(into descriptor: inout HIDDescriptor) -> String? {
            guard depth < HIDDescriptor.maximumDepth else { return "collections too deep" }
            if depth == 0 {
                application = HIDUsage(rawValue: usages.first?.lowerBound ?? globals.page << 16)
                if descriptor.applications.count < 64 { descriptor.applications.append(application) }
            }
            depth += 1
            forgetLocals()
            return nil
        }

        private mutating func add(_ kind: HIDField.Kind, flags: UInt32, into descriptor: inout HIDDescriptor) -> String?
        {
            defer { forgetLocals() }
            let bits = globals.bitSize * globals.count
            guard bits > 0 else { return nil }
            let key = Key(kind: kind, reportID: globals.reportID)
            let start = descriptor.lengths[key] ?? 0
            guard start + bits <= HIDDescriptor.maximumBits else { return "a report of more than 16384 bytes" }
            descriptor.lengths[key] = start + bits
            // Padding and what is wider than a number is nothing that a telephone says.
            guard flags & 1 == 0 || kind == .output, globals.bitSize <= 32, !usages.isEmpty else { return nil }
            guard descriptor.fields.count < HIDDescriptor.maximumFields else { return "too many fields" }
            let isWrapped = globals.logicalMaximum < globals.logicalMinimum
            descriptor.fields.append(
                HIDField(
                    kind: kind, reportID: globals.reportID, bitOffset: start, bitSize: globals.bitSize,
                    count: globals.count, isArray: flags & 2 == 0, isRelative: flags & 4 != 0,
                    isConstant: flags & 1 != 0, logicalMinimum: globals.logicalMinimum,
                    logicalMaximum: isWrapped ? globals.logicalMaximumUnsigned : globals.logicalMaximum,
                    usages: usages, application: application))
            return nil
        }

        private mutating func forgetLocals() {
            usages.removeAll(keepingCapacity: true)
            minimum = nil
            delimiter = 0
        }
    }
}
