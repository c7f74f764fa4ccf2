// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import WebFetch

/// The real client against a real server on loopback.
@Suite struct WebFetcherTests {
    private func fetcher(allowsLoopback: Bool = true) throws -> WebFetcher {
        var options = WebFetcher.Options()
        let loopback = try #require(AddressFence.Block([127, 0, 0, 1], prefix: 32))
        options.fence = AddressFence(allowed: allowsLoopback ? [loopback] : [])
        return try #require(WebFetcher(options))
    }

    private func answer(_ status: String, _ headers: String = "", _ body: String = "") -> String {
        "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    }

    private func fault(_ fetcher: WebFetcher, _ request: WebRequest) async -> WebFault? {
        do throws(WebFault) {
            _ = try await fetcher.fetch(request)
            return nil
        } catch {
            return error
        }
    }

    @Test func `method, headers and body go out, status, headers and body come back`() async throws {
        let server = try TinyServer { _ in answer("201 Created", "X-One: a\r\nx-two:  b \r\n", "höllo") }
        defer { server.stop() }
        let fetcher = try fetcher()
        defer { fetcher.close() }
        for (method, body) in [("GET", ""), ("POST", "a=b"), ("PUT", "x"), ("DELETE", ""), ("PATCH", "é")] {
            var request = WebRequest(url: server.url + "/p?q=1")
            request.method = method
            request.headers = [("X-Key", "42"), ("X-Empty", "")]
            request.body = Array(body.utf8)
            let response = try await fetcher.fetch(request)
            #expect(response.status == 201)
            #expect(response.header("X-ONE") == "a")
            #expect(response.header("x-two") == "b")
            #expect(response.body == Array("höllo".utf8))
            let heard = server.heard.last ?? ""
            #expect(heard.hasPrefix("\(method) /p?q=1 HTTP/1.1\r\n"))
            #expect(heard.contains("X-Key: 42\r\n"))
            #expect(!heard.contains("Expect"))
            if !body.isEmpty { #expect(heard.hasSuffix(body)) }
        }
    }

    @Test func `an address that is not allowed is not connected to, directly or by a redirect or by a name`()
        async throws
    {
        let inner = try TinyServer { _ in "HTTP/1.1 200 OK\r\n\r\nsecret" }
        defer { inner.stop() }
        let strict = try fetcher(allowsLoopback: false)
        defer { strict.close() }
        for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"] {
            #expect(await fault(strict, WebRequest(url: "http://\(host):\(inner.port)/")) != nil, "\(host)")
        }
        #expect(await fault(strict, WebRequest(url: inner.url)) == .refused)
        #expect(inner.heard.isEmpty)
        // One address of loopback is allowed; the redirect leads to another.
        let port = inner.port
        let outer = try TinyServer { _ in "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:\(port)/\r\n\r\n" }
        defer { outer.stop() }
        let fetcher = try fetcher()
        defer { fetcher.close() }
        #expect(await fault(fetcher, WebRequest(url: outer.url)) == .refused)
        #expect(inner.heard.isEmpty)
    }

    @Test func `redirects are followed a few times, to http only`() async throws {
        let server = try TinyServer { request in
            request.hasPrefix("GET /end")
                ? answer("200 OK", "", "there")
                : request.hasPrefix("GET /file")
                    ? answer("302 Found", "Location: file:///etc/passwd\r\n")
                    : request.hasPrefix("GET /loop")
                        ? answer("302 Found", "Location: /loop\r\n") : answer("302 Found", "Location: /end\r\n")
        }
        defer { server.stop() }
        let fetcher = try fetcher()
        defer { fetcher.close() }
        #expect(try await fetcher.fetch(WebRequest(url: server.url + "/start")).body == Array("there".utf8))
        #expect(await fault(fetcher, WebRequest(url: server.url + "/loop")) != nil)
        #expect(server.heard.count < 12)
        #expect(await fault(fetcher, WebRequest(url: server.url + "/file")) != nil)
    }

    @Test func `an answer that is too large, too slow or never comes ends within its bounds`() async throws {
        let server = try TinyServer { request in
            request.hasPrefix("GET /large") ? answer("200 OK", "", String(repeating: "x", count: 300_000)) : nil
        }
        defer { server.stop() }
        let fetcher = try fetcher()
        defer { fetcher.close() }
        var request = WebRequest(url: server.url + "/large")
        request.mostBytes = 100_000
        #expect(await fault(fetcher, request) == .tooLarge)
        request = WebRequest(url: server.url + "/silent")
        request.seconds = 0.3
        let begin = ContinuousClock.now
        #expect(await fault(fetcher, request) == .tooSlow)
        #expect(begin.duration(to: .now) < .seconds(3))
        // Nobody listens there any more.
        let port = server.port
        server.stop()
        let closed = await fault(fetcher, WebRequest(url: "http://127.0.0.1:\(port)/"))
        if case .noConnection = closed {} else { Issue.record("\(String(describing: closed))") }
    }

    @Test func `closing answers what still waits; a cancelled one is not answered`() async throws {
        let server = try TinyServer { _ in nil }
        defer { server.stop() }
        let fetcher = try fetcher()
        async let waiting = fault(fetcher, WebRequest(url: server.url))
        let cancelled = fetcher.fetch(WebRequest(url: server.url)) { _ in Issue.record("it was answered") }
        fetcher.cancel(cancelled)
        for _ in 0..<200 where server.heard.isEmpty { try await Task.sleep(nanoseconds: 10_000_000) }
        fetcher.close()
        #expect(await waiting != nil)
        #expect(await fault(fetcher, WebRequest(url: server.url)) == .tooBusy)
    }

    @Test func `the thread begins with the first fetch`() async throws {
        let unused = try fetcher()
        #expect(!unused.hasThread)
        unused.close()
        #expect(await fault(unused, WebRequest(url: "http://127.0.0.1:9/")) == .tooBusy)
        #expect(!unused.hasThread)

        let server = try TinyServer { _ in answer("200 OK", "", "there") }
        defer { server.stop() }
        let fetcher = try fetcher()
        #expect(await fault(fetcher, WebRequest(url: "ftp://x/")) == .badAddress)
        #expect(!fetcher.hasThread)
        for _ in 0..<2 { #expect(try await fetcher.fetch(WebRequest(url: server.url)).status == 200) }
        #expect(fetcher.hasThread)
        fetcher.close()
        fetcher.close()
        #expect(!fetcher.hasThread)
    }

    @Test(arguments: [
        "", "ftp://x/", "file:///etc/passwd", "http://a b/", "gopher://x", "javascript:x", "http://x/\r\nX: y",
        "dict://127.0.0.1:11211/",
    ])
    func `what is no http address is refused at once`(_ url: String) async throws {
        let fetcher = try fetcher()
        defer { fetcher.close() }
        #expect(await fault(fetcher, WebRequest(url: url)) == .badAddress)
    }

    @Test func `a header can bring no second one along`() async throws {
        let fetcher = try fetcher()
        defer { fetcher.close() }
        var request = WebRequest(url: "http://127.0.0.1:9/")
        request.headers = [("X", "a\r\nHost: evil")]
        if case .other = await fault(fetcher, request) {} else { Issue.record("it was taken") }
        request.headers = [("X: y\r\nZ", "a")]
        if case .other = await fault(fetcher, request) {} else { Issue.record("it was taken") }
    }
}
