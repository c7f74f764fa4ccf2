// SPDX-License-Identifier: Apache-2.0

/// Keys with a number each, in memory that is taken and written to when the table is made and never grows: a flood of keys
/// costs nothing. The keys themselves are not kept, only 64 bits of their hash, whose seed nobody outside knows.
///
///     hash --> set --> [mark number][mark number] ... 8 places; a ninth key takes that with the lowest number
///
/// A pure value.
struct BoundedTable<Key: Hashable & Sendable>: Sendable {
    private struct Place: Sendable {
        /// 0: free.
        var mark: UInt64 = 0
        var number = 0.0
    }

    private static var placesPerSet: Int { 8 }

    private var places: [Place]
    private let lastSet: UInt64

    /// - Parameter most: keys that are remembered at the most; rounded up to 8 times a power of two. 16 bytes each.
    init(most: Int) {
        var sets = 1
        while sets * Self.placesPerSet < most { sets *= 2 }
        places = Array(repeating: Place(), count: sets * Self.placesPerSet)
        lastSet = UInt64(sets - 1)
    }

    /// Nil when the key is not remembered.
    subscript(key: Key) -> Double? {
        get { find(Self.mark(key)).map { places[$0].number } }
        set {
            let mark = Self.mark(key)
            guard let number = newValue else {
                if let index = find(mark) { places[index] = Place() }
                return
            }
            places[find(mark) ?? leastInSet(of: mark)] = Place(mark: mark, number: number)
        }
    }

    private static func mark(_ key: Key) -> UInt64 { max(UInt64(truncatingIfNeeded: key.hashValue), 1) }

    private func set(of mark: UInt64) -> Range<Int> {
        let first = Int(mark & lastSet) * Self.placesPerSet
        return first..<first + Self.placesPerSet
    }

    private func find(_ mark: UInt64) -> Int? { set(of: mark).first { places[$0].mark == mark } }

    /// A free place, or that of the lowest number.
    private func leastInSet(of mark: UInt64) -> Int {
        var least = set(of: mark).lowerBound
        for index in set(of: mark) {
            if places[index].mark == 0 { return index }
            if places[index].number < places[least].number { least = index }
        }
        return least
    }
}
