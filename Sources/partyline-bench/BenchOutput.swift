// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit

/// Text for people on standard output, in aligned columns.
enum BenchOutput {
    static func line(_ text: String = "") {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    static func table(_ head: [String], _ rows: [[String]]) {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        for row in all {
            let cells = row.indices.map { column in
                column == 0
                    ? row[column].padding(toLength: widths[column], withPad: " ", startingAt: 0)
                    : String(repeating: " ", count: widths[column] - row[column].count) + row[column]
            }
            line(cells.joined(separator: "  "))
        }
    }

    static func number(_ value: Double?, _ digits: Int = 1) -> String {
        guard let value, value.isFinite else { return "-" }
        return String(format: "%.\(digits)f", value)
    }

    /// p50, p95, p99 and the number of values.
    static func quantiles(_ values: Percentiles) -> [String] {
        [values.quantile(0.5), values.quantile(0.95), values.quantile(0.99)].map { number($0, 2) } + ["\(values.count)"]
    }

    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        line(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}

/// p50, p95, p99 of something, for JSON.
struct QuantileReport: Codable {
    var count: Int
    var p50: Double?
    var p95: Double?
    var p99: Double?
    var minimum: Double?
    var maximum: Double?

    init(_ values: Percentiles) {
        count = values.count
        p50 = values.quantile(0.5)
        p95 = values.quantile(0.95)
        p99 = values.quantile(0.99)
        minimum = values.quantile(0)
        maximum = values.quantile(1)
    }
}
