// SPDX-License-Identifier: Apache-2.0
import CLinux
import RTP
import RealTime
import Signals
import Synchronization
package import Telephony

/// The media engine as the control side uses it: opens ports, mixes and players, and passes on what comes of them.
///
/// Every method returns at once and may be called from any thread: the one producer that the command queue allows is
/// whoever holds the engine's lock. Objects are made here and freed here; the mix thread only borrows them.
package final class MediaEngine: MediaControl {
    package let options: MixOptions
    let queues: MixQueues
    let state: Mutex<EngineState>
    let network: MediaNetwork
    let sounds: any SoundSourceStore
    let recordings: RecordingDesk?
    private let thread: MixThread
    private let pump: EventPump
    private let handler: EventHandler
    private let lastLoad = Mutex<(time: Int64, cpu: Int64)>((0, 0))

    /// `network` opens sockets; `sounds` prepares what players play; `recordings` writes files, nil: nothing is recorded.
    package init(
        options: MixOptions, network: MediaNetwork, sounds: any SoundSourceStore, recordings: RecordingDesk? = nil
    ) {
        self.options = options
        self.network = network
        self.sounds = sounds
        self.recordings = recordings
        queues = MixQueues(capacity: options.ports + options.mixes + options.players)
        state = Mutex(EngineState(options: options, recorders: recordings?.most ?? 0))
        handler = EventHandler()
        let loop = MixLoop(
            options: options, queues: queues, network: MixNetwork(inlet: PacketInlet(), batch: SendBatch()))
        thread = MixThread(loop: loop, name: "mix-0")
        pump = EventPump(queues: queues)
    }

    /// Starts the mix thread (SCHED_FIFO `priority` where allowed; 0: not asked for) and the delivery of events.
    /// `locksMemory`: keep what the process touches in memory. Returns what is not as it should be, for the log.
    package func start(
        priority: Int, locksMemory: Bool, events: @escaping @Sendable (MediaEvent) -> Void
    ) throws(MediaError) -> [String] {
        handler.set(events)
        var warnings: [String] = []
        if locksMemory {
            let error = partyline_lock_memory()
            if error != 0 {
                warnings.append(
                    "memory is not locked (error \(error)): set LimitMEMLOCK of the service to infinity (it is in its unit), or audio may stall when memory is short"
                )
            }
        }
        try thread.start(priority: priority)
        try pump.start { [weak self] in self?.deliver() }
        return warnings
    }

    package var isRealTime: Bool { thread.isRealTime }

    /// What the mix thread has counted.
    package var counters: MixCounters { thread.counters }

    /// Share of one core that the mix thread used since the last call, in per cent.
    package func loadPercent() -> Double {
        let cpu = thread.counters.cpuNS
        let now = partyline_now()
        return lastLoad.withLock { last in
            defer { last = (now, cpu) }
            let elapsed = now - last.time
            return last.time == 0 || elapsed <= 0 ? 0 : Double(cpu - last.cpu) * 100 / Double(elapsed)
        }
    }

    /// Ends both threads; ports that are still open are freed.
    package func stop() {
        thread.stop()
        pump.stop()
        deliver()
        // Nobody writes into the taps any more.
        recordings?.finish()
    }

    /// On the pump's thread: frees what came back and passes events on, in order.
    private func deliver() {
        queues.freeRetired()
        state.withLock { $0.flush(into: queues) }
        while let event = queues.nextEvent() {
            if let event = translate(event) { handler.call(event) }
        }
    }

    private func translate(_ event: MixEvent) -> MediaEvent? {
        switch event {
        case .digit(let port, let code, let source): DTMFDigit(rawValue: code).map { .digit(port, $0, source) }
        case .talking(let port, let talks): .talking(port, talks)
        case .firstAudio(let port): .firstAudio(port)
        case .mediaTimeout(let port): .mediaTimeout(port)
        case .flowing(let port, let isBack): .flowing(port, isBack)
        case .beep(let port, let milliseconds): .beep(port, milliseconds: milliseconds)
        case .progressTone(let port): .progressTone(port)
        case .playerStarted(let player, let milliseconds):
            state.withLock { $0.players[player] != nil } ? .playerStarted(player, milliseconds: milliseconds) : nil
        case .playerFinished(let player): release(player) ? .playerFinished(player, error: nil) : nil
        case .cardFailed(let port, let code):
            .portFailed(
                port, reason: "the sound card failed (error \(-Int(code))): check its cable and kernel messages")
        case .eventsLost(let count): .eventsLost(count)
        }
    }

    /// A player that came to its end is gone; false: it was stopped meanwhile.
    private func release(_ player: PlayerID) -> Bool {
        guard forget(player) else { return false }
        send(.stopPlayer(player))
        return true
    }

    func report(_ event: MediaEvent) { handler.call(event) }

    /// Passes a command on; when the queue is full it waits in order on the control side.
    func send(_ command: MixCommand) {
        state.withLock { $0.send(command, into: queues) }
        queues.wakeMixThread()
    }
}
