// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Testing

@Suite struct ResponseReaderTests {
    /// Feeds `text` in pieces of `size` bytes and ends the connection.
    private func read(_ text: String, inPiecesOf size: Int, maximum: Int = 1_000) throws -> (status: Int?, body: String)
    {
        var reader = HTTPResponseReader(maximumBodyBytes: maximum)
        var body: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty, !reader.isComplete {
            body += try reader.feed(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        if !reader.isComplete { body += try reader.end() }
        return (reader.status, String(decoding: body, as: UTF8.self))
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
        ("HTTP/1.1 200 OK\r\ncontent-length:5 \r\n\r\nhelloHTTP/1.1", 200, "hello"),
        (
            "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\nA\r\nlo "
                + "1234567\r\n0\r\nT: r\r\n\r\n",
            404, "hello 1234567"
        ),
        ("HTTP/1.0 200 OK\n\nhello", 200, "hello"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""),
    ])
    func `a response is the same however it is cut`(_ text: String, _ status: Int, _ body: String) throws {
        for size in 1...text.utf8.count {
            let result = try read(text, inPiecesOf: size)
            #expect(result.status == status && result.body == body, "pieces of \(size)")
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "FTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    ])
    func `what is no response is refused, not guessed`(_ text: String) {
        for size in [1, 7, 1_000] {
            #expect(throws: ControlFault.self) { try read(text, inPiecesOf: size) }
        }
    }

    @Test func `bodies and heads have a largest size`() {
        let large = "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1_001)
        #expect(throws: ControlFault.self) { try read(large, inPiecesOf: 100) }
        let head = "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 20_000)
        #expect(throws: ControlFault.self) { try read(head, inPiecesOf: 1_000) }
    }

    @Test func `events are cut out of the stream however it comes`() throws {
        let text =
            ": hello\n\ndata: {\"a\":1}\n\nevent: x\r\ndata:one\r\ndata: two\r\n\r\n: still here\n\ndata: "
            + "Zoë\n\ndata: half"
        for size in 1...text.utf8.count {
            var reader = EventStreamReader()
            var events: [String] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                events += try reader.feed(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(events == ["{\"a\":1}", "one\ntwo", "Zoë"], "pieces of \(size)")
        }
        var reader = EventStreamReader()
        #expect(throws: ControlFault.self) {
            for _ in 0..<20 { _ = try reader.feed([UInt8](repeating: 120, count: 100_000)) }
        }
    }
}
