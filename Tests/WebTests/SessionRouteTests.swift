// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import Logging
import Telephony
import Testing
import Web

/// Sessions and recordings over the control socket.
@Suite struct SessionRouteTests {
    @Test func `a session is started by its rule, with text or any JSON as its data`() async throws {
        try await Switchroom.open { room in
            for (body, data) in [
                (#"{"rule":"alarm","data":"x y"}"#, "x y"), (#"{"rule":"alarm"}"#, ""),
                (#"{"rule":"alarm","data":{"a":[1,null,true]}}"#, #"{"a":[1,null,true]}"#),
            ] {
                let answer = try await room.ask { try $0.post("/sessions", Array(body.utf8)) }
                let report = try JSONDecoder().decode(SessionReport.self, from: Data(answer))
                #expect(report.id == "s12")
                #expect(report.conference == data)
                #expect(report.accessURL.hasSuffix(FakeDesk.token))
            }
            for body in ["", "{}", #"{"rule":""}"#, #"{"rule":"nobody"}"#, "[1]"] {
                #expect(await room.fault { try $0.post("/v1/sessions", Array(body.utf8)) } != nil)
            }
        }
    }

    @Test func `any method on a token's address reaches the script, and its answer comes back as it is`() async throws {
        try await Switchroom.open { room in
            let (_, answer) = try await room.raw(
                "PUT /sessions/\(FakeDesk.token)/a/b?c=d HTTP/1.1\r\nHost: x\r\nX-Key: 1\r\nContent-Length: 5\r\n"
                    + "Connection: close\r\n\r\nhello")
            #expect(answer.hasPrefix("HTTP/1.1 202"))
            #expect(answer.lowercased().contains("content-type: text/x-test"))
            #expect(answer.contains("PUT /a/b?c=d hello X-Key") || answer.contains("PUT /a/b?c=d hello x-key"))
            let plain = try await room.ask { try $0.get("/sessions/\(FakeDesk.token)") }
            #expect(String(decoding: plain, as: UTF8.self).hasPrefix("GET  "))
            #expect(await room.fault { try $0.get("/sessions/abc/def") } != nil)
        }
    }

    @Test func `what happens to a session is a stream that ends with it`() async throws {
        try await Switchroom.open { room in
            let (_, answer) = try await room.raw(
                "GET /sessions/s12/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer.contains("text/event-stream"))
            #expect(await room.fault { try $0.get("/sessions/s13/events") } != nil)
        }
    }

    @Test func `recordings are listed and had by name, and nothing else of the disk`() async throws {
        try await Switchroom.open { room in
            let folder = URL(fileURLWithPath: room.path).deletingLastPathComponent().appendingPathComponent(
                "recordings")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let bytes = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
            try bytes.write(to: folder.appendingPathComponent("a-1.wav"))
            try bytes.write(to: folder.appendingPathComponent("b.mp3.part"))
            try FileManager.default.createSymbolicLink(
                at: folder.appendingPathComponent("link.wav"), withDestinationURL: URL(fileURLWithPath: "/etc/passwd"))
            let list = try await room.ask { try $0.get("/v1/recordings") }
            let text = String(decoding: list, as: UTF8.self)
            #expect(text.contains("a-1.wav") && !text.contains("part") && !text.contains("link"))
            #expect(try await room.ask { try $0.get("/recordings/a-1.wav") } == Array(bytes))
            for path in [
                "/recordings/b.mp3.part", "/recordings/link.wav", "/recordings/..%2Fcontrol.sock",
                "/recordings/.hidden",
                "/recordings/none.wav", "/v1/recordings/a-1.wav/x",
            ] {
                #expect(await room.fault { try $0.get(path) } != nil, "\(path)")
            }
        }
    }
}

@Suite struct SessionServerTests {
    private func ask(_ port: UInt16, _ path: String) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = port.bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
        let text = "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        _ = write(descriptor, text, text.utf8.count)
        var answer = ""
        var bytes = [UInt8](repeating: 0, count: 4096)
        while case let count = read(descriptor, &bytes, bytes.count), count > 0 {
            answer += String(decoding: bytes[0..<count], as: UTF8.self)
        }
        return answer
    }

    @Test func `on the port for other programs sessions answer, and nothing else does`() async throws {
        let port: UInt16 = 28_998
        let server = SessionServer(
            desk: FakeDesk(), host: "127.0.0.1", port: Int(port), logger: Logger(label: "test"))
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { isReady.finish() }
                try await server.run { isReady.yield() }
            }
            for await _ in ready { break }
            let paths = [
                "/sessions/\(FakeDesk.token)/x", "/v1/status", "/sessions", "/sessions/s12/events", "/v1/recordings",
            ]
            let answers = try await Switchroom.beside { try paths.map { try ask(port, $0) } }
            #expect(answers[0].hasPrefix("HTTP/1.1 202") && answers[0].contains("GET /x"))
            for answer in answers.dropFirst() { #expect(answer.hasPrefix("HTTP/1.1 404")) }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
