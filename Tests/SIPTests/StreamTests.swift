// SPDX-License-Identifier: Apache-2.0

import Glibc
import SIP
import Telephony
import Testing

/// A TCP connection to the server.
final class TestStream {
    let descriptor: Int32

    /// - Parameter host: its own address, one of loopback's.
    init?(port: UInt16, host: String = "127.0.0.1") {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in(
            sin_family: sa_family_t(AF_INET), sin_port: port.bigEndian,
            sin_addr: in_addr(s_addr: UInt32(0x7F00_0001).bigEndian), sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
        var own = sockaddr_in()
        own.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, host, &own.sin_addr)
        _ = withUnsafePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return nil }
        var wait = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ text: String) { _ = Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

    /// What comes until the text appears; nil after two seconds without it, "" when the connection is closed.
    func receive(until end: String) -> String? {
        var all = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !all.contains(end) {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 { return "" }
            guard count > 0 else { return nil }
            all += String(decoding: buffer[0..<count], as: UTF8.self)
        }
        return all
    }
}

extension Conversations {
    @Suite struct StreamTests {
        private func options(_ number: Int) -> String {
            "OPTIONS sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKt\(number)\r\nFrom: <sip:a@b>;tag=\(number)\r\n"
                + "To: <sip:1@127.0.0.1>\r\nCall-ID: stream\(number)\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 9\r\nContent-Length: 0\r\n\r\n"
        }

        @Test func `messages in pieces and in heaps are both read`() async throws {
            let exchange = try Exchange()
            let stream = try #require(TestStream(port: exchange.port))
            let text = options(1)
            let middle = text.index(text.startIndex, offsetBy: 100)
            stream.send(String(text[..<middle]))
            try await Task.sleep(for: .milliseconds(20))
            stream.send(String(text[middle...]))
            #expect(stream.receive(until: "stream1")?.hasPrefix("SIP/2.0 200") ?? false)
            stream.send((2...20).map(options).joined())
            #expect(stream.receive(until: "stream20")?.contains("stream2\r\n") ?? false)
        }

        @Test func `a broken message on a connection is answered, and the next one too`() async throws {
            let exchange = try Exchange()
            let stream = try #require(TestStream(port: exchange.port))
            stream.send(options(1).replacing("CSeq: 1 OPTIONS", with: "CSeq: 1 INVITE") + options(2))
            let text = try #require(stream.receive(until: "stream2"))
            #expect(text.hasPrefix("SIP/2.0 400 "))
            #expect(text.contains("Call-ID: stream1"))
            // A head that says nothing about its length ends the connection: nobody knows where the next one begins.
            let other = try #require(TestStream(port: exchange.port))
            other.send(options(3).replacing("Content-Length: 0\r\n", with: ""))
            #expect(other.receive(until: "stream3")?.hasPrefix("SIP/2.0 400 ") ?? false)
        }

        @Test func `strangers have few connections, and whoever may call has enough`() async throws {
            let exchange = try Exchange(allowed: try AddressList(["192.0.2.0/24"]))
            var open = 0
            var streams: [TestStream] = []
            for _ in 0..<20 {
                guard let stream = TestStream(port: exchange.port) else { continue }
                stream.send(options(open))
                // "" is a connection that was closed at once.
                let answer = stream.receive(until: "stream\(open)") ?? ""
                if !answer.isEmpty { open += 1 }
                streams.append(stream)
            }
            #expect(open == 8, "\(open) connections")
            #expect(exchange.log.all.contains { $0.hasSuffix("method=any user=- reason=connections") })
        }

        @Test func `idle connections, endless messages and garbage stop nobody`() async throws {
            let exchange = try Exchange()
            let idle = (0..<200).compactMap { _ in TestStream(port: exchange.port) }
            #expect(idle.count == 200)
            idle[0].send(String(repeating: "\u{0}\u{1}xyz\r\n\r\n", count: 1_000))
            idle[1].send(
                options(1).replacing("Content-Length: 0", with: "Content-Length: 99999999")
                    + String(repeating: "x", count: 60_000))
            idle[2].send("INVITE sip:1@127.0.0.1 SIP/2.0\r\nX: " + String(repeating: "y", count: 200_000))
            for number in 3..<50 { idle[number].send("OPTIONS sip:1@127.0.0.1 SIP/2.0\r\nVia: ") }
            let good = try #require(TestStream(port: exchange.port))
            good.send(options(7))
            #expect(good.receive(until: "stream7")?.hasPrefix("SIP/2.0 200") ?? false)
            let phone = try await exchange.talking()
            phone.send("BYE")
            #expect(phone.finalResponse("BYE").status == 200)
        }

        /// Sixteen addresses with eight silent connections each fill the room that strangers have.
        @Test func `silent strangers give way to who comes, and end by themselves`() async throws {
            let exchange = try Exchange(
                allowed: try AddressList(["192.0.2.0/24"]), silentStreamEnds: .milliseconds(1_500))
            let silent = (0..<128).compactMap { TestStream(port: exchange.port, host: "127.0.1.\($0 / 8 + 1)") }
            #expect(silent.count == 128)
            try await Task.sleep(for: .milliseconds(200))
            var phones: [TestStream] = []
            for number in 1...4 {
                let phone = try #require(TestStream(port: exchange.port, host: "127.0.2.\(number)"))
                phone.send(options(number))
                #expect(phone.receive(until: "stream\(number)")?.hasPrefix("SIP/2.0 200") ?? false)
                phones.append(phone)
            }
            // The oldest went, the newest of them are there.
            #expect(silent[0].receive(until: "x") == "")
            silent[127].send(options(99))
            #expect(silent[127].receive(until: "stream99")?.hasPrefix("SIP/2.0 200") ?? false)
            for stream in silent[1...] { #expect(stream.receive(until: "x") == "", "it ends by itself") }
            #expect(exchange.log.all.contains { $0.hasSuffix("method=any user=- reason=silent") })
        }

        @Test func `a connection of who needs no password stays, silent or not`() async throws {
            let exchange = try Exchange(silentStreamEnds: .milliseconds(300))
            let stream = try #require(TestStream(port: exchange.port))
            try await Task.sleep(for: .milliseconds(2_000))
            stream.send(options(1))
            #expect(stream.receive(until: "stream1")?.hasPrefix("SIP/2.0 200") ?? false)
        }
    }
}
