// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import Telephony
import Testing

@Suite struct ControlAPITests {
    private struct Rooms: Decodable { var rooms: [RoomReport] }
    private struct Calls: Decodable { var calls: [CallReport] }
    private struct Lines: Decodable { var lines: [LineReport] }

    @Test func `reports come as the desk gives them`() async throws {
        try await Switchroom.open { room in
            let status = try await room.ask { try $0.get("/v1/status", as: StatusReport.self) }
            #expect(await status == room.desk.status())
            let rooms = try await room.ask { try $0.get("/v1/rooms", as: Rooms.self).rooms }
            #expect(await rooms == room.desk.rooms())
            let one = try await room.ask { try $0.get("/v1/rooms/%31%311", as: RoomReport.self) }
            #expect(await one == room.desk.room("111"))
            #expect(try await room.ask { try $0.get("/v1/calls", as: Calls.self).calls.map(\.callerName) } == ["Zoë"])
            #expect(try await room.ask { try $0.get("/v1/lines", as: Lines.self).lines.map(\.driftPPM) } == [.infinity])
        }
    }

    @Test func `every wish reaches the desk`() async throws {
        let wishes: [(path: String, body: String, request: ControlRequest)] = [
            ("rooms/111/participants/3/kick", "", .kick(room: "111", participant: "3")),
            ("rooms/111/participants/3/mute", "", .mute(room: "111", participant: "3", true)),
            ("rooms/111/participants/3/unmute", "{}", .mute(room: "111", participant: "3", false)),
            ("rooms/111/participants/3/deafen", "", .deafen(room: "111", participant: "3", true)),
            ("rooms/111/participants/3/undeafen", "", .deafen(room: "111", participant: "3", false)),
            (
                "rooms/a%20b/participants/3/volume", "{\"talkDB\":-6.5}",
                .volume(room: "a b", participant: "3", talkDB: -6.5, listenDB: 0)
            ),
            (
                "rooms/111/participants/3/volume", "{\"talkDB\":20,\"listenDB\":-40}",
                .volume(room: "111", participant: "3", talkDB: 20, listenDB: -40)
            ),
            ("rooms/111/lock", "", .lock(room: "111", true)),
            ("rooms/111/unlock", "", .lock(room: "111", false)),
            ("rooms/111/say", "{\"text\":\" Hello\\n you \"}", .say(room: "111", text: "Hello you")),
            ("rooms/111/play", "{\"file\":\"a/b.wav\"}", .play(room: "111", file: "a/b.wav")),
            ("rooms/111/record", "{\"action\":\"pause\"}", .record(room: "111", action: "pause")),
            ("calls/7/hangup", "", .hangUp(call: "7")),
            ("lines/hall/lift", "", .line(name: "hall", action: "lift", digits: "")),
            ("lines/hall/dial", "{\"digits\":\"111#\"}", .line(name: "hall", action: "dial", digits: "111#")),
            ("lines/hall/hangup", "", .line(name: "hall", action: "hangup", digits: "")),
        ]
        try await Switchroom.open { room in
            for (path, body, request) in wishes {
                let answer = try await room.ask { try $0.post("/v1/" + path, Array(body.utf8)) }
                #expect(String(decoding: answer, as: UTF8.self) == "{\"done\":true}\n")
                #expect(room.desk.performed.last == request)
            }
            #expect(room.desk.performed.count == wishes.count)
        }
    }

    @Test func `what is wrong is refused with a remedy and never reaches the desk`() async throws {
        let wrong: [(path: String, body: String)] = [
            ("rooms//lock", ""), ("rooms/%0a/lock", ""), ("rooms/%zz/lock", ""), ("rooms/%ff/lock", ""),
            ("rooms/a%2fb/lock", ""), ("rooms/77%23/lock", ""), ("rooms/conf_77%23/lock", ""),
            ("rooms/\(String(repeating: "1", count: 65))/lock", ""), ("rooms/1/participants/a%20b/kick", ""),
            ("rooms/1/participants/3/eat", ""), ("rooms/1/participants/3", ""), ("rooms/1/paint", ""), ("rooms/1", ""),
            ("rooms", ""),
            ("rooms/1/participants/3/volume", ""), ("rooms/1/participants/3/volume", "{}"),
            ("rooms/1/participants/3/volume", "{\"talkDB\":21}"),
            ("rooms/1/participants/3/volume", "{\"talkDB\":1e999}"),
            ("rooms/1/participants/3/volume", "{\"talkDB\":\"1\"}"), ("rooms/1/participants/3/volume", "[1]"),
            ("rooms/1/say", "{\"text\":\" \"}"), ("rooms/1/say", "{\"text\":\"\\u0007\"}"),
            ("rooms/1/say", "{\"text\":\"\(String(repeating: "x", count: 1_501))\"}"), ("rooms/1/say", "\u{0}"),
            ("rooms/1/play", "{\"file\":\"../x.wav\"}"), ("rooms/1/play", "{\"file\":\"\"}"),
            ("rooms/1/play", "{\"file\":7}"),
            ("lines/a%2Fb/lift", ""), ("lines/a/dial", "{\"digits\":\"11x\"}"), ("lines/a/dial", "{\"digits\":\"\"}"),
            ("lines/a/dial", ""),
            ("lines/a/burn", ""), ("calls/%20/hangup", ""), ("calls/7/hangup/now/x/y/z", ""), ("x", ""),
            ("../v1/status", ""),
            ("rooms/1/say", String(repeating: "[", count: 30_000)),
        ]
        try await Switchroom.open { room in
            for (path, body) in wrong {
                let fault = await room.fault { try $0.post("/v1/" + path, Array(body.utf8)) }
                guard case .refused(let reason, let remedy) = fault else {
                    Issue.record("\(path) \(body.prefix(40)): \(String(describing: fault))")
                    continue
                }
                #expect(!reason.isEmpty && !remedy.isEmpty, "\(path)")
            }
            for path in [
                "/", "/v1", "/v1/", "/v2/status", "/v1/status/", "/v1/status/x/y", "/v1//status", "/v1/rooms/999",
            ] {
                guard case .refused(_, let remedy) = await room.fault({ try $0.get(path) }) else {
                    Issue.record("\(path)"); continue
                }
                #expect(!remedy.isEmpty)
            }
            #expect(
                await room.fault { try $0.post("/v1/rooms/1/say", [UInt8](repeating: 32, count: 65 << 10)) }
                    == .refused("the body is larger than 64 KiB", remedy: "send less"))
            #expect(room.desk.performed.isEmpty)
        }
    }

    @Test func `the desk's no comes with its reason`() async throws {
        try await Switchroom.open { room in
            room.desk.answer(with: .notFound("there is no participant 9 in room 111"))
            #expect(
                await room.fault { try $0.post("/v1/rooms/111/participants/9/kick") }
                    == .refused(
                        "there is no participant 9 in room 111", remedy: "partyline room 111 shows who is there"))
            room.desk.answer(with: .refused("the line is not virtual"))
            #expect(
                await room.fault { try $0.post("/v1/lines/hall/lift") }
                    == .refused("the line is not virtual", remedy: "partyline lines shows the lines"))
        }
    }

    @Test func `garbage and half requests disturb nobody`() async throws {
        try await Switchroom.open { room in
            let pieces = [
                "\u{0}\u{1}garbage\r\n\r\n", "GET /v1/status HTTP/1.1\r\n",
                "POST /v1/rooms/1/say HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "GET " + String(repeating: "/", count: 100_000) + " HTTP/1.1\r\n\r\n",
                "POST /v1/rooms/1/lock HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "GET /v1/status HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 5_000) + "\r\n",
            ]
            for piece in pieces { _ = try await room.raw(piece, awaitsAnswer: false) }
            let status = try await room.ask { try $0.get("/v1/status", as: StatusReport.self) }
            #expect(status.version == "1.2.3")
            #expect(room.desk.performed.isEmpty)
        }
    }
}
