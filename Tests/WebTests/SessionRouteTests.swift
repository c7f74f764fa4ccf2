// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import Telephony
import Testing

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
