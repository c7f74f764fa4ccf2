// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony
import Testing

/// How a desk phone is tried.
struct DeskPhoneCase: Sendable, CustomTestStringConvertible {
    var kind: String
    var codec: String
    var isSecured: Bool
    var transport = "udp"

    var testDescription: String { "\(kind), \(codec)\(isSecured ? ", SRTP" : ""), \(transport)" }

    static let all =
        [
            ("baresip", "pcmu", false), ("baresip", "opus", false), ("baresip", "opus", true),
            ("linphone", "pcmu", false), ("linphone", "opus", false), ("linphone", "opus", true),
        ].map { DeskPhoneCase(kind: $0.0, codec: $0.1, isSecured: $0.2) }.filter(\.isThere)
    static let kinds = ["baresip", "linphone"].filter { Self(kind: $0, codec: "pcmu", isSecured: false).isThere }

    private var isThere: Bool { (kind == "baresip" ? Tool.baresip : Tool.linphone) != nil }

    static func phone(_ kind: String, _ settings: DeskPhoneSettings) throws -> any DeskPhone {
        kind == "baresip" ? try BaresipPhone(settings) : try LinphonePhone(settings)
    }
}

extension HouseTests {
    /// Other people's telephones on the desks of the house: they register with a password, call rooms and each other, hold and
    /// transfer.
    @Suite(
        .enabled(
            if: !DeskPhoneCase.kinds.isEmpty,
            "neither baresip nor linphone is installed (apt-get install baresip-core linphone-cli)"))
    struct DeskPhoneTests {
        static let base: UInt16 = 44_000
        /// Whoever listens in the room calls from here; everybody else needs a password.
        static let witnessHost = "127.0.0.5"
        static let house = [
            "phones.d/anna.toml": "extension = \"31\"\npassword = \"a-secret-of-hers\"\n",
            "phones.d/bert.toml": "extension = \"32\"\npassword = \"his-very-own-one\"\n",
            "partyline.toml": "[sip]\nallow_without_password = [\"127.0.0.5/32\"]\nsrtp_without_tls = true\n",
        ]

        static func anna(_ port: UInt16, _ trial: DeskPhoneCase) -> DeskPhoneSettings {
            var settings = DeskPhoneSettings(name: "anna", password: "a-secret-of-hers", port: port, house: base)
            settings.codec = trial.codec
            settings.isSecured = trial.isSecured
            settings.transport = trial.transport
            return settings
        }

        static func bert(_ port: UInt16) -> DeskPhoneSettings {
            var settings = DeskPhoneSettings(name: "bert", password: "his-very-own-one", port: port, house: base)
            settings.voice = Voice(5)
            settings.answersAtOnce = true
            return settings
        }

        /// What is taken for heard, in dB, and for not heard where nothing else is said.
        static let heard = -9.0
        static let silent = -35.0
        /// The same while others speak: in pieces of 0.8 s, the likest of 60 s of a voice is found at about -25 dB in another one.
        static let unlike = -18.0

        @Test(arguments: DeskPhoneCase.all)
        func `it registers, hears a room and is heard, and is mute while it holds`(_ trial: DeskPhoneCase) async throws
        {
            try await House.open(Self.base, changes: Self.house) { house in
                let settings = Self.anna(44_040, trial)
                let phone = try DeskPhoneCase.phone(trial.kind, settings)
                defer {
                    phone.end()
                    try? FileManager.default.removeItem(at: settings.folder)
                }
                try #require(await house.waitsForPhone("anna") != nil, "it does not register: \(house.daemon.log)")
                let witness = try await house.guest("witness", in: "111", host: Self.witnessHost)
                witness.speak(Voice(2).samples(seconds: 60))
                phone.call("111")
                try #require(await house.waits(for: 2, in: "111", seconds: 6), "\(house.daemon.log.suffix(1_500))")
                let participant = try #require(house.room("111")?.participants.first { $0.number == "31" })
                #expect(participant.media.codec.lowercased() == trial.codec)
                try await Task.sleep(nanoseconds: 1_000_000_000)
                let before = await house.level(of: settings.voice, at: witness)
                #expect(before >= Self.heard, "heard at \(before) dB")
                phone.hold()
                #expect(await house.waitsForHold(true, of: "31", in: "111"))
                try await Task.sleep(nanoseconds: 300_000_000)
                let during = await house.level(of: settings.voice, at: witness)
                #expect(during <= Self.silent, "heard at \(during) dB while it holds")
                phone.resume()
                #expect(await house.waitsForHold(false, of: "31", in: "111"))
                try await Task.sleep(nanoseconds: 700_000_000)
                let after = await house.level(of: settings.voice, at: witness)
                #expect(after >= Self.heard, "heard at \(after) dB after it")
                if trial.isSecured {
                    // Nobody else understands what is on the wire: the call is secured, not only offered so.
                    let call = try #require(house.calls.first { $0.callerNumber == "31" })
                    let trace = try house.daemon.control.get("/v1/calls/\(call.id)/trace/1", as: TraceReport.self)
                    #expect(trace.mediaPackets > 50)
                }
                phone.end()
                #expect(await house.waits(for: 1, in: "111"))
                let found = House.level(of: Voice(2), in: phone.heard())
                #expect(found >= Self.heard, "it heard the room at \(found) dB")
                let own = House.level(of: settings.voice, in: phone.heard())
                #expect(own <= Self.unlike, "it heard itself at \(own) dB")
                print(
                    "\(trial.testDescription): heard \(before), held \(during), after \(after), hears \(found), itself \(own) dB"
                )
            }
        }

        @Test(arguments: DeskPhoneCase.kinds)
        func `it sends whom it talks with into a room, without asking there`(_ kind: String) async throws {
            try await House.open(Self.base, changes: Self.house) { house in
                let trial = DeskPhoneCase(kind: kind, codec: "pcmu", isSecured: false)
                let (mine, his) = (Self.anna(44_060, trial), Self.bert(44_080))
                let bert = try BaresipPhone(his)
                let anna = try DeskPhoneCase.phone(kind, mine)
                defer {
                    for phone in [anna, bert] as [any DeskPhone] { phone.end() }
                    for settings in [mine, his] { try? FileManager.default.removeItem(at: settings.folder) }
                }
                for name in ["anna", "bert"] { try #require(await house.waitsForPhone(name) != nil, "\(name)") }
                let witness = try await house.guest("witness", in: "212", host: Self.witnessHost)
                anna.call("32")
                try #require(await house.daemon.logs("event=call.answered call=3", within: 6), "\(house.daemon.log)")
                try await Task.sleep(nanoseconds: 500_000_000)
                anna.transfer(to: "212")
                #expect(await house.daemon.logs("event=call.transfer ", within: 4))
                #expect(await house.waits(for: 2, in: "212", seconds: 5))
                try await Task.sleep(nanoseconds: 700_000_000)
                let level = await house.level(of: his.voice, at: witness)
                #expect(level >= Self.heard, "heard at \(level) dB")
                let gone = await house.level(of: mine.voice, at: witness, seconds: 1)
                #expect(gone <= Self.unlike, "who transferred is still heard at \(gone) dB")
            }
        }

        @Test(
            .enabled(if: Tool.linphone != nil && Tool.baresip != nil, "linphone-cli or baresip-core is not installed"))
        func `linphone asks in the room first, and then sends there whom it talks with`() async throws {
            try await House.open(Self.base, changes: Self.house) { house in
                let trial = DeskPhoneCase(kind: "linphone", codec: "pcmu", isSecured: false)
                let (mine, his) = (Self.anna(44_060, trial), Self.bert(44_080))
                let bert = try BaresipPhone(his)
                let anna = try LinphonePhone(mine)
                defer {
                    for phone in [anna, bert] as [any DeskPhone] { phone.end() }
                    for settings in [mine, his] { try? FileManager.default.removeItem(at: settings.folder) }
                }
                for name in ["anna", "bert"] { try #require(await house.waitsForPhone(name) != nil, "\(name)") }
                let witness = try await house.guest("witness", in: "213", host: Self.witnessHost)
                anna.call("32")
                try #require(await house.daemon.logs("event=call.answered call=3", within: 6), "\(house.daemon.log)")
                anna.hold()
                #expect(await house.daemon.logs("event=call.held", within: 4))
                anna.call("213")
                #expect(await house.waits(for: 2, in: "213", seconds: 5))
                try await Task.sleep(nanoseconds: 500_000_000)
                anna.transferFirstToSecond()
                #expect(await house.daemon.logs("event=call.transferred", within: 5))
                try await Task.sleep(nanoseconds: 700_000_000)
                let level = await house.level(of: his.voice, at: witness)
                #expect(level >= Self.heard, "heard at \(level) dB")
                let gone = await house.level(of: mine.voice, at: witness, seconds: 1)
                #expect(gone <= Self.unlike, "who transferred is still heard at \(gone) dB")
                #expect(house.room("213")?.participants.count == 2)
            }
        }
    }
}
