// SPDX-License-Identifier: Apache-2.0

import CWebFetch
import Synchronization

/// The thread of a `WebFetcher`: starts transfers, waits for them, hands out answers.
///
/// Unchecked: made on one thread and then used by its own only.
final class FetchLoop: @unchecked Sendable {
    private let web: OpaquePointer
    private let inbox: FetchInbox
    private let authorities: String?
    // Of the thread.
    private var answers: [UInt64: WebFetcher.Answer] = [:]
    private var transfers: [UInt64: OpaquePointer] = [:]

    init(web: OpaquePointer, inbox: FetchInbox, authorities: String?) {
        self.web = web
        self.inbox = inbox
        self.authorities = authorities
    }

    static let body: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
        guard let context else { return }
        Unmanaged<FetchLoop>.fromOpaque(context).takeRetainedValue().run()
    }

    /// Frees what transfers need: the thread at its end, or whoever closes where it never began.
    func discard() {
        inbox.web.withLock { $0 = nil }
        partyline_web_destroy(web)
    }

    private func run() {
        while true {
            let (orders, cancelled, isClosed) = inbox.state.withLock { state in
                defer {
                    state.orders = []
                    state.cancelled = []
                }
                return (state.orders, state.cancelled, state.isClosed)
            }
            for order in orders { start(order) }
            for number in cancelled { end(number, with: nil) }
            if isClosed { break }
            _ = partyline_web_step(web, 1000)
            var result = partyline_web_result()
            while partyline_web_next(web, &result) == 1 {
                end(UInt64(UInt(bitPattern: result.context)), with: Self.read(result))
            }
        }
        for number in answers.keys { end(number, with: .failure(.other("the exchange is closing"))) }
        discard()
    }

    private func start(_ order: FetchInbox.Order) {
        answers[order.number] = order.answer
        let request = order.request
        let lines = request.headers.map { header in
            // To libcurl "Name:" means: leave it out; an empty value is written with a semicolon.
            header.value.isEmpty ? header.name + ";" : header.name + ": " + header.value
        }
        let transfer = withCStrings(lines) { headers in
            request.method.uppercased().withCString { method in
                request.url.withCString { url in
                    request.body.withUnsafeBufferPointer { body in
                        withOptionalCString(authorities) { file in
                            var wish = partyline_web_request()
                            wish.method = method
                            wish.url = url
                            wish.headers = headers
                            wish.body = body.baseAddress
                            wish.body_count = body.count
                            wish.timeout_ms = Self.milliseconds(request.seconds)
                            wish.connect_ms = Self.milliseconds(request.connectSeconds)
                            wish.most_bytes = max(0, request.mostBytes)
                            wish.ca_file = file
                            return partyline_web_start(
                                web, &wish, UnsafeMutableRawPointer(bitPattern: UInt(order.number)))
                        }
                    }
                }
            }
        }
        if let transfer { transfers[order.number] = transfer } else { end(order.number, with: .failure(.badAddress)) }
    }

    private func end(_ number: UInt64, with result: Result<WebResponse, WebFault>?) {
        if let transfer = transfers.removeValue(forKey: number) { partyline_transfer_free(web, transfer) }
        guard let answer = answers.removeValue(forKey: number) else { return }
        inbox.state.withLock { $0.unanswered -= 1 }
        if let result { answer(result) }
    }

    private static func milliseconds(_ seconds: Double) -> Int {
        seconds.isFinite ? Int(min(max(seconds, 0.001), 3600) * 1000) : 90_000
    }

    private static func read(_ result: partyline_web_result) -> Result<WebResponse, WebFault> {
        guard result.code == 0 else {
            let words = result.error.map { String(cString: $0) } ?? ""
            if result.is_too_large != 0 { return .failure(.tooLarge) }
            switch partyline_web_fault_of(result.code) {
            case PARTYLINE_WEB_ADDRESS: return .failure(.badAddress)
            case PARTYLINE_WEB_NAME: return .failure(.nameNotFound)
            case PARTYLINE_WEB_CONNECTION: return .failure(result.is_refused != 0 ? .refused : .noConnection(words))
            case PARTYLINE_WEB_CERTIFICATE: return .failure(.badCertificate(words))
            case PARTYLINE_WEB_TIME: return .failure(.tooSlow)
            default: return .failure(.other(words))
            }
        }
        var response = WebResponse(status: Int(result.status))
        response.body = Array(UnsafeBufferPointer(start: result.body, count: result.body_count))
        let lines = String(
            decoding: UnsafeBufferPointer(start: result.headers, count: result.headers_count), as: UTF8.self)
        for line in lines.split(whereSeparator: \.isNewline).dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            response.headerNames.append(String(line[..<colon]))
            let value = line[line.index(after: colon)...]
            response.headerValues.append(
                String(value.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()))
        }
        return .success(response)
    }
}

/// Strings as a list of C strings with nil at the end, for the time of the call.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
    let storage = strings.map { Array($0.utf8CString) }
    func descend(_ index: Int, _ pointers: [UnsafePointer<CChar>?]) -> Result {
        guard index < storage.count else {
            return (pointers + [nil]).withUnsafeBufferPointer { body($0.baseAddress) }
        }
        return storage[index].withUnsafeBufferPointer { descend(index + 1, pointers + [$0.baseAddress]) }
    }
    return descend(0, [])
}

private func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}
