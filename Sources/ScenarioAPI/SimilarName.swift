// SPDX-License-Identifier: Apache-2.0

/// Finds the name that somebody meant who mistyped one.
enum SimilarName {
    /// The known name with the fewest changes, if these are few for its length.
    static func find(_ name: String, among known: [String]) -> String? {
        let letters = Array(name.lowercased().utf8.prefix(64))
        let best = known.map { ($0, distance(letters, Array($0.lowercased().utf8.prefix(64)))) }.min { $0.1 < $1.1 }
        guard let (word, distance) = best, distance <= max(1, min(letters.count, word.utf8.count) / 3) else {
            return nil
        }
        return word
    }

    /// Insertions, deletions, replacements and swaps of neighbours.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        var current = last
        for i in a.indices {
            current[0] = i + 1
            for j in b.indices {
                current[j + 1] = min(last[j + 1] + 1, current[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    current[j + 1] = min(current[j + 1], beforeLast[j - 1] + 1)
                }
            }
            (beforeLast, last, current) = (last, current, beforeLast)
        }
        return last[b.count]
    }
}
