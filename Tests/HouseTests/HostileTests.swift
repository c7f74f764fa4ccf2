// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    /// Strangers against the real daemon; callers are in a room meanwhile.
    @Suite struct HostileTests {
        static let fixtures = House.shipped.appendingPathComponent("../../Tests/Fixtures").standardizedFileURL
        /// 127.0.0.1 may call; whoever comes from another loopback address is a stranger.
        static let fenced = [
            "partyline.toml": "[sip]\nlisten = [\"127.0.0.1:5060\"]\nallow_without_password = [\"127.0.0.1/32\"]\n",
            "phones.d/desk.toml": "extension = \"31\"\npassword = \"correct horse battery\"\n",
        ]

        @Test func `torture messages are answered as their documents say, and a running call hears nothing`()
            async throws
        {
            try await House.open(34400) { house in
                let anna = try await house.guest("anna", in: "3")
                let bert = try await house.guest("bert", in: "3")
                let sender = try TortureSender(server: house.daemon.sip, folder: Self.fixtures)
                var strictly = 0
                for test in TortureCase.all {
                    let outcome = try sender.run(test)
                    #expect(outcome.isRight, "\(test.name): \(outcome.status ?? 0)")
                    if outcome.isStrictlyRight { strictly += 1 }
                }
                #expect(strictly >= 55, "\(strictly) of 61 strictly")
                print("torture messages: \(strictly) of \(TortureCase.all.count) strictly")
                await Conversation.check([anna, bert])
            }
        }

        @Test func `guessing passwords is slow, ends in a ban, and the ban outlives the daemon`() async throws {
            try await House.open(34420, changes: Self.fenced) { house in
                let anna = try await house.guest("anna", in: "3")
                let bert = try await house.guest("bert", in: "3")
                let host = "127.0.0.66"
                let attacker = try Attacker(from: host, to: house.daemon.sip, rate: 500) {
                    AttackText.guess("REGISTER", $0, host: host, port: $1, user: "desk", lastAnswer: $2)
                }
                #expect(await house.daemon.logs("sip banned source=127.0.0.66", within: 10))
                attacker.stop()
                // Every try that was looked at is told in the log: five at once, then one a second, and with the tenth it is over.
                let tries = house.daemon.log.components(separatedBy: "reason=wrong-password").count - 1
                #expect((10...12).contains(tries), "\(tries) tries")
                #expect(
                    house.daemon.log.contains(
                        "sip refused source=127.0.0.66 method=REGISTER user=desk reason=wrong-password"))
                let bans = try house.daemon.control.get("/v1/bans", as: Bans.self).bans
                #expect(bans.map(\.source) == [host])
                await Conversation.check([anna, bert])
                // The file is there for the next daemon.
                let file = house.daemon.state.appendingPathComponent("bans")
                #expect(await eventually { (try? String(contentsOf: file, encoding: .utf8))?.hasPrefix(host) ?? false })
                _ = try house.daemon.control.post("/v1/bans/\(host)/lift")
                #expect(try house.daemon.control.get("/v1/bans", as: Bans.self).bans.isEmpty)
            }
        }

        @Test func `twenty addresses guess one password once a second, and its owner gets in at once meanwhile`()
            async throws
        {
            try await House.open(34_560, changes: Self.fenced) { house in
                // The owner's phone, registered from where it is: a proof lasts as long as its binding.
                let (host, secret) = ("127.0.0.77", "correct horse battery")
                let phone = try DigestPhone(from: host, to: house.daemon.sip, user: "desk", password: secret)
                #expect(await phone.registers(sequence: 1) == 200)
                let server = house.daemon.sip
                let crowd = try AttackerCrowd(20, to: server, rate: 400) { number, host, port, answer in
                    AttackText.guess("REGISTER", number, host: host, port: port, user: "desk", lastAnswer: answer)
                }
                let start = MonotonicClock.now
                var slowest = 0.0
                for round in 0..<6 {
                    try await Task.sleep(nanoseconds: 1_000_000_000)
                    let begin = MonotonicClock.now
                    #expect(await phone.registers(sequence: 10 + 2 * round) == 200, "round \(round)")
                    slowest = max(slowest, Double(MonotonicClock.now - begin) / 1e6)
                }
                let seconds = Double(MonotonicClock.now - start) / 1e9
                crowd.stop()
                let tries = house.daemon.log.components(separatedBy: "reason=wrong-password").count - 1
                print("\(crowd.sent) guesses in \(seconds) s: \(tries) looked at, the owner in after \(slowest) ms")
                #expect(tries >= 5, "they were looked at at all")
                #expect(Double(tries) <= StrangerPace.burst + seconds + 1, "\(tries) tries in \(seconds) s")
                #expect(slowest < 500)
            }
        }

        @Test func `audio and digits of strangers are not heard, and nothing is redirected`() async throws {
            try await House.open(34440) { house in
                let anna = try await house.guest("anna", in: "3")
                let bert = try await house.guest("bert", in: "3")
                let line = anna.answerSDP.split(whereSeparator: \.isNewline).first { $0.hasPrefix("m=audio ") }
                let port = try #require(line?.split(separator: " ").dropFirst().first.flatMap { UInt16($0) })
                let attacker = try Attacker(
                    from: "127.0.0.66", to: SocketAddress("127.0.0.1", port), rate: 5_000
                ) { number, _, _ in AttackText.tone(number, ssrc: UInt32(number / 500)) }
                await Conversation.check([anna, bert])
                attacker.stop()
                #expect(attacker.sent > 5_000)
                #expect(attacker.answers.isEmpty)
            }
        }

        @Test func `SIGTERM ends calls and daemon in time while 3,000 requests a second come in`() async throws {
            try await House.open(34_660, changes: Self.fenced) { house in
                let callers = [try await house.guest("anna", in: "3"), try await house.guest("bert", in: "3")]
                let crowd = try AttackerCrowd(20, to: house.daemon.sip, rate: 3_000) { number, host, port, answer in
                    AttackText.guess("INVITE", number, host: host, port: port, user: "desk", lastAnswer: answer)
                }
                try await Task.sleep(nanoseconds: 2_000_000_000)
                let attacked = crowd.sent
                #expect(attacked > 4_000, "\(attacked) requests: that is no attack")
                let begin = MonotonicClock.now
                house.daemon.terminate()
                let seconds = Double(MonotonicClock.now - begin) / 1e9
                crowd.stop()
                print("\(attacked) requests, ended \(seconds) s after SIGTERM")
                for caller in callers {
                    #expect(await caller.wait(1) { if case .over(.hungUpByThem) = $0 { true } else { false } })
                }
                // A second is what is promised; other tests may have the machine.
                #expect(seconds < 2, "\(house.daemon.log.components(separatedBy: "stop.slow").last ?? "")")
            }
        }

        /// baresip's own SRTP, which is not ours.
        @Test(
            .enabled(if: Tool.baresip != nil, "baresip is not installed (apt-get install baresip-core)"),
            arguments: [34_460, 34_480] as [UInt16])
        func `baresip is heard and hears, secured`(_ port: UInt16) async throws {
            let isRequired = port == 34_460
            let settings =
                "[sip]\nlisten = [\"127.0.0.1:5060\"]\nsrtp = \"\(isRequired ? "required" : "optional")\"\nsrtp_without_tls = true\n"
            try await House.open(port, changes: ["partyline.toml": settings]) { house in
                let phone = port + 10
                defer { try? FileManager.default.removeItem(at: Baresip.folder(phone)) }
                let voice = Voice(9).samples(seconds: 12)
                let bare = try Baresip(
                    port: phone, audioPorts: "\(port + 12)-\(port + 18)", says: voice,
                    calls: "sip:conf_12@\(house.daemon.sip)", account: ";mediaenc=\(isRequired ? "srtp-mand" : "srtp")")
                defer { bare.end() }
                #expect(await house.waits(for: 1, in: "12", seconds: 6))
                guard !isRequired else {
                    // Whoever speaks in clear is not let in.
                    let anna = try house.caller("anna")
                    anna.call("conf_12")
                    #expect(await anna.wait(3) { $0.isOver })
                    #expect(anna.answers == [488])
                    let participant = try #require(house.room("12")?.participants.first)
                    try await Task.sleep(nanoseconds: 1_500_000_000)
                    let later = try #require(house.room("12")?.participants.first { $0.id == participant.id })
                    #expect(later.media.levelDBm0 > -50, "nothing is heard of it: \(later.media.levelDBm0) dBm0")
                    return
                }
                let anna = try await house.guest("anna", in: "12")
                let annas = Voice(2).samples(seconds: 4)
                try await Task.sleep(nanoseconds: 500_000_000)
                anna.clearRecordings()
                anna.speak(annas)
                try await Task.sleep(nanoseconds: 4_000_000_000)
                let heardByAnna = anna.heard.samples
                let call = try #require(house.calls.first { $0.peer.hasSuffix(":\(phone)") })
                let trace = try house.daemon.control.get("/v1/calls/\(call.id)/trace/1", as: TraceReport.self)
                bare.end()
                #expect(OtherPhonesTests.best(of: voice, in: heardByAnna) >= -6)
                let heardByBaresip = try #require(bare.heard(), "baresip wrote no recording")
                #expect(OtherPhonesTests.best(of: annas, in: heardByBaresip) >= -6)
                Self.check(trace)
            }
        }

        @Test func `a trace has the messages and the audio of its call and of no other`() async throws {
            try await House.open(34_520) { house in
                let anna = try await house.guest("anna", in: "4")
                _ = try await house.guest("bert", in: "4")
                anna.speak(Voice(1).samples(seconds: 3))
                let call = try #require(house.calls.first { $0.destination == "conf_4" })
                let trace = try house.daemon.control.get("/v1/calls/\(call.id)/trace/1", as: TraceReport.self)
                Self.check(trace)
                #expect((80...130).contains(trace.mediaPackets), "\(trace.mediaPackets) packets in a second")
                // Who hangs up meanwhile, and a call that is over.
                let daemon = house.daemon
                async let last = Task.detached {
                    try daemon.control.get("/v1/calls/\(call.id)/trace/2", as: TraceReport.self)
                }.value
                try await Task.sleep(nanoseconds: 700_000_000)
                anna.hangUp()
                let ending = try await last
                #expect(ending.steps.contains { $0.line.hasPrefix("BYE ") } && ending.mediaPackets > 20)
                let over = try daemon.control.get("/v1/calls/\(call.id)/trace/1", as: TraceReport.self)
                #expect(over.steps.count == ending.steps.count && over.mediaPackets == 0)
                #expect(throws: ControlFault.self) {
                    try daemon.control.get("/v1/calls/4711/trace/1", as: TraceReport.self)
                }
            }
        }

        private static func check(_ trace: TraceReport) {
            #expect(trace.steps.first?.line.hasPrefix("INVITE ") ?? false)
            #expect(trace.steps.contains { !$0.isIncoming && $0.line.hasPrefix("SIP/2.0 200") })
            #expect(trace.steps.contains { $0.isIncoming && $0.line.hasPrefix("ACK ") })
            guard let tshark = Tool.find("tshark") else {
                print("SKIPPED: reading the capture (tshark is not installed: apt-get install tshark)")
                return
            }
            let output = FileManager.default.temporaryDirectory.appendingPathComponent(
                "partyline-trace-\(UInt32.random(in: 0 ... .max))")
            defer { try? FileManager.default.removeItem(at: output) }
            guard let tool = try? Tool.start(tshark, ["-r", trace.file], output: output) else {
                Issue.record("tshark does not start")
                return
            }
            for _ in 0..<500 where tool.isRunning { usleep(20_000) }
            tool.end()
            let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
            #expect(text.contains("Request: INVITE"))
            #expect(text.contains("Status: 200"))
            let count = [" RTP ", " SRTP "].map { text.components(separatedBy: $0).count - 1 }.reduce(0, +)
            #expect(count >= trace.mediaPackets * 9 / 10, "\(count) packets of audio in:\n\(text.prefix(2_000))")
        }

        private struct Bans: Decodable {
            struct Ban: Decodable { var source: String }
            var bans: [Ban]
        }

        private func eventually(_ condition: () -> Bool) async -> Bool {
            for _ in 0..<60 {
                if condition() { return true }
                try? await Task.sleep(nanoseconds: 50_000_000)
            }
            return false
        }
    }
}
