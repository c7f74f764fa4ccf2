// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Telephony

/// Who can be called by which name or number. Any thread; grows when a telephone is plugged in for the first time.
final class LineDirectory: Sendable {
    private struct State {
        var numbers: [String: Int] = [:]
        var tones: [StationTones] = []
    }

    private let state = Mutex(State())

    /// False: one of the names is taken.
    func add(_ names: Set<String>, tones: StationTones) -> Bool {
        state.withLock { state in
            guard names.allSatisfy({ state.numbers[$0] == nil }) else { return false }
            for name in names { state.numbers[name] = state.tones.count }
            state.tones.append(tones)
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

    var names: Set<String> { state.withLock { Set($0.numbers.keys) } }
}
