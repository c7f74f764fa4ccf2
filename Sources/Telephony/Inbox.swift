// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A bounded queue of events with one consumer. Posting never blocks and keeps the order of each poster. When it is full,
/// ordinary events are refused and counted; those that end something are always taken.
package final class Inbox<Event: Sendable>: Sendable {
    private struct State {
        var events: [Event] = []
        var refused = 0
    }

    private let state = Mutex(State())
    private let limit: Int
    private let wake: AsyncStream<Void>.Continuation
    /// Yields when there is something to take.
    package let signals: AsyncStream<Void>

    package init(limit: Int) {
        self.limit = limit
        (signals, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// False: full, the event was not taken.
    @discardableResult
    package func post(_ event: Event, always: Bool = false) -> Bool {
        let taken = state.withLock { state in
            guard always || state.events.count < limit else {
                state.refused += 1
                return false
            }
            state.events.append(event)
            return true
        }
        wake.yield()
        return taken
    }

    /// Wakes the consumer without an event (a timer).
    package func poke() { wake.yield() }

    package func finish() { wake.finish() }

    package func takeAll() -> [Event] {
        state.withLock { state in
            let events = state.events
            state.events = []
            return events
        }
    }

    package var refused: Int { state.withLock { $0.refused } }
}
