// SPDX-License-Identifier: Apache-2.0

/// Finds what somebody meant who mistyped a word.
enum NearestWord {
    /// The known word with the fewest insertions, deletions, replacements and swaps of neighbours away from `word`; the
    /// first of equals; nil when nothing is known. `distance` tells how far.
    static func find(_ word: String, among known: [String]) -> (word: String, distance: Int)? {
        // A key longer than this is no slip of the finger, and the table below would grow with it.
        let letters = Array(word.lowercased().utf8.prefix(64))
        var best: (word: String, distance: Int)?
        for candidate in known {
            let distance = distance(letters, Array(candidate.utf8))
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best
    }

    /// The same, where it is near enough to be what was meant, or a longer form of it.
    static func near(_ word: String, among known: [String]) -> String? {
        find(word, among: known).flatMap { nearest in
            isNear(nearest.distance, word, nearest.word) || nearest.word.contains(word) ? nearest.word : nil
        }
    }

    private static func isNear(_ distance: Int, _ word: String, _ other: String) -> Bool {
        distance <= max(1, min(word.utf8.count, other.utf8.count) / 2)
    }

    /// What to write instead of an unknown word: the nearest one, and all of them when none is near.
    static func remedy(_ word: String, among known: [String], noun: String) -> String {
        guard let nearest = find(word, among: known) else { return "remove it" }
        let isNear = isNear(nearest.distance, word, nearest.word)
        let suggestion = "write \(nearest.word) (the nearest \(noun))"
        return isNear ? suggestion : suggestion + " or remove it; there are: " + known.joined(separator: ", ")
    }

    /// Optimal string alignment distance.
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
