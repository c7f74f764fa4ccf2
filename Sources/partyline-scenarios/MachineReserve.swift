// SPDX-License-Identifier: Apache-2.0

/// Machines with the API in them that wait for sessions, so that a caller does not wait for a machine.
///
///     take() -> session -> giveBack(engine) -> vacant -> work(): fill -> take() ...
///                                               \_ work(): tidy _/
///
/// An engine whose session ended by its own will serves a later one; one whose script failed is thrown away with all that may
/// still be in it. Twice as many engines are kept as machines are to wait: all count in `ScenarioLimits.memoryLimit`. Belongs to the
/// worker's one thread.
final class MachineReserve {
    private let wanted: Int
    private var ready: [ScriptMachine] = []
    /// Engines without a machine.
    private var vacant: [ScriptEngine] = []
    /// Engines made since the process began.
    private(set) var enginesMade = 0

    /// A collection takes longer than all else that a session needs, so that it is not made after each of them: what is left
    /// of so many sessions waits in an engine until it has a moment.
    static let scopesToTidy = 4

    /// What there is to do, by how soon it should be done.
    enum Need: Comparable {
        case nothing
        /// Memory can be given back.
        case tidying
        /// Enough for a while, and engines for more: a millisecond each, and some for an engine that has to be tidied up.
        case moreMachines
        /// Machines are missing, and engines for them: some milliseconds each.
        case engines
        /// Few machines are left, and there are engines for more.
        case machines
        /// The next session would wait for an engine ...
        case firstEngine
        /// ... or for a machine.
        case firstMachine
    }

    /// `wanted`: as many wait once there was time to make them, 1 at least.
    init(wanted: Int) { self.wanted = max(wanted, 1) }

    var need: Need {
        if ready.isEmpty { return vacant.isEmpty ? .firstEngine : .firstMachine }
        if ready.count < wanted {
            if vacant.isEmpty { return .engines }
            return ready.count < (wanted + 3) / 4 ? .machines : .moreMachines
        }
        return untidy == nil ? .nothing : .tidying
    }

    /// Nil when the engine does not start: out of memory.
    func take() -> ScriptMachine? { ready.popLast() ?? make() }

    /// The session that ran in it is gone, and so is its machine.
    func giveBack(_ engine: ScriptEngine) {
        if ready.count + vacant.count < 2 * wanted { vacant.append(engine) }
    }

    /// Makes one machine, or tidies one engine up: a millisecond or some. False: there is no machine to be had.
    func work() -> Bool {
        guard ready.count >= wanted else { return fill() }
        untidy?.tidyUp()
        return true
    }

    /// An engine in which something is left of sessions that are gone, be there a machine in it already or not.
    private var untidy: ScriptEngine? {
        vacant.last { !$0.isTidy } ?? ready.last { !$0.engine.isTidy }?.engine
    }

    private func fill() -> Bool {
        if vacant.isEmpty {
            guard let engine = makeEngine() else { return false }
            WarmUp.run(in: engine)
            vacant.append(engine)
        }
        guard let machine = make() else { return false }
        if machine.engine.scopesLeft >= Self.scopesToTidy { machine.engine.tidyUp() }
        ready.append(machine)
        return true
    }

    private func make() -> ScriptMachine? {
        (vacant.popLast() ?? makeEngine()).flatMap { ScriptMachine(in: $0) }
    }

    private func makeEngine() -> ScriptEngine? {
        enginesMade += 1
        return ScriptEngine()
    }
}
