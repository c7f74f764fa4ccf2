// SPDX-License-Identifier: Apache-2.0

import CSofia
import Synchronization

/// Work for the SIP thread.
enum SIPWork: Sendable {
    case command(UInt64, SIPCommand)
    case dial(OutgoingCall)
    case trunk(TrunkNews)
    /// Where phones were before a restart.
    case restore([String: [Binding]])
    /// Settings were read again.
    case adopt(SIPOptions)
    case close(milliseconds: Int)
}

/// The way into the SIP thread from anywhere: keeps the order of each caller, never blocks for long, wakes the thread once.
final class SIPQueue: Sendable {
    private struct Contents {
        var work: [SIPWork] = []
        /// csofia_stack, nil before the thread runs and after it ended.
        var stack: UInt?
        var isOver = false
    }

    private let contents = Mutex(Contents())
    private let lastToken = Atomic<UInt64>(0)

    /// A number for a dialog or timer, never used again.
    func newToken() -> UInt64 { lastToken.add(1, ordering: .relaxed).newValue }

    func post(_ work: SIPWork) {
        contents.withLock { contents in
            guard !contents.isOver else { return }
            contents.work.append(work)
            if contents.work.count == 1 { Self.wake(contents.stack) }
        }
    }

    func drain() -> [SIPWork] {
        contents.withLock { contents in
            let work = contents.work
            contents.work.removeAll(keepingCapacity: work.count <= 64)
            return work
        }
    }

    /// On the SIP thread, when its stack is there.
    func open(_ stack: OpaquePointer) {
        contents.withLock { contents in
            contents.stack = UInt(bitPattern: stack)
            if !contents.work.isEmpty { Self.wake(contents.stack) }
        }
    }

    /// On the SIP thread, before its stack goes: whatever comes later is dropped.
    func close() {
        contents.withLock { contents in
            contents.stack = nil
            contents.isOver = true
            contents.work = []
        }
    }

    private static func wake(_ stack: UInt?) {
        guard let stack, let pointer = OpaquePointer(bitPattern: stack) else { return }
        csofia_wake(pointer)
    }
}
