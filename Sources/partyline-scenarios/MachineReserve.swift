// SPDX-License-Identifier: Apache-2.0

/// Machines with the API in them that wait for sessions, so that a caller does not wait for a machine.
///
///     take() -> session -> giveBack(engine) -> untidy -> work(): fill -> take() ...
///                                                  \_ work(): tidy -> vacant _/
///
/// An engine whose session ended by its own will serves a later one; one whose script failed is thrown away with all that may
/// still be in it. As many engines are kept as machines wait: both count in `ScenarioLimits.memoryLimit`. Belongs to the
/// worker's one thread.
final class MachineReserve {
    private let wanted: Int
    private var ready: [ScriptMachine] = []
    /// Engines without a machine; what their last sessions have left is freed, or still to be freed.
    private var vacant: [ScriptEngine] = []
    private var untidy: [ScriptEngine] = []
    /// Engines made since the process began.
    private(set) var enginesMade = 0

    /// `wanted`: as many wait once there was time to make them, 1 at least.
    init(wanted: Int) { self.wanted = max(wanted, 1) }

    private var isFull: Bool { ready.count >= wanted }
    /// The next session would wait, or an engine can be made use of at once, so that few engines grow.
    var isUrgent: Bool { ready.isEmpty || (!isFull && vacant.count + untidy.count > 0) }
    var hasWork: Bool { !isFull || !untidy.isEmpty }

    /// Nil when the engine does not start: out of memory.
    func take() -> ScriptMachine? { ready.popLast() ?? make() }

    /// The session that ran in it is gone, and so is its machine.
    func giveBack(_ engine: ScriptEngine) {
        if vacant.count + untidy.count < wanted { untidy.append(engine) }
    }

    /// Makes one machine, or tidies one engine up: some milliseconds. False: there is no machine to be had.
    func work() -> Bool {
        guard isFull else { return fill() }
        guard let engine = untidy.popLast() else { return true }
        engine.tidyUp()
        vacant.append(engine)
        return true
    }

    private func fill() -> Bool {
        guard let machine = make() else { return false }
        machine.engine.tidyUp()
        ready.append(machine)
        return true
    }

    private func make() -> ScriptMachine? {
        (vacant.popLast() ?? untidy.popLast() ?? makeEngine()).flatMap { ScriptMachine(in: $0) }
    }

    private func makeEngine() -> ScriptEngine? {
        enginesMade += 1
        return ScriptEngine()
    }
}
