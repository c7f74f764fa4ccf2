// SPDX-License-Identifier: Apache-2.0
import CLinux
import RealTime

/// What crosses the border between the control side and the mix thread, one lock-free queue for each direction.
///
/// Unchecked: the queues are for one writer and one reader each, and everything else here is constant after `init`.
package final class MixQueues: @unchecked Sendable {
    private let commands: SPSCQueue<MixCommand>
    private let events: SPSCQueue<MixEvent>
    private let retired: SPSCQueue<UInt>
    /// Wakes the mix thread for a command.
    let commandSignal: Int32
    /// Wakes the control side for events and retired objects.
    let eventSignal: Int32
    private var hasNews = false

    /// `ports`: how many may exist; everybody can be retired at once.
    package init(capacity: Int) {
        commands = SPSCQueue(capacity: 4096)
        events = SPSCQueue(capacity: 8192)
        retired = SPSCQueue(capacity: capacity * 4 + 1024)
        commandSignal = partyline_eventfd()
        eventSignal = partyline_eventfd()
    }

    deinit {
        while let bits = retired.pop() { Self.release(bits) }
        for signal in [commandSignal, eventSignal] where signal >= 0 { partyline_close(signal) }
    }

    // The control side (one thread at a time: the engine's lock).

    /// False when the queue is full.
    func send(_ command: MixCommand) -> Bool { commands.push(command) }
    func wakeMixThread() { partyline_eventfd_signal(commandSignal) }
    func nextEvent() -> MixEvent? { events.pop() }
    /// Frees what the mix thread gave back; number of objects.
    @discardableResult
    func freeRetired() -> Int {
        var count = 0
        while let bits = retired.pop() {
            Self.release(bits)
            count += 1
        }
        return count
    }

    private static func release(_ bits: UInt) {
        guard let pointer = UnsafeRawPointer(bitPattern: bits) else { return }
        Unmanaged<AnyObject>.fromOpaque(pointer).release()
    }

    // The mix thread.

    func nextCommand() -> MixCommand? { commands.pop() }

    func post(_ event: MixEvent) -> Bool {
        hasNews = true
        return events.push(event)
    }

    /// Takes over a retained object. There is room for everything that can exist; were there none, it would be leaked
    /// rather than freed on the mix thread.
    func retire(_ object: Unmanaged<some AnyObject>) {
        hasNews = true
        _ = retired.push(UInt(bitPattern: object.toOpaque()))
    }

    /// Wakes the control side if there is something for it; at the end of a step.
    func signalNews() {
        guard hasNews else { return }
        hasNews = false
        partyline_eventfd_signal(eventSignal)
    }
}
