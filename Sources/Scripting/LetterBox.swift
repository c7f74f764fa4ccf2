// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Synchronization
import Telephony

/// Between the threads that use the scenario host and the one thread of the workers. Letters keep their order; the reader
/// empties the box at once, so it holds little.
final class LetterBox: Sendable {
    enum Letter: Sendable {
        case start(SessionStart)
        case deliver(SessionEvent, SessionID)
        case reply(ServiceReply, SessionID)
        case end(SessionID)
        case close
    }

    /// Readable when there are letters.
    let wakeDescriptor: Int32
    private let letters = Mutex<[Letter]>([])
    private let published = Mutex<[String]>([])

    /// Nil when the process has no descriptor left.
    init?() {
        wakeDescriptor = partyline_eventfd()
        if wakeDescriptor < 0 { return nil }
    }

    deinit { close(wakeDescriptor) }

    func post(_ letter: Letter) {
        let isFirst = letters.withLock { letters in
            letters.append(letter)
            return letters.count == 1
        }
        if isFirst { partyline_eventfd_signal(wakeDescriptor) }
    }

    func takeAll() -> [Letter] {
        _ = partyline_eventfd_clear(wakeDescriptor)
        return letters.withLock { letters in
            defer { letters = [] }
            return letters
        }
    }

    /// A line a worker, for the status report.
    func publish(_ lines: [String]) { published.withLock { $0 = lines } }

    var lines: [String] { published.withLock { $0 } }
}
