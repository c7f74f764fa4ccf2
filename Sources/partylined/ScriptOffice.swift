// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Storage
import Synchronization
import Telephony
import WebFetch

/// What scripts have beside telephony: the web and the storage. Neither waits for the other, nor for anybody's call.
final class ScriptOffice: ScriptServices {
    private let web: WebFetcher?
    private let store: StateStore?
    private let disk = DispatchQueue(label: "storage", qos: .userInitiated)
    /// Requests under way, so that they end with their session.
    private let running = Mutex<[SessionID: Set<UInt64>]>([:])
    private let waiting = Mutex<[SessionID: Int]>([:])

    /// An answer travels to the worker in one message of at most a megabyte, as JSON: control characters take six bytes there.
    static let mostAnswerBytes = 512 << 10
    static let mostMessageBytes = 1_000_000
    /// Requests to the storage that may wait, of one session.
    private static let mostWaiting = 200

    private let recordings: RecordingAddress

    init(web: WebFetcher?, store: StateStore?, recordings: RecordingAddress) {
        self.web = web
        self.store = store
        self.recordings = recordings
    }

    func perform(
        _ request: ServiceRequest, of session: SessionID, reply: @escaping @Sendable (ServiceReply) -> Void
    ) {
        switch request {
        case .http(let id, let wish): fetch(id, wish, session, reply)
        case .storageGet(let id, let key):
            keep(id, session, reply) { .storageValue(id: id, try $0.value(key, now: $1)) }
        case .storagePut(let id, let key, let value, let ttl):
            keep(id, session, reply) { .storageValue(id: id, try $0.put(key, value, ttlSeconds: ttl, now: $1)) }
        case .storageRemove(let id, let key):
            keep(id, session, reply) { .storageValue(id: id, try $0.remove(key, now: $1)) }
        case .storageKeys(let id):
            keep(id, session, reply) { .storageKeys(id: id, try $0.keys(now: $1)) }
        }
    }

    func ended(_ session: SessionID) {
        let numbers = running.withLock { $0.removeValue(forKey: session) } ?? []
        for number in numbers { web?.cancel(number) }
    }

    // MARK: - Storage

    private func keep(
        _ id: UInt32, _ session: SessionID, _ reply: @escaping @Sendable (ServiceReply) -> Void,
        _ work: @escaping @Sendable (StateStore, Double) throws -> ServiceReply
    ) {
        guard let store else { return reply(.storageFailed(id: id, "this box has no storage: see its log")) }
        let count = waiting.withLock { waiting in
            waiting[session, default: 0] += 1
            return waiting[session, default: 0]
        }
        guard count <= Self.mostWaiting else {
            done(session)
            return reply(.storageFailed(id: id, "more than \(Self.mostWaiting) requests wait for the storage"))
        }
        disk.async { [self] in
            defer { done(session) }
            do {
                reply(try work(store, Date().timeIntervalSince1970))
            } catch {
                reply(.storageFailed(id: id, "\(error)"))
            }
        }
    }

    private func done(_ session: SessionID) {
        waiting.withLock { waiting in
            let left = (waiting[session] ?? 1) - 1
            waiting[session] = left > 0 ? left : nil
        }
    }

    // MARK: - Web

    private func fetch(
        _ id: UInt32, _ wish: ScriptHTTPRequest, _ session: SessionID,
        _ reply: @escaping @Sendable (ServiceReply) -> Void
    ) {
        if let name = recordings.name(in: wish) {
            return disk.async { [recordings] in reply(.http(id: id, recordings.response(name, wish))) }
        }
        guard let web else {
            var response = ScriptHTTPResponse()
            response.error = "this box fetches nothing: see its log"
            return reply(.http(id: id, response))
        }
        var request = WebRequest(url: wish.url)
        request.method = wish.method.isEmpty ? "GET" : wish.method
        request.headers = wish.headers.map { ($0.name, $0.value) }
        let body = wish.isBodyBase64 ? Data(base64Encoded: wish.body).map(Array.init) : Array(wish.body.utf8)
        guard let body else {
            var response = ScriptHTTPResponse()
            response.code = 8
            response.error = "the body is no base 64"
            return reply(.http(id: id, response))
        }
        request.body = body
        request.seconds = Self.capped(wish.timeoutSeconds)
        request.connectSeconds = Self.capped(wish.connectionTimeoutSeconds)
        request.mostBytes = Self.mostAnswerBytes
        let shared = Shared()
        let started = web.fetch(request) { [self] result in
            forget(shared.take(), session)
            reply(.http(id: id, Self.response(result, wantsBytes: wish.wantsBytes)))
        }
        guard started != 0 else { return }
        // The answer may have been quicker than this line.
        if shared.give(started) { running.withLock { _ = $0[session, default: []].insert(started) } }
    }

    private func forget(_ number: UInt64?, _ session: SessionID) {
        guard let number else { return }
        running.withLock { running in
            running[session]?.remove(number)
            if running[session]?.isEmpty == true { running[session] = nil }
        }
    }

    private static func capped(_ seconds: Double) -> Double { seconds.isFinite ? min(max(seconds, 0.1), 90) : 90 }

    /// Whether it fits a message to the worker.
    static func fits(_ response: ScriptHTTPResponse) -> Bool {
        (try? JSONEncoder().encode(response).count).map { $0 <= mostMessageBytes } ?? false
    }

    private static func response(_ result: Result<WebResponse, WebFault>, wantsBytes: Bool) -> ScriptHTTPResponse {
        var response = ScriptHTTPResponse()
        switch result {
        case .success(let answer):
            response.code = answer.status
            response.headers = zip(answer.headerNames, answer.headerValues).map { HeaderField($0, $1) }
            response.body =
                wantsBytes ? Data(answer.body).base64EncodedString() : String(decoding: answer.body, as: UTF8.self)
            response.isBodyBase64 = wantsBytes
            guard fits(response) else {
                return self.response(.failure(.tooLarge), wantsBytes: wantsBytes)
            }
        case .failure(let fault):
            response.code = code(of: fault)
            response.error = "\(fault)"
        }
        return response
    }

    /// As `ScriptHTTPResponse` has them.
    private static func code(of fault: WebFault) -> Int {
        switch fault {
        case .refused: 0
        case .badAddress: 1
        case .nameNotFound: 2
        case .noConnection: 3
        case .badCertificate: 4
        case .tooSlow: 6
        case .tooLarge: 7
        case .tooBusy, .other: 8
        }
    }

    /// A number that is known only after its answer may have come.
    private final class Shared: Sendable {
        private let state: Mutex<(number: UInt64?, isOver: Bool)>

        init() { state = Mutex((nil, false)) }

        /// False: it is over already.
        func give(_ number: UInt64) -> Bool {
            state.withLock { state in
                state.number = number
                return !state.isOver
            }
        }

        func take() -> UInt64? {
            state.withLock { state in
                state.isOver = true
                return state.number
            }
        }
    }
}
