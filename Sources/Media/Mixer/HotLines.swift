// SPDX-License-Identifier: Apache-2.0
import CLinux
import RealTime

/// Addresses of the memory that a packet or a frame of one port leads through, to be fetched ahead of their use.
///
/// Between two packets of a port lie 20 ms in which the caches see all the others: almost every object on the way of a
/// frame has to come from main memory, 100 to 200 ns each, one behind the other, which is more than all the arithmetic.
/// Fetched together, some ports ahead, they cost a fraction of that (measured: PERFORMANCE.md).
///
///     block:  owner | count | of these, when all is quiet | is loud | address | address | ...
///
/// Found anew whenever a part is exchanged; a line that is no longer right costs nothing but its fetch. Mix thread only,
/// after it was made.
struct HotLines: ~Copyable {
    private static let capacity = 78
    private static let line: UInt64 = 64
    private static let head = 4
    private let block: UnsafeMutablePointer<UInt64>

    init() {
        block = .allocate(capacity: Self.capacity + Self.head)
        block.initialize(repeating: 0, count: Self.capacity + Self.head)
    }

    deinit { block.deallocate() }

    /// The block itself, for tables that lead from one to many of them.
    var reference: Reference { Reference(block: block) }

    mutating func clear(owner: UnsafeRawPointer) {
        block[0] = UInt64(UInt(bitPattern: owner))
        block[1] = 0
        block[2] = 0
        block[3] = 1
    }

    /// What is added from now on is needed only while there is something to hear.
    mutating func beginLoudPart() { block[2] = block[1] }

    /// Whether there is; without a loud part it does not matter.
    func set(isLoud: Bool) { block[3] = isLoud || block[2] == 0 ? 1 : 0 }

    /// All lines of so many bytes, or as many of them as there is room for.
    mutating func add(_ address: UnsafeRawPointer, bytes: Int) {
        let start = UInt64(UInt(bitPattern: address))
        let end = start &+ UInt64(max(0, bytes))
        var line = start & ~(Self.line &- 1)
        while line < end, Int(block[1]) < Self.capacity {
            if !has(line) {
                block[Self.head &+ Int(block[1])] = line
                block[1] &+= 1
            }
            line &+= Self.line
        }
    }

    /// An object of the heap from its header on, at most so many bytes of it.
    mutating func add(_ object: AnyObject?, atMost bytes: Int = 192) {
        guard let object else { return }
        let pointer = Unmanaged.passUnretained(object).toOpaque()
        add(pointer, bytes: min(bytes, partyline_block_bytes(pointer)))
    }

    private func has(_ line: UInt64) -> Bool {
        for index in 0..<Int(block[1]) where block[Self.head &+ index] == line { return true }
        return false
    }

    /// Points at the block of a port; valid as long as the port.
    struct Reference: BitwiseCopyable {
        let block: UnsafeMutablePointer<UInt64>

        var owner: UnsafeRawPointer? { UnsafeRawPointer(bitPattern: UInt(block[0])) }

        /// Begins to fetch the list.
        @inline(__always)
        func approach() { partyline_prefetch_span(UInt64(UInt(bitPattern: block)), 448) }

        /// Begins to fetch what is in it.
        @inline(__always)
        func fetch() { partyline_prefetch(block + HotLines.head, Int(block[3] != 0 ? block[1] : block[2])) }
    }
}
