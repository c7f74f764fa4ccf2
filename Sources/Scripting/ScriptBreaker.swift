// SPDX-License-Identifier: Apache-2.0

/// Scenarios that bring workers down again and again are not started for a while. Callers of a lost session are greeted anew
/// by the same scenarios; without this a script that always runs wild would take one worker after the other.
struct ScriptBreaker {
    private var falls: [[String]: [Int64]] = [:]

    private static let tolerated = 3
    private static let windowNanoseconds: Int64 = 30_000_000_000
    private static let pauseNanoseconds: Int64 = 10_000_000_000

    mutating func guilty(_ scenarios: [String], now: Int64) {
        let recent = falls[scenarios, default: []].filter { now - $0 < Self.windowNanoseconds }
        falls[scenarios] = recent.suffix(Self.tolerated) + [now]
    }

    /// Why these scenarios are not started now, nil if they are.
    func refusal(of scenarios: [String], now: Int64) -> String? {
        let recent = falls[scenarios, default: []].filter { now - $0 < Self.windowNanoseconds }
        guard recent.count >= Self.tolerated, let last = recent.last, now - last < Self.pauseNanoseconds else {
            return nil
        }
        return
            "\(scenarios.joined(separator: ", ")): stopped for 10 s, since it brought down \(recent.count) workers in 30 s"
    }
}
