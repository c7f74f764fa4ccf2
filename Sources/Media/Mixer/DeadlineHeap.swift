// SPDX-License-Identifier: Apache-2.0

/// The groups in the order of their deadlines: a binary heap in preallocated memory. Mix thread only.
struct DeadlineHeap: ~Copyable {
    private struct Entry {
        var deadline: Int64
        var group: Unmanaged<MixGroup>
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        entries = .allocate(capacity: capacity)
    }

    deinit { entries.deallocate() }

    /// The earliest deadline, nil when no group waits.
    var earliest: Int64? { count > 0 ? entries[0].deadline : nil }

    /// How many the group whose deadline that is serves.
    var earliestMembers: Int { count > 0 ? entries[0].group._withUnsafeGuaranteedRef { $0.memberCount } : 0 }

    /// Inserts the group, or moves it, to its `deadline`.
    mutating func schedule(_ group: MixGroup) { schedule(group, at: group.deadline) }

    /// Inserts the group, or moves it, to be looked at `time`.
    mutating func schedule(_ group: MixGroup, at time: Int64) {
        let entry = Entry(deadline: time, group: .passUnretained(group))
        if group.heapIndex < 0 {
            guard count < capacity else { return }
            count &+= 1
            rise(entry, from: count &- 1)
        } else {
            place(entry, at: group.heapIndex)
        }
    }

    mutating func remove(_ group: MixGroup) {
        let index = group.heapIndex
        guard index >= 0 else { return }
        group.heapIndex = -1
        count &-= 1
        guard index < count else { return }
        place(entries[count], at: index)
    }

    /// Takes out the group that is due first, if it is due by `now`.
    mutating func takeDue(by now: Int64) -> Unmanaged<MixGroup>? {
        guard count > 0, entries[0].deadline <= now else { return nil }
        let group = entries[0].group
        group._withUnsafeGuaranteedRef { $0.heapIndex = -1 }
        count &-= 1
        if count > 0 { sink(entries[count], from: 0) }
        return group
    }

    private mutating func place(_ entry: Entry, at index: Int) {
        if index > 0 && entry.deadline < entries[(index &- 1) / 2].deadline {
            rise(entry, from: index)
        } else {
            sink(entry, from: index)
        }
    }

    private mutating func rise(_ entry: Entry, from start: Int) {
        var index = start
        while index > 0 {
            let parent = (index &- 1) / 2
            guard entry.deadline < entries[parent].deadline else { break }
            put(entries[parent], at: index)
            index = parent
        }
        put(entry, at: index)
    }

    private mutating func sink(_ entry: Entry, from start: Int) {
        var index = start
        while true {
            var child = index &* 2 &+ 1
            guard child < count else { break }
            if child &+ 1 < count && entries[child &+ 1].deadline < entries[child].deadline { child &+= 1 }
            guard entries[child].deadline < entry.deadline else { break }
            put(entries[child], at: index)
            index = child
        }
        put(entry, at: index)
    }

    private mutating func put(_ entry: Entry, at index: Int) {
        entries[index] = entry
        entry.group._withUnsafeGuaranteedRef { $0.heapIndex = index }
    }
}
