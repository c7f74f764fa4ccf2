// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    /// `partyline scenario record` of a live call, and `replay` of what it wrote, as somebody at a terminal does it.
    @Suite struct ScenarioRecordTests {
        private static var program: URL? {
            DaemonProcess.binary?.deletingLastPathComponent().appendingPathComponent("partyline")
        }

        /// Runs the command line to its end. With `shell` in front of it ("ulimit -f 1;").
        private func partyline(_ house: House, _ arguments: [String], shell: String = "") async throws -> Ending {
            let output = house.daemon.folder.appendingPathComponent("output-\(UInt32.random(in: 0 ... .max))")
            let tool = try start(house, arguments, shell: shell, output: output)
            defer { tool.end() }
            let code = await tool.exitCode(within: 20)
            return Ending(code: code, words: (try? String(contentsOf: output, encoding: .utf8)) ?? "")
        }

        private func start(
            _ house: House, _ arguments: [String], shell: String = "", output: URL? = nil
        ) throws -> RunningTool {
            let words = [Self.program?.path ?? "", "--socket", house.daemon.control.socketPath] + arguments
            return try Tool.start(
                URL(fileURLWithPath: "/bin/sh"), ["-c", shell + "exec \"$@\"", "sh"] + words, output: output)
        }

        struct Ending {
            var code: Int32?
            var words: String
        }

        /// The number of the first call that is so, as `partyline calls` shows it.
        private func call(in house: House, _ isIt: (CallReport) -> Bool) async throws -> String {
            for _ in 0..<100 {
                if let found = house.calls.first(where: isIt) { return found.id }
                try await Task.sleep(nanoseconds: 20_000_000)
            }
            Issue.record("no such call: \(house.calls)")
            return ""
        }

        private func call(of caller: SIPCaller, in house: House) async throws -> String {
            try await call(in: house) { $0.callerNumber == caller.name }
        }

        private func text(_ file: URL) -> String { (try? String(contentsOf: file, encoding: .utf8)) ?? "" }

        private func waits(for words: String, in file: URL) async -> Bool {
            for _ in 0..<250 {
                if text(file).contains(words) { return true }
                try? await Task.sleep(nanoseconds: 20_000_000)
            }
            return false
        }

        /// Records a caller who types 111# in the greeting and hangs up in the room.
        private func record(_ house: House, _ file: URL) async throws {
            let bert = try house.caller("bert")
            bert.call("welcome")
            try await bert.answered()
            let tool = try start(house, ["scenario", "record", try await call(of: bert, in: house), file.path])
            defer { tool.end() }
            // What was before comes as well.
            #expect(await waits(for: "callAlerting", in: file))
            bert.press("111#")
            #expect(await house.waits(for: 1, in: "111"))
            #expect(await waits(for: "conf_111", in: file), "it is written while the call lasts")
            bert.hangUp()
            #expect(await tool.exitCode(within: 10) == 0, "it ends with the session")
        }

        @Test func `a live call is written down, and its scripts do the same again`() async throws {
            try await House.open(47_100) { house in
                let file = house.daemon.folder.appendingPathComponent("call.jsonl")
                try await record(house, file)
                let lines = text(file).split(separator: "\n")
                #expect(lines.first?.contains("\"start\"") == true && lines.last?.contains("\"ended\"") == true)
                let tones = lines.filter { $0.contains("\"tone\"") }
                #expect(tones.count == 4, "1, 1, 1 and #: \(tones)")
                let etc = house.daemon.folder.appendingPathComponent("etc")
                let same = try await partyline(house, ["scenario", "replay", file.path, "--config", etc.path])
                #expect(same.code == 0, "\(same.words)")
                #expect(same.words.contains("answer") && same.words.contains("conf_111"), "\(same.words)")
                // Somebody improves the script: what it does differently is shown, and only that.
                let script = etc.appendingPathComponent("scenarios/gateway.js")
                try text(script).replacingOccurrences(of: "`conf_${digits}`", with: "`conf_9${digits}`")
                    .write(to: script, atomically: true, encoding: .utf8)
                let other = try await partyline(house, ["scenario", "replay", file.path, "--config", etc.path])
                #expect(other.code == 1)
                let changed = other.words.split(separator: "\n").filter { $0.hasPrefix("-") || $0.hasPrefix("+") }
                #expect(changed.count == 2, "\(other.words)")
                #expect(changed.contains { $0.hasPrefix("-") && $0.contains("conf_111") })
                #expect(changed.contains { $0.hasPrefix("+") && $0.contains("conf_9111") })
                // One that fails says where.
                try "VoxEngine.nothing();".write(to: script, atomically: true, encoding: .utf8)
                let broken = try await partyline(house, ["scenario", "replay", file.path, "--config", etc.path])
                #expect(broken.code == 1 && broken.words.contains("gateway.js:1: TypeError"), "\(broken.words)")
            }
        }

        @Test func `who interrupts a recording has what came until then, and it can be played`() async throws {
            try await House.open(47_120) { house in
                let file = house.daemon.folder.appendingPathComponent("part.jsonl")
                let bert = try house.caller("bert")
                bert.call("welcome")
                try await bert.answered()
                let tool = try start(house, ["scenario", "record", try await call(of: bert, in: house), file.path])
                #expect(await waits(for: "startPlayback", in: file))
                tool.end()
                let etc = house.daemon.folder.appendingPathComponent("etc").path
                let played = try await partyline(house, ["scenario", "replay", file.path, "--config", etc])
                #expect(played.code == 0 && played.words.contains("startPlayback"), "\(played.words)")
                // The call goes on as if nobody had listened, and the daemon with it.
                bert.press("5#")
                #expect(await house.waits(for: 1, in: "5"))
            }
        }

        @Test func `what cannot be recorded is refused in words, and leaves no file`() async throws {
            try await House.open(
                47_140, changes: ["lines.d/one.toml": PhoneTests.line("one", number: "21")]
            ) { house in
                let folder = house.daemon.folder
                let file = folder.appendingPathComponent("no.jsonl")
                let bert = try house.caller("bert")
                bert.call("welcome")
                try await bert.answered()
                let number = try await call(of: bert, in: house)
                // A call that never was, and one that is gone; a session, and nonsense.
                for wrong in ["4711", "s4711", "x"] {
                    let ending = try await partyline(house, ["scenario", "record", wrong, file.path])
                    #expect(ending.code == 1 && ending.words.contains("session"), "\(wrong): \(ending)")
                    #expect(file.existing == nil)
                }
                // A file that is there stays as it is.
                let precious = folder.appendingPathComponent("precious")
                try "mine".write(to: precious, atomically: true, encoding: .utf8)
                let taken = try await partyline(house, ["scenario", "record", number, precious.path])
                #expect(taken.code == 1 && taken.words.contains("not there yet"), "\(taken)")
                #expect(text(precious) == "mine")
                // No such folder.
                let nowhere = folder.appendingPathComponent("none/no.jsonl").path
                let lost = try await partyline(house, ["scenario", "record", number, nowhere])
                #expect(lost.code == 1 && lost.words.contains(nowhere), "\(lost)")
                // The disk is full after half a kilobyte.
                let full = try await partyline(
                    house, ["scenario", "record", number, file.path], shell: "trap '' XFSZ; ulimit -f 1; ")
                #expect(full.code == 1 && full.words.contains("can not be written"), "\(full)")
                // No script has this call: a telephone tries its line.
                let phone = try await house.phone("one")
                try await phone.dial("*43")
                let trial = try await call(in: house) { $0.technology == "line" }
                let second = folder.appendingPathComponent("second.jsonl")
                let house43 = try await partyline(house, ["scenario", "record", trial, second.path])
                #expect(house43.code == 1 && second.existing == nil, "\(house43)")
                phone.hangUp()
                bert.hangUp()
                #expect(await bert.wait(5) { $0.isOver })
                try await Task.sleep(nanoseconds: 500_000_000)
                let gone = try await partyline(house, ["scenario", "record", number, second.path])
                #expect(gone.code == 1 && gone.words.contains("session") && second.existing == nil, "\(gone)")
                let replay = try await partyline(house, ["scenario", "replay", second.path])
                #expect(replay.code == 1 && replay.words.contains("can not be read"), "\(replay)")
                let nonsense = try await partyline(house, ["scenario", "replay", precious.path])
                #expect(nonsense.code == 1 && !nonsense.words.isEmpty, "\(nonsense)")
            }
        }
    }
}

extension URL {
    /// Itself, if there is such a file.
    fileprivate var existing: URL? { FileManager.default.fileExists(atPath: path) ? self : nil }
}
