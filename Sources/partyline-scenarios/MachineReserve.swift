// SPDX-License-Identifier: Apache-2.0

/// Machines with the API in them that wait for sessions, so that a caller does not wait for a machine.
///
///     take() -> session -> giveBack(engine) -> fill() -> take() ...
///
/// An engine whose session ended by its own will serves the next one; one whose script failed is thrown away with all that may
/// still be in it. Belongs to the worker's one thread.
final class MachineReserve {
    private let wanted: Int
    private var ready: [ScriptMachine] = []
    private var vacant: [ScriptEngine] = []

    /// `wanted`: as many wait once there was time to make them, 1 at least.
    init(wanted: Int) { self.wanted = max(wanted, 1) }

    var isEmpty: Bool { ready.isEmpty }
    var isFull: Bool { ready.count >= wanted }
    /// An engine waits for its next machine: made soon, it serves the next session, so that of sessions that follow each other
    /// few engines grow.
    var hasVacant: Bool { !vacant.isEmpty }

    /// Nil when the engine does not start: out of memory.
    func take() -> ScriptMachine? { ready.popLast() ?? make() }

    /// The session that ran in it is gone, and so is its machine.
    func giveBack(_ engine: ScriptEngine) {
        if ready.count + vacant.count < wanted { vacant.append(engine) }
    }

    /// Makes one machine; false: there is none to be had.
    func fill() -> Bool {
        guard let machine = make() else { return false }
        machine.tidyUp()
        ready.append(machine)
        return true
    }

    private func make() -> ScriptMachine? { (vacant.popLast() ?? ScriptEngine()).flatMap { ScriptMachine(in: $0) } }
}
