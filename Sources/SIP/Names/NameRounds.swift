// SPDX-License-Identifier: Apache-2.0

/// When names are looked up again: one that was found after a while, one that was not after ten seconds; and what is told of
/// it: each change once. A pure value: the time is handed in, in milliseconds.
package struct NameRounds: Sendable {
    package enum News: Sendable, Hashable {
        /// It is asked for again and again; what was known before goes on being used.
        case notFound
        /// After it was not.
        case foundAgain
    }

    /// A name service that does not answer is asked again after this time.
    package static let pause: Int64 = 10_000

    private var due: [String: Int64] = [:]
    private var missing: Set<String> = []

    package init() {}

    /// At once where it has not been asked for.
    package func isDue(_ name: String, now: Int64) -> Bool { due[name].map { $0 <= now } ?? true }

    /// - Parameter lasts: milliseconds for which what was found holds; nil: nothing was found.
    package mutating func note(_ name: String, lasts: Int64?, now: Int64) -> News? {
        due[name] = now + min(max(lasts ?? Self.pause, 0), 86_400_000)
        if lasts == nil { return missing.insert(name).inserted ? .notFound : nil }
        return missing.remove(name) == nil ? nil : .foundAgain
    }
}
