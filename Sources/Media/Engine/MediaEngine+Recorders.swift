// SPDX-License-Identifier: Apache-2.0

import Synchronization
package import Telephony

// Recorders: for the mix thread a port that only listens, one for each channel; for the disk a file.

extension MediaEngine {
    package func record(_ order: RecordingOrder) -> RecorderID? {
        guard let recordings else { return nil }
        let rate = [8000, 16_000, 48_000].contains(order.sampleRate) ? order.sampleRate : 8000
        var order = order
        order.sampleRate = rate
        order.channels = min(max(order.channels, 1), 2)
        let taps = (0..<order.channels).map { _ in RecorderTap(sampleRate: rate) }
        let made = state.withLock { state -> RecorderID? in
            guard let place = state.recorderSlots.take() else { return nil }
            let id = RecorderID(slot: place.slot, generation: place.generation)
            var ports: [PortID] = []
            for tap in taps {
                guard let place = state.portSlots.take() else { break }
                let port = PortID(slot: place.slot, generation: place.generation)
                ports.append(port)
                state.send(.openPort(.passRetained(MixPort(id: port, tap: tap))), into: queues)
            }
            state.recorders[id] = EngineRecorder(ports: ports, taps: taps)
            return id
        }
        queues.wakeMixThread()
        guard let id = made else { return nil }
        guard state.withLock({ $0.recorders[id]?.ports.count }) == order.channels else {
            stopRecording(id)
            state.withLock { _ = $0.recorderSlots.give(slot: id.slot, generation: id.generation) }
            return nil
        }
        recordings.begin(id, order, taps) { [weak self] in self?.recordingReported($0) }
        return id
    }

    package func obstacleToRecording() async -> Obstacle? {
        guard let recordings else { return "nothing can be recorded here" }
        return await recordings.obstacle()
    }

    package func listen(_ recorder: RecorderID, channel: Int, to mix: MixID?) {
        guard let ports = state.withLock({ $0.recorders[recorder]?.ports }), ports.indices.contains(channel) else {
            return
        }
        send(.listen(ports[channel], mix))
    }

    package func setMode(_ recorder: RecorderID, _ mode: RecorderMode) {
        for tap in state.withLock({ $0.recorders[recorder]?.taps }) ?? [] {
            switch mode {
            case .on: tap.set(.on)
            case .silent: tap.set(.silent)
            case .paused: tap.set(.paused)
            }
        }
    }

    package func stopRecording(_ recorder: RecorderID) {
        let ports = state.withLock { state -> [PortID] in
            let ports = state.recorders.removeValue(forKey: recorder)?.ports ?? []
            for port in ports { state.portSlots.give(slot: port.slot, generation: port.generation) }
            return ports
        }
        for port in ports { send(.closePort(port)) }
    }

    /// From the disk's queue. Its slot serves another one when its file is complete.
    private func recordingReported(_ event: MediaEvent) {
        if case .recordingEnded(let id, _, _, _) = event {
            stopRecording(id)
            state.withLock { _ = $0.recorderSlots.give(slot: id.slot, generation: id.generation) }
        }
        report(event)
    }
}
