// SPDX-License-Identifier: Apache-2.0
import RealTime
import Signals
import Synchronization
package import Telephony

// MediaControl: what the switchboard asks.

extension MediaEngine {
    package func openMix() -> MixID? {
        guard let place = state.withLock({ $0.mixSlots.take() }) else { return nil }
        let id = MixID(slot: place.slot, generation: place.generation)
        send(.openMix(.passRetained(Mix(id: id))))
        return id
    }

    package func closeMix(_ mix: MixID) {
        guard state.withLock({ $0.mixSlots.give(slot: mix.slot, generation: mix.generation) }) else { return }
        send(.closeMix(mix))
    }

    package func add(_ source: SoundSource, to mix: MixID) {
        if case .player(let id) = source {
            let waits = state.withLock { state in
                guard state.players[id]?.isReady == false else { return false }
                state.players[id]?.mixes.append(mix)
                return true
            }
            if waits { return }
        }
        send(.add(source, mix))
    }

    package func remove(_ source: SoundSource, from mix: MixID) {
        if case .player(let id) = source {
            let waits = state.withLock { state in
                guard state.players[id]?.isReady == false else { return false }
                state.players[id]?.mixes.removeAll { $0 == mix }
                return true
            }
            if waits { return }
        }
        send(.remove(source, mix))
    }

    package func listen(_ port: PortID, to mix: MixID?) { send(.listen(port, mix)) }

    package func mute(_ port: PortID, _ muted: Bool) { send(.mute(port, muted)) }

    package func deafen(_ port: PortID, _ deaf: Bool) { send(.deafen(port, deaf)) }

    package func setGain(_ port: PortID, talkDB: Double, listenDB: Double) {
        send(.gain(port, talk: MixKernels.gain(decibels: talkDB), listen: MixKernels.gain(decibels: listenDB)))
    }

    package func setNeighbourhood(_ port: PortID, _ neighbourhood: UInt32) { send(.neighbourhood(port, neighbourhood)) }

    package func echo(_ port: PortID, _ isOn: Bool) { send(.echo(port, isOn)) }

    package func detectDigits(_ port: PortID, _ enabled: Bool, removed: Bool) {
        send(.detectDigits(port, enabled, removed: removed))
    }

    package func detectBeep(_ port: PortID, _ enabled: Bool) {
        send(.watchBeep(port, enabled ? .passRetained(BeepWatch()) : nil))
    }

    package func detectProgress(_ port: PortID, _ plan: ProgressPlan?) {
        send(.watchProgress(port, plan.map { .passRetained(ProgressWatch($0)) }))
    }

    package func isWideband(_ port: PortID) -> Bool {
        guard let found = state.withLock({ $0.ports[port] }) else { return false }
        if let card = found.card { return card.sampleRate > 8000 }
        let name = found.codecName.withLock { $0 }
        return (AudioCodec.all.first { $0.name == name }?.sampleRate ?? 8000) > 8000
    }

    package func send(_ digits: [DTMFDigit], to port: PortID) {
        var rest = digits.prefix(256)
        while !rest.isEmpty {
            var words: (UInt64, UInt64) = (0, 0)
            let part = rest.prefix(32)
            for (index, digit) in part.enumerated() {
                let bits = UInt64(digit.rawValue) << UInt64((index & 15) * 4)
                if index < 16 { words.0 |= bits } else { words.1 |= bits }
            }
            send(.send(port, count: UInt8(part.count), low: words.0, high: words.1))
            rest = rest.dropFirst(32)
        }
    }

    package func statistics() -> [PortStatistics] {
        let ports = state.withLock { Array($0.ports.values) }
        return ports.sorted { $0.id.slot < $1.id.slot }.map { $0.statistics() }
    }

    /// Of one port, nil when it is closed.
    package func statistics(of port: PortID) -> PortStatistics? {
        state.withLock { $0.ports[port] }?.statistics()
    }
}
