// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

/// The preset sip-gw: one file, a telephone and a landline.
@Suite struct GatewaySettingsTests {
    private let file =
        "preset = \"sip-gw\"\nhost = \"192.0.2.30\"\nextension = \"31\"\npassword = \"a-long-and-random-text\"\n"

    private func settings(_ text: String) throws -> PartylineSettings {
        let workshop = try Workshop()
        try workshop.write("lines.d/parlour.toml", text)
        return try workshop.load().get()
    }

    @Test func `it is a phone that calls from there only, and a trunk that does not register`() throws {
        let settings = try settings(file + "landline_port = 5062\nping_seconds = 0\n")
        #expect(settings.lines.isEmpty && settings.linePlaces.isEmpty && settings.lineKeyPlaces.isEmpty)
        let phone = try #require(settings.phones.first)
        #expect(phone.name == "parlour" && phone.extension == "31" && phone.password == "a-long-and-random-text")
        #expect(phone.from?.map(\.description) == ["192.0.2.30/32"] && phone.isGateway)
        let trunk = try #require(settings.trunks.first)
        #expect(trunk.name == "parlour" && trunk.server == "192.0.2.30" && trunk.port == 5062)
        #expect(!trunk.registers && trunk.maxCalls == 1 && trunk.pingSeconds == 0 && trunk.isGateway)
        #expect(trunk.user == "parlour-landline")
    }

    @Test func `it may have one socket only, and other lines stay beside it`() throws {
        let hall = "[[line]]\nname = \"hall\"\npcm = \"hw:1\"\nctl = \"hw:1\"\nextension = \"21\"\n"
        let both = try settings(
            hall + "[[line]]\nname = \"parlour\"\npreset = \"sip-gw\"\nhost = \"2001:db8::30\"\nlandline_port = 5062\n")
        #expect(both.lines.map(\.name) == ["hall"] && both.linePlaces.count == 1)
        #expect(both.phones.isEmpty && both.trunks.map(\.name) == ["parlour"])
        let phone = try settings(file)
        #expect(phone.phones.count == 1 && phone.trunks.isEmpty)
        #expect(both.waitingForRestart(in: phone).sorted() == ["lines.d (hall)", "lines.d (parlour)"])
    }

    @Test func `its number and its name are nobody else's`() throws {
        let workshop = try Workshop()
        try workshop.write("lines.d/parlour.toml", file)
        try workshop.write("phones.d/desk.toml", "extension = \"31\"\npassword = \"another-long-random-text\"\n")
        #expect(
            workshop.report() == [
                "lines.d/parlour.toml:3:13: error: extension \"31\" belongs to another phone already (phones.d/desk.toml, "
                    + "line 1); write another number"
            ])
    }
}
