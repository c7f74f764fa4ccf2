// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Testing

extension HouseTests {
    @Suite struct TroubleTests {
        @Test
        func `kill -9 of a scenario worker leaves the room its audio; the next caller is greeted within two seconds`()
            async throws
        {
            try await House.open(34300) { house in
                let anna = try await house.guest("anna", in: "9")
                let bert = try await house.guest("bert", in: "9")
                let workers = ProcessFigures.named("partyline-scena").filter {
                    Self.parent($0) == house.daemon.processID
                }
                #expect(!workers.isEmpty)
                anna.speak(Voice(1).samples(seconds: 4))
                try await Task.sleep(nanoseconds: 1_000_000_000)
                bert.clearRecordings()
                try await Task.sleep(nanoseconds: 300_000_000)
                for worker in workers { kill(worker, SIGKILL) }
                let cora = try house.caller("cora")
                let start = MonotonicClock.now
                cora.call("welcome")
                // Not the answer counts, but when something is heard.
                var greeted: Double?
                while greeted == nil, MonotonicClock.now - start < 3_000_000_000 {
                    try await Task.sleep(nanoseconds: 20_000_000)
                    if AudioAnalysis.levelDBm0(cora.heard.tail(seconds: 0.2)[...]) > -40 {
                        greeted = Double(MonotonicClock.now - start) / 1e9
                    }
                }
                #expect((greeted ?? 99) < 2, "the next caller was greeted after \(greeted ?? 99) s")
                try await Task.sleep(nanoseconds: 1_000_000_000)
                // Time stamps go on without a frame left out, and no packet is much later than 20 ms after the other.
                let heard = bert.heard
                #expect(heard.packets.count > 50)
                #expect(Self.missing(heard) == 0, "\(Self.missing(heard)) s were left out")
                #expect(Self.longestGap(heard) < 0.1, "the audio stopped for \(Self.longestGap(heard)) s")
                await Conversation.check([anna, bert])
                cora.press("9#")
                #expect(await house.waits(for: 3, in: "9"))
                try await Task.sleep(nanoseconds: 1_000_000_000)
                await Conversation.check([anna, bert, cora])
            }
        }

        @Test func `garbage on the SIP and RTP ports disturbs nobody`() async throws {
            try await House.open(34320) { house in
                let anna = try await house.guest("anna", in: "3")
                let bert = try await house.guest("bert", in: "3")
                let stranger = try UDPSocket()
                var random = SplitMix(seed: 4711)
                let media = try #require(UInt16(Self.mediaPort(anna.answerSDP)))
                for size in 0..<600 {
                    let bytes = (0..<(size * 7 % 1400)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                    stranger.send(bytes, to: house.daemon.sip)
                    stranger.send(bytes, to: SocketAddress("127.0.0.1", media))
                    stranger.send([0x80, 0x00] + bytes, to: SocketAddress("127.0.0.1", media))
                    stranger.send(bytes, to: SocketAddress("127.0.0.1", media + 1))
                    stranger.send(Array("INVITE sip:x SIP/2.0\r\nVia: ".utf8) + bytes, to: house.daemon.sip)
                }
                await Conversation.check([anna, bert])
                #expect(house.daemon.isRunning)
                let cora = try await house.guest("cora", in: "3")
                #expect(cora.phase == .up)
            }
        }

        @Test func `a port in use ends the daemon with 75 and names the port`() async throws {
            let holder = try UDPSocket(port: 34340)
            do {
                _ = try await DaemonProcess.start(portBase: 34340, shipped: House.shipped)
                Issue.record("the daemon started on a port that was in use")
            } catch CallerError.daemon(let text) {
                #expect(text.contains("34340"))
                #expect(text.contains("exit code 75"))
            }
            _ = holder.local
        }

        @Test func `a broken configuration ends the daemon with 1 and names file and line`() async throws {
            do {
                _ = try await DaemonProcess.start(
                    portBase: 34360, shipped: House.shipped, changes: ["partyline.toml": "[sip]\nmax_cals = 5\n"])
                Issue.record("the daemon started with a key that it does not know")
            } catch CallerError.daemon(let text) {
                #expect(text.contains("partyline.toml:2"))
                #expect(text.contains("max_calls"))
                #expect(text.contains("exit code 1\n"))
            }
        }

        @Test func `a missing device is told in one line of the log, with its place in the file`() async throws {
            let changes = [
                "lines.d/cellar.toml": "preset = \"alsa-fxs\"\npcm = \"hw:CARD=None\"\nctl = \"hw:CARD=None\"\n",
                "lines.d/shed.toml": "preset = \"gpio-fxs\"\npcm = \"hw:CARD=Nobody\"\ngpio_hook = \"no-such-line\"\n",
            ]
            try await House.open(34460, changes: changes) { house in
                #expect(await house.daemon.logs("lines.d/shed.toml:3: line shed: GPIO line no-such-line: ", within: 5))
                #expect(await house.daemon.logs("line cellar: ALSA device \"hw:CARD=None\": ", within: 5))
                // Longer than until the next try.
                try await Task.sleep(nanoseconds: 4_000_000_000)
                #expect(!house.daemon.log.contains("ALSA lib"))
                #expect(house.daemon.log.components(separatedBy: "line cellar: ").count == 2)
            }
        }

        @Test func `a broken script fails its own callers only, and the log says where`() async throws {
            let rules = """
                [[rule]]
                name = "broken"
                pattern = 'broken'
                from = "anywhere"
                scenarios = ["broken.js"]
                [[rule]]
                name = "conference"
                pattern = 'conf_.*'
                from = ["inside", "phones", "lines"]
                scenarios = ["conference.js"]
                """
            let changes = ["rules.toml": rules, "scenarios/broken.js": "let a = 1;\nthis is no script\n"]
            try await House.open(34380, changes: changes) { house in
                let anna = try house.caller("anna")
                anna.call("broken")
                #expect(await anna.wait(5) { if case .over(.refused(let code, _)) = $0 { code >= 400 } else { false } })
                #expect(await house.daemon.logs("broken.js", within: 2))
                house.daemon.signal(SIGHUP)
                #expect(await house.daemon.logs("event=reload.refused words=\"a scenario has errors", within: 5))
                #expect(house.daemon.log.contains("scenarios/broken.js:2:"))
                let bert = try await house.guest("bert", in: "1")
                #expect(bert.phase == .up)
            }
        }

        @Test func `a reload shuts out whom it no longer allows, and names what waits for a restart`() async throws {
            try await House.open(34480) { house in
                let anna = try await house.guest("anna", in: "1")
                let settings = house.daemon.folder.appendingPathComponent("etc/partyline.toml")
                try "[sip]\nallow_without_password = [\"192.0.2.0/24\"]\n[mix]\nmax_ports = 999\n".write(
                    to: settings, atomically: true, encoding: .utf8)
                house.daemon.signal(SIGHUP)
                #expect(await house.daemon.logs("event=reload.waits keys=\"[mix] max_ports\"", within: 3))
                let bert = try house.caller("bert")
                bert.call("conf_1")
                #expect(await bert.wait(3) { if case .over(.refused(403, _)) = $0 { true } else { false } })
                #expect(anna.phase == .up)
            }
        }

        @Test func `a reload with a script that is none is refused, with its place`() async throws {
            try await House.open(34640) { house in
                let folder = house.daemon.folder.appendingPathComponent("etc")
                let script = folder.appendingPathComponent("scenarios/gateway.js")
                let text = try String(contentsOf: script, encoding: .utf8)
                try "let a = ;\n".write(to: script, atomically: true, encoding: .utf8)
                try "[mix]\nmax_ports = 999\n".write(
                    to: folder.appendingPathComponent("partyline.toml"), atomically: true, encoding: .utf8)
                house.daemon.signal(SIGHUP)
                #expect(await house.daemon.logs("event=reload.refused words=\"a scenario has errors", within: 5))
                #expect(house.daemon.log.contains("gateway.js:1:9: error: SyntaxError"))
                #expect(!house.daemon.log.contains("event=reload.done"))
                try text.write(to: script, atomically: true, encoding: .utf8)
                house.daemon.signal(SIGHUP)
                #expect(await house.daemon.logs("event=reload.done", within: 5))
            }
        }

        @Test func `a caller without a common codec gets 488`() async throws {
            try await House.open(34400, changes: ["partyline.toml": "[sip]\ncodecs = [\"pcma\"]\n"]) { house in
                let anna = try house.caller("anna", codec: .opus)
                anna.call("conf_1")
                #expect(await anna.wait(3) { if case .over(.refused(488, _)) = $0 { true } else { false } })
            }
        }

        @Test func `a state folder that can not be made is told in the system's words, once`() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("partyline-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data().write(to: folder.appendingPathComponent("file"))
            let state = folder.appendingPathComponent("file/state").path
            let output = folder.appendingPathComponent("log")
            let daemon = try Tool.start(
                DaemonProcess.binary, ["--config", House.shipped.path, "--state", state, "--port-base", "34365"],
                output: output)
            defer { daemon.end() }
            #expect(await daemon.exitCode(within: 5) == 75)
            let text = try String(contentsOf: output, encoding: .utf8)
            #expect(
                text.hasSuffix(
                    "partylined: error: the state folder \(state) can not be made: Not a directory; "
                        + "name another with --state\n"), "\(text)")
            #expect(text.components(separatedBy: "can not be made").count == 2, "\(text)")
        }

        @Test func `the check finds a broken script, and its place`() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("partyline-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let etc = folder.appendingPathComponent("etc")
            try FileManager.default.copyItem(at: House.shipped, to: etc)
            let output = folder.appendingPathComponent("log")
            for (script, code) in [("let a = 1;\n", Int32(0)), ("let a = 1;\nthis is no script\n", 1)] {
                try Data(script.utf8).write(to: etc.appendingPathComponent("scenarios/gateway.js"))
                let check = try Tool.start(
                    DaemonProcess.binary, ["--check", "--config", etc.path], output: output)
                defer { check.end() }
                #expect(await check.exitCode(within: 10) == code)
            }
            let text = try String(contentsOf: output, encoding: .utf8)
            #expect(text.contains("scenarios/gateway.js:2:6: error: SyntaxError"), "\(text)")
        }

        @Test func `SIGTERM says BYE to everybody`() async throws {
            try await House.open(34420) { house in
                let anna = try await house.guest("anna", in: "1")
                let bert = try await house.guest("bert", in: "1")
                house.daemon.signal(SIGTERM)
                #expect(await anna.wait(2) { if case .over(.hungUpByThem) = $0 { true } else { false } })
                #expect(await bert.wait(2) { if case .over(.hungUpByThem) = $0 { true } else { false } })
            }
        }

        static func mediaPort(_ session: String) -> String {
            for line in session.split(whereSeparator: \.isNewline) where line.hasPrefix("m=audio ") {
                return line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            }
            return ""
        }

        /// The longest time between two packets, in seconds.
        /// What no packet has brought between the first and the last one, s.
        static func missing(_ recording: Recording) -> Double {
            let samples = zip(recording.packets, recording.packets.dropFirst()).reduce(0) {
                $0 + max(0, $1.1.position - $1.0.position - $1.0.count)
            }
            return Double(samples) / Double(recording.rate)
        }

        static func longestGap(_ recording: Recording) -> Double {
            zip(recording.packets, recording.packets.dropFirst()).map { Double($1.time - $0.time) / 1e9 }.max() ?? 99
        }

        static func parent(_ processID: Int32) -> Int32 {
            let text = (try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)) ?? ""
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 ? Int32(fields[1]) ?? 0 : 0
        }
    }
}
