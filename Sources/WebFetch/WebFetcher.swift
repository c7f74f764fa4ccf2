// SPDX-License-Identifier: Apache-2.0

import CLinux
import CWebFetch
import Synchronization

/// Fetches over http and https on one thread of its own, many at a time; the thread begins with the first fetch, since most
/// houses fetch nothing. Methods return at once, from any thread but the mix thread; answers come on that thread, each
/// exactly once.
package final class WebFetcher: Sendable {
    package struct Options: Sendable {
        package var fence = AddressFence()
        /// File of certificates to trust in place of the system's.
        package var authorities: String?
        package var mostConnections = 64
        package var mostWaiting = 1_000

        package init() {}
    }

    package typealias Answer = @Sendable (Result<WebResponse, WebFault>) -> Void

    private enum Service {
        /// Nothing was fetched yet.
        case unused
        /// By the thread of this number.
        case running(UInt)
        case closed
    }

    private let options: Options
    private let inbox: FetchInbox
    private let loop: FetchLoop
    private let service = Mutex(Service.unused)

    /// Nil: libcurl does not start.
    package init?(_ options: Options) {
        self.options = options
        let inbox = FetchInbox(fence: options.fence)
        guard let web = partyline_web_create(FetchInbox.allows, inbox.asContext, options.mostConnections) else {
            return nil
        }
        self.inbox = inbox
        inbox.web.withLock { $0 = Handle(web) }
        loop = FetchLoop(web: web, inbox: inbox, authorities: options.authorities)
    }

    deinit { close() }

    /// Something was fetched, and it is not closed.
    var hasThread: Bool { service.withLock { if case .running = $0 { true } else { false } } }

    /// The number by which it can be cancelled; 0: it was answered already.
    @discardableResult
    package func fetch(_ request: WebRequest, _ answer: @escaping Answer) -> UInt64 {
        if let flaw = request.flaw {
            answer(.failure(flaw))
            return 0
        }
        guard startsThread() else {
            answer(.failure(.other("no thread to fetch on")))
            return 0
        }
        guard let number = inbox.post(request, answer, most: options.mostWaiting) else {
            answer(.failure(.tooBusy))
            return 0
        }
        return number
    }

    package func fetch(_ request: WebRequest) async throws(WebFault) -> WebResponse {
        let result = await withCheckedContinuation { continuation in
            fetch(request) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// No answer comes any more, unless it is on its way.
    package func cancel(_ number: UInt64) { inbox.cancel(number) }

    /// Ends everything; what still runs is answered with a fault.
    package func close() {
        // First, so that nothing is posted to a thread that will never begin.
        inbox.close()
        let before = service.withLock { service in
            defer { service = .closed }
            return service
        }
        switch before {
        case .unused: loop.discard()
        case .running(let number): partyline_thread_join(number)
        case .closed: break
        }
    }

    /// False: the system has no thread for us now. Once closed nothing begins any more, and the inbox takes nothing.
    private func startsThread() -> Bool {
        service.withLock { service in
            guard case .unused = service else { return true }
            let context = Unmanaged.passRetained(loop)
            var number: UInt = 0
            let error = partyline_thread_start("web-fetch", 0, 1 << 20, FetchLoop.body, context.toOpaque(), &number)
            guard error == 0 else {
                context.release()
                return false
            }
            service = .running(number)
            return true
        }
    }
}

/// A pointer that may cross threads.
struct Handle: @unchecked Sendable {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
}

/// What the thread is told.
final class FetchInbox: Sendable {
    struct Order: Sendable {
        var number: UInt64
        var request: WebRequest
        var answer: WebFetcher.Answer
    }

    struct State {
        var orders: [Order] = []
        var cancelled: [UInt64] = []
        var unanswered = 0
        var numbers: UInt64 = 0
        var isClosed = false
    }

    let fence: AddressFence
    let state = Mutex(State())
    let web = Mutex<Handle?>(nil)

    init(fence: AddressFence) { self.fence = fence }

    /// It lives as long as the loop does.
    var asContext: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static let allows: @convention(c) (UnsafePointer<UInt8>?, UnsafeMutableRawPointer?) -> Int32 = { address, context in
        guard let address, let context else { return 0 }
        let inbox = Unmanaged<FetchInbox>.fromOpaque(context).takeUnretainedValue()
        return inbox.fence.allows(Array(UnsafeBufferPointer(start: address, count: 16))) ? 1 : 0
    }

    func post(_ request: WebRequest, _ answer: @escaping WebFetcher.Answer, most: Int) -> UInt64? {
        let number = state.withLock { state -> UInt64? in
            guard !state.isClosed, state.unanswered < most else { return nil }
            state.numbers += 1
            state.unanswered += 1
            state.orders.append(Order(number: state.numbers, request: request, answer: answer))
            return state.numbers
        }
        wake()
        return number
    }

    func cancel(_ number: UInt64) {
        guard number != 0 else { return }
        state.withLock { $0.cancelled.append(number) }
        wake()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        wake()
    }

    /// Under the lock: the thread takes the handle away before it destroys it.
    private func wake() { web.withLock { if let web = $0 { partyline_web_wake(web.pointer) } } }
}
