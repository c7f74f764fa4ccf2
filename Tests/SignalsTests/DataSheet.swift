// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What a figure is to be. Where that is not reached: what is, and why.
struct Goal {
    var range: ClosedRange<Double>
    var reached: ClosedRange<Double>?
    var reason = ""

    static func atLeast(_ value: Double) -> Goal { Goal(range: value...Double.infinity) }
    static func atMost(_ value: Double) -> Goal { Goal(range: -Double.infinity...value) }

    /// Held to `reached` until the goal is met.
    func butReached(_ reached: ClosedRange<Double>, _ reason: String) -> Goal {
        Goal(range: range, reached: reached, reason: reason)
    }

    var words: String {
        if range.upperBound == .infinity { return "at least \(Self.text(range.lowerBound))" }
        if range.lowerBound == -.infinity { return "at most \(Self.text(range.upperBound))" }
        return "\(Self.text(range.lowerBound)) … \(Self.text(range.upperBound))"
    }

    static func text(_ value: Double) -> String {
        value == value.rounded() ? String(format: "%.0f", value) : String(format: "%.1f", value)
    }
}

/// A table of figures that a test measured: printed, and with PARTYLINE_RENEW=1 written to docs/datasheets/NAME.md
/// (Scripts/datasheets does that for all).
struct DataSheet {
    let name: String
    let title: String
    let words: String
    private var lines: [String] = []
    /// Lines about goals that were missed, and how many were asked for.
    private var missed: [String] = []
    private var goals = 0
    /// Goals that only a longer run than this one can tell of.
    private var open: [String] = []

    init(_ name: String, _ title: String, _ words: String) {
        self.name = name
        self.title = title
        self.words = words
    }

    mutating func table(_ head: [String]) {
        lines.append("")
        row(head)
        lines.append("|" + head.map { _ in "---" }.joined(separator: "|") + "|")
    }

    mutating func row(_ cells: [String]) { lines.append("| " + cells.joined(separator: " | ") + " |") }

    mutating func note(_ text: String) {
        lines.append("")
        lines.append(text)
    }

    /// Holds a figure to its goal; one that is missed fails the test, or is listed at the sheet's end where that is known.
    mutating func hold(_ what: String, _ value: Double, to goal: Goal) {
        goals += 1
        guard !goal.range.contains(value) else { return }
        guard let reached = goal.reached, reached.contains(value) else {
            Issue.record("\(name): \(what): \(value), to be \(goal.words)")
            return
        }
        missed.append("- \(what): \(Goal.text((value * 10).rounded() / 10)), goal \(goal.words). \(goal.reason)")
    }

    /// A goal that another run is for, which makes the sheet `name`: where that was never made, this sheet says so at its end.
    mutating func leave(_ what: String, to name: String, by how: String) {
        let isMade = FileManager.default.fileExists(atPath: Self.folder.appendingPathComponent("\(name).md").path)
        if isMade { note("\(what): \(name).md.") } else { open.append("- Not measured: \(what) (\(how)).") }
    }

    private static let folder = repository.appendingPathComponent("docs/datasheets")

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    func finish() throws {
        var text = "# \(title)\n\n\(words)\n" + lines.joined(separator: "\n") + "\n"
        if goals > 0 {
            let reached =
                open.isEmpty ? "None: all \(goals) are reached." : "All \(goals) that were measured are reached."
            let head = missed.isEmpty ? [reached] + (open.isEmpty ? [] : [""]) : missed
            text += "\n## Goals not reached\n\n" + (head + open).joined(separator: "\n") + "\n"
        }
        print(text)
        guard ProcessInfo.processInfo.environment["PARTYLINE_RENEW"] != nil else { return }
        try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: Self.folder.appendingPathComponent("\(name).md"))
    }
}

extension Laboratory {
    /// Normal noise with this root mean square.
    static func noise(_ count: Int, rms: Double, generator: inout some RandomNumberGenerator) -> [Double] {
        (0..<count).map { _ in
            rms * (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
        }
    }

    static func added(_ samples: [Int16], gain: Double = 1, _ noise: [Double]) -> [Int16] {
        zip(samples, noise).map { Int16(max(-32_768, min(32_767, (Double($0) * gain + $1).rounded()))) }
    }

    /// Root mean square of what is not silent.
    static func rms(_ samples: [Int16]) -> Double {
        let loud = samples.filter { abs(Int($0)) > 1 }
        guard !loud.isEmpty else { return 0 }
        return (loud.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(loud.count)).squareRoot()
    }
}
