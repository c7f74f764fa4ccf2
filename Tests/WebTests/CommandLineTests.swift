// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import Telephony
import Testing

/// The program itself against a server of the test.
@Suite struct CommandLineTests {
    private struct Outcome: Sendable {
        var code: Int32
        var output: String
        var complaint: String
    }

    /// Beside the test bundle, where the build puts it.
    private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("partyline").path

    private func partyline(_ arguments: [String]) async throws -> Outcome { try await run(Self.program, arguments) }

    private func run(_ program: String, _ arguments: [String]) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let process = Process()
                        let (output, complaint) = (Pipe(), Pipe())
                        process.executableURL = URL(fileURLWithPath: program)
                        process.arguments = arguments
                        process.standardOutput = output
                        process.standardError = complaint
                        try process.run()
                        let (text, error) = (
                            output.fileHandleForReading.readDataToEndOfFile(),
                            complaint.fileHandleForReading.readDataToEndOfFile()
                        )
                        process.waitUntilExit()
                        return Outcome(
                            code: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
                            complaint: String(decoding: error, as: UTF8.self))
                    })
            }
        }
    }

    @Test func `a replay without its configuration says which folder is missing`() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("{}\n".utf8).write(to: file)
        let outcome = try await partyline(["scenario", "replay", file.path, "--config", "/nowhere"])
        #expect(outcome.code == 1)
        #expect(outcome.complaint.contains("there is no /nowhere/scenarios; name the folder of the configuration"))
        #expect(!outcome.complaint.contains(file.path))
    }

    @Test func `exit codes are those of the contract`() async throws {
        try await Switchroom.open { room in
            let socket = ["--socket", room.path]
            #expect(try await partyline(socket + ["status"]).code == 0)
            #expect(try await partyline(["kick", "111", "3"] + socket).code == 0)
            #expect(room.desk.performed == [.kick(room: "111", participant: "3")])
            #expect(try await partyline(socket + ["volume", "111", "3", "--talk", "-6"]).code == 0)
            #expect(room.desk.performed.last == .volume(room: "111", participant: "3", talkDB: -6, listenDB: 0))
            #expect(try await partyline(socket + ["line", "hall", "dial", "111#"]).code == 0)
            #expect(room.desk.performed.last == .line(name: "hall", action: "dial", digits: "111#"))
            #expect(try await partyline(socket + ["say", "111", "Hello", "you"]).code == 0)
            #expect(room.desk.performed.last == .say(room: "111", text: "Hello you"))
            room.desk.answer(with: .refused("no"))
            let refused = try await partyline(socket + ["lock", "111"])
            #expect(refused.code == 1 && refused.output.isEmpty)
            #expect(refused.complaint == "partyline: no; partyline rooms shows the rooms\n")
            #expect(try await partyline(socket + ["room", "999"]).code == 1)
        }
        #expect(try await partyline(["status", "--socket", "/none/x.sock"]).code == 69)
        for usage in [
            ["nonsense"], ["kick", "111"], ["line", "hall", "dial"], ["line", "hall", "lift", "1"],
            ["line", "hall", "eat"],
            ["volume", "111", "3"], ["volume", "111", "3", "--talk", "99"], ["status", "--jsn"],
        ] {
            #expect(try await partyline(usage).code == 64, "\(usage)")
        }
    }

    @Test func `a trace is a ladder with thousandths of a second and one heading`() async throws {
        try await Switchroom.open { room in
            let lines = try await partyline(["--socket", room.path, "trace", "7"]).output
                .split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count { $0.hasSuffix("partyline") } == 1)
            #expect(lines.contains("   0.000 s ──────────▶ INVITE sip:111@box"), "\(lines)")
            #expect(lines.contains("   0.025 s ◀────────── SIP/2.0 180 Ringing"), "\(lines)")
        }
    }

    @Test func `a no comes with one remedy, and in words for people`() async throws {
        try await Switchroom.open { room in
            let socket = ["--socket", room.path]
            func complaint(_ command: String...) async throws -> String {
                let outcome = try await partyline(socket + command)
                #expect(outcome.code == 1, "\(command)")
                return outcome.complaint
            }
            #expect(
                try await complaint("trace", "8") == "partyline: no messages of call 8 are known; trace another\n")
            #expect(try await complaint("trace", "9") == "partyline: no call 9; partyline calls shows the calls\n")
            #expect(
                try await complaint("line", "hall", "dial", "xyz")
                    == "partyline: a telephone has no keys for this; write up to 64 of 0-9, *, #, A-D, such as 111#\n"
            )
            for command in [
                ["unban", "foo!"], ["room", "x/y"], ["recordings", "nix"], ["say", "111", " "],
                ["play", "111", "../x.wav"], ["dial", "111", "ä"], ["dial", "111", ""], ["dial", "a b", "22"],
                ["scenario", "record", "s999", room.path + ".json"],
            ] {
                let outcome = try await partyline(socket + command)
                #expect(outcome.code == 1, "\(command)")
                #expect(!outcome.complaint.contains("/v1/") && !outcome.complaint.contains("{"), "\(outcome.complaint)")
                #expect(outcome.complaint.contains("; "), "\(outcome.complaint)")
            }
            room.desk.answer(with: .refused(Obstacle("the disk is full", remedy: "make room")))
            #expect(try await complaint("record", "111", "start") == "partyline: the disk is full; make room\n")
            #expect(room.desk.performed == [.record(room: "111", action: "start")])
        }
    }

    @Test func `what can not be written is not told as done`() async throws {
        try await Switchroom.open { room in
            let command = "'\(Self.program)' --socket '\(room.path)' lines > /dev/full"
            let outcome = try await run("/bin/sh", ["-c", command])
            #expect(outcome.code == 1)
            #expect(
                outcome.complaint == "partyline: standard output can not be written: No space left on device\n")
        }
    }

    @Test func `a socket that is not for everybody names those who may`() {
        let fault = ControlFault.notAllowed(path: "/x/control.sock", who: "root, or in the group partyline")
        #expect(
            fault.description
                == "/x/control.sock may not be opened by this user; be root, or in the group partyline "
                + "(sudo does that, or usermod -aG for good)")
    }

    @Test func `JSON is the daemon's own, and tables are for people`() async throws {
        try await Switchroom.open { room in
            let json = try await partyline(["--json", "--socket", room.path, "room", "111"]).output
            #expect(try await JSONDecoder().decode(RoomReport.self, from: Data(json.utf8)) == room.desk.room("111"))
            #expect(try await partyline(["room", "111", "--json", "--socket", room.path]).output == json)
            let roster = try await partyline(["--socket", room.path, "room", "111"]).output.split(separator: "\n")
            #expect(roster.count == 4)
            #expect(roster[0] == "room 111 (conf_111), 2 participants, open")
            #expect(roster[1].hasPrefix("ID  NAME  NUMBER"))
            #expect(
                roster[2].contains("Anna") && roster[2].contains("###############.....  talking")
                    && roster[2].contains("1:01"))
            #expect(roster[3].contains("+4930\u{FFFD}1") && roster[3].hasSuffix("muted, on hold"))
            let status = try await partyline(["--socket", room.path, "status"]).output
            #expect(status.hasPrefix("partylined 1.2.3, up 1:02:05\n") && !status.contains("\u{1B}"))
            #expect(try await partyline(["--socket", room.path, "lines"]).output.contains("hall"))
            #expect(try await partyline(["--socket", room.path, "calls"]).output.contains("Zoë 21"))
            #expect(try await partyline(["--socket", room.path, "rooms"]).output.contains("Anna"))
        }
    }
}
