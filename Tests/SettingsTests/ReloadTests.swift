// SPDX-License-Identifier: Apache-2.0

import Patterns
import Settings
import Testing

@Suite struct ReloadTests {
    private let line = "name = \"hall\"\npreset = \"alsa-fxs\"\npcm = \"hw:1\"\nctl = \"hw:1\"\nextension = \"21\"\n"

    private func settings(_ main: String, line: String? = nil) throws -> PartylineSettings {
        let workshop = try Workshop()
        try workshop.write("partyline.toml", main)
        if let line { try workshop.write("lines.d/hall.toml", line) }
        return try workshop.load().get()
    }

    @Test func `what a reload takes waits for nothing`() throws {
        let before = try settings("[sip]\nallow_without_password = [\"127.0.0.0/8\"]\n")
        let after = try settings(
            """
            [sip]
            allow_without_password = []
            max_calls = 7
            [outside]
            allow = ["0[0-9]+"]
            [dialling]
            emergency = ["1777"]
            """)
        #expect(before.waitingForRestart(in: after).isEmpty)
        #expect(before.waitingForRestart(in: before).isEmpty)
    }

    @Test func `calls go by what was taken, and by what was there where that waits`() throws {
        let before = try settings("[control]\naccess_listen = \"127.0.0.1:7000\"\n[dialling]\ncountry = \"de\"\n")
        let after = try settings(
            "[control]\naccess_listen = \"127.0.0.1:8000\"\n[dialling]\ncountry = \"us\"\nroom_pattern = \"[0-9]{3}\"\n"
                + "[speech]\nvoice = \"fr\"\n[recordings]\nkeep_days = 7\n[sip]\nmax_calls = 7\nsrtp = \"off\"\n"
                + "[registrar]\nmax_expires = 600\n")
        let taken = before.taking(after)
        #expect(taken.control.accessListen?.port == 7000)
        #expect(taken.speech.voice == before.speech.voice)
        #expect(taken.recordings.keepDays == 0)
        #expect(taken.sip.maxCalls == 7)
        #expect(taken.sip.srtp == "optional")
        #expect(taken.registrar.maxExpires == 600)
        #expect(before.waitingForRestart(in: taken).isEmpty, "what was taken waits for nothing")
        #expect(taken.waitingForRestart(in: after) == before.waitingForRestart(in: after), "the rest still waits")
        #expect(taken.dialling.roomPattern?.text == "[0-9]{3}")
        #expect(taken.tonePlan?.country == "de")
        // Nobody who dials for help is to wait for a restart.
        #expect(taken.emergencyNumbers.isSuperset(of: ["112", "911"]))
    }

    @Test func `what waits for a restart is named by its key or its file`() throws {
        let before = try settings("", line: line)
        let after = try settings(
            "[sip]\nlisten = [\"0.0.0.0:5070\"]\n[log]\nlevel = \"debug\"\n",
            line: line.replacing("\"21\"", with: "\"23\""))
        #expect(before.waitingForRestart(in: after) == ["[sip] listen", "[log] level", "lines.d (hall)"])
        #expect(try before.waitingForRestart(in: settings("")) == ["lines.d (hall)"])
    }
}
