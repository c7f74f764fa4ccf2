// SPDX-License-Identifier: Apache-2.0

/// Many measurements of one thing, and what lies at their quantiles.
package struct Percentiles: Sendable {
    package private(set) var values: [Double] = []
    private var isSorted = true

    package init(_ values: [Double] = []) {
        self.values = values.sorted()
    }

    package var count: Int { values.count }

    package mutating func add(_ value: Double) {
        values.append(value)
        isSorted = false
    }

    package mutating func add(_ more: [Double]) {
        values.append(contentsOf: more)
        isSorted = false
    }

    /// The nearest-rank quantile (0 ... 1); nil without values.
    package func quantile(_ share: Double) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = isSorted ? values : values.sorted()
        return sorted[min(sorted.count - 1, max(0, Int((Double(sorted.count - 1) * share).rounded())))]
    }

    package var median: Double? { quantile(0.5) }
}
