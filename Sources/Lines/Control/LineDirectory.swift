// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Telephony

/// Who can be called by which name or number. Any thread; grows when a telephone is plugged in for the first time.
final class LineDirectory: Sendable {
    private struct State {
        var numbers: [String: Int] = [:]
        var tones: [StationTones] = []
        var landlines: [Int] = []
    }

    private let state = Mutex(State())

    /// False: one of the names is taken.
    func add(_ names: Set<String>, tones: StationTones, isLandline: Bool = false) -> Bool {
        state.withLock { state in
            guard names.allSatisfy({ state.numbers[$0] == nil }) else { return false }
            for name in names { state.numbers[name] = state.tones.count }
            if isLandline { state.landlines.append(state.tones.count) }
            state.tones.append(tones)
            return true
        }
    }

    /// Another number for a station. False: it is taken.
    func renumber(_ station: Int, from old: String?, to new: String) -> Bool {
        state.withLock { state in
            guard state.numbers[new] == nil || state.numbers[new] == station else { return false }
            if let old, state.numbers[old] == station { state.numbers[old] = nil }
            state.numbers[new] = station
            return true
        }
    }

    func isFree(_ names: Set<String>) -> Bool {
        state.withLock { state in names.allSatisfy { state.numbers[$0] == nil } }
    }

    /// The station's number, and what any thread may touch of it.
    func find(_ name: String) -> (number: Int, tones: StationTones)? {
        state.withLock { state in
            state.numbers[name].flatMap { number in
                number < state.tones.count ? (number, state.tones[number]) : nil
            }
        }
    }

    /// The landlines, in the order of the settings.
    var landlines: [(number: Int, tones: StationTones)] {
        state.withLock { state in state.landlines.map { ($0, state.tones[$0]) } }
    }

    var names: Set<String> { state.withLock { Set($0.numbers.keys) } }
}
