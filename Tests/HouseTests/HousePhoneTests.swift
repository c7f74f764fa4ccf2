// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    /// baresip as phones of the house: with a password, from an address that needs one.
    @Suite(.enabled(if: Tool.baresip != nil, "baresip is not installed (apt-get install baresip-core)"))
    struct HousePhoneTests {
        private struct PhoneList: Decodable { var phones: [PhoneReport] }

        private func phone(
            _ name: String, _ port: Int, house: UInt16, password: String, dials: String = "", seconds: Int,
            transport: String = "udp"
        ) throws -> RunningTool {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("partyline-phone-\(port)")
            try? FileManager.default.removeItem(at: folder)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try """
            sip_listen 127.0.0.1:\(port)
            module_path /usr/lib/baresip/modules
            audio_source aubridge,nobody
            audio_player aubridge,nobody
            audio_alert aubridge,nobody
            rtp_ports \(port + 2)-\(port + 20)
            module g711.so
            module aubridge.so
            module_tmp account.so
            module_app menu.so

            """.write(to: folder.appendingPathComponent("config"), atomically: true, encoding: .utf8)
            try
                ("<sip:\(name)@127.0.0.1:\(house);transport=\(transport)>;auth_user=\(name);auth_pass=\(password);regint=60;"
                + "answermode=auto;audio_codecs=pcmu\n")
                .write(to: folder.appendingPathComponent("accounts"), atomically: true, encoding: .utf8)
            try "".write(to: folder.appendingPathComponent("contacts"), atomically: true, encoding: .utf8)
            return try Tool.start(
                Tool.baresip,
                ["-f", folder.path, "-t", "\(seconds)"] + (dials.isEmpty ? [] : ["-e", "/dial \(dials)"]),
                output: folder.appendingPathComponent("log"))
        }

        @Test func `two phones register, one calls a room, then the other by its extension; a guesser gets nowhere`()
            async throws
        {
            try await House.open(
                25_900,
                changes: [
                    "phones.d/anna.toml": "extension = \"31\"\npassword = \"a-secret-of-hers\"\n",
                    "phones.d/bert.toml": "extension = \"32\"\npassword = \"his-very-own-one\"\n",
                    "partyline.toml": "[sip]\nallow_without_password = [\"192.0.2.0/24\"]\n",
                ]
            ) { house in
                let bert = try phone(
                    "bert", 25_920, house: 25_900, password: "his-very-own-one", seconds: 12, transport: "tcp")
                let guesser = try phone("anna", 25_940, house: 25_900, password: "guess", seconds: 4)
                defer {
                    bert.end()
                    guesser.end()
                }
                #expect(await house.daemon.logs("user=anna reason=wrong-password", within: 4))
                let anna = try phone(
                    "anna", 25_960, house: 25_900, password: "a-secret-of-hers", dials: "111", seconds: 4)
                defer { anna.end() }
                #expect(await house.waits(for: 1, in: "111", seconds: 4))
                #expect(house.room("111")?.participants.first?.number == "31")
                let list = try house.daemon.control.get("/v1/phones", as: PhoneList.self)
                #expect(list.phones.map { $0.contacts.first?.transport } == ["udp", "tcp"])
                anna.end()
                let again = try phone(
                    "anna", 25_960, house: 25_900, password: "a-secret-of-hers", dials: "32", seconds: 4)
                defer { again.end() }
                #expect(await house.daemon.logs("destination=32 from=31", within: 4))
                #expect(await house.daemon.logs("event=call.answered call=3", within: 4))
            }
        }
    }
}
