// SPDX-License-Identifier: Apache-2.0

/// Objects by slot and generation, retained while they are in the table. Mix thread only.
final class SlotTable<Object: AnyObject> {
    let capacity: Int
    /// One past the highest slot that was ever used.
    private(set) var used = 0
    private(set) var count = 0
    private let slots: UnsafeMutablePointer<Unmanaged<Object>?>
    private let generations: UnsafeMutablePointer<UInt32>

    init(capacity: Int) {
        self.capacity = capacity
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: nil, count: capacity)
        generations = .allocate(capacity: capacity)
        generations.initialize(repeating: 0, count: capacity)
    }

    deinit {
        for slot in 0..<used { slots[slot]?.release() }
        slots.deallocate()
        generations.deallocate()
    }

    /// The object in this slot, whatever its generation.
    subscript(slot: Int) -> Object? {
        slot < used ? slots[slot]?.takeUnretainedValue() : nil
    }

    /// Nil when the slot is empty or belongs to somebody else by now.
    func find(slot: UInt32, generation: UInt32) -> Object? {
        let index = Int(slot)
        guard index < used, generations[index] == generation else { return nil }
        return slots[index]?.takeUnretainedValue()
    }

    /// Takes over a retained object; false (and it stays the caller's) when the slot is taken or out of range.
    func insert(_ object: Unmanaged<Object>, slot: UInt32, generation: UInt32) -> Bool {
        let index = Int(slot)
        guard index < capacity else { return false }
        if index < used, slots[index] != nil { return false }
        slots[index] = object
        generations[index] = generation
        used = max(used, index &+ 1)
        count &+= 1
        return true
    }

    /// Takes the object out; the retain goes over to the caller.
    func remove(slot: UInt32, generation: UInt32) -> Unmanaged<Object>? {
        let index = Int(slot)
        guard index < used, generations[index] == generation, let object = slots[index] else { return nil }
        slots[index] = nil
        count &-= 1
        return object
    }
}
