// SPDX-License-Identifier: Apache-2.0

import Foundation
import Patterns
import Settings
import Telephony
import Testing

/// The files of etc and man are tests as well. PARTYLINE_RENEW=1 writes those that are generated.
@Suite struct ShippedSettingsTests {
    @Test(arguments: [
        ("etc/partyline/partyline.toml", Settings.sample()),
        ("etc/partyline/lines.d/line.toml.sample", Settings.sampleLine()),
        ("etc/partyline/phones.d/phone.toml.sample", Settings.samplePhone()),
        ("etc/partyline/trunks.d/trunk.toml.sample", Settings.sampleTrunk()),
        ("man/partyline.toml.5", Settings.manual()),
    ])
    func `what is generated from the keys is what is shipped`(file: String, text: String) throws {
        let path = Workshop.repository + "/" + file
        if ProcessInfo.processInfo.environment["PARTYLINE_RENEW"] != nil {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
        let shipped = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
        #expect(shipped == text, "renew it with PARTYLINE_RENEW=1 swift test --filter ShippedSettingsTests")
    }

    @Test func `the shipped folder is clean and gives the defaults`() throws {
        let settings = try Workshop().load().get()
        #expect(settings.warnings.isEmpty)
        #expect(settings.sip.listen.map(\.description) == ["0.0.0.0:5060", "[::]:5060"])
        #expect(settings.sip.allowWithoutPassword.map(\.description) == ["127.0.0.0/8", "::1/128"])
        #expect(settings.rtp.timeoutSeconds == 60)
        #expect(settings.mix.localPeriodMilliseconds == 5)
        #expect(settings.lines.isEmpty)
        #expect(settings.rules.map(\.name) == ["conference", "gateway"])
        #expect(settings.tonePlans.count == 46)
        #expect(Set(settings.tonePlans.map(\.country)).isSuperset(of: ["de", "jp", "uk", "us", "id"]))
        #expect(settings.emergencyNumbers == ["110", "112", "911", "999"])
    }

    @Test func `the scenarios that are shipped are those that the rules name`() throws {
        let folder = Workshop.shipped + "/scenarios"
        // They come from another branch of the house; without the folder there is nothing to compare.
        guard FileManager.default.fileExists(atPath: folder) else { return }
        for rule in try Workshop().load().get().rules {
            for scenario in rule.scenarios { #expect(FileManager.default.fileExists(atPath: folder + "/" + scenario)) }
        }
        if case .failure(let problems) = Settings.load(Workshop.shipped) { Issue.record(problems) }
    }

    @Test func `a sample without its comment marks is a configuration with the same values`() throws {
        let workshop = try Workshop()
        let text = Settings.sample().split(separator: "\n").map { line in
            line.hasPrefix("# ") && line.dropFirst(2).prefix { $0.isLetter || $0 == "_" }.count > 0
                && line.dropFirst(2).drop { $0.isLetter || $0.isNumber || $0 == "_" }.hasPrefix(" = ")
                ? String(line.dropFirst(2)) : String(line)
        }
        try workshop.write("partyline.toml", text.joined(separator: "\n"))
        #expect(text.filter { !$0.hasPrefix("#") && $0.contains(" = ") }.count >= 20)
        let settings = try workshop.load().get()
        let plain = PartylineSettings()
        #expect(settings.sip.listen == plain.sip.listen)
        #expect(settings.sip.codecs == plain.sip.codecs)
        #expect(settings.rtp.portMin == plain.rtp.portMin)
        #expect(settings.speech.command == plain.speech.command)
        #expect(settings.dialling.roomPattern?.text == plain.dialling.roomPattern?.text)
        #expect(settings.control.socket == plain.control.socket)
    }

    @Test func `the rules send rooms to the conference and everything else to the greeting`() throws {
        let rules = try Workshop().load().get().rules
        func rule(_ destination: String, _ origin: CallOrigin) -> String? {
            rules.first { $0.matches(destination, from: origin) }?.name
        }
        #expect(rule("conf_111", .inside) == "conference")
        #expect(rule("conf_111", .phones) == "conference")
        #expect(rule("conf_111", .lines) == "conference")
        #expect(rule("conf_111", .trunks) == "gateway")
        #expect(rule("xconf_111", .inside) == "gateway")
        #expect(rule("+493012345", .trunks) == "gateway")
    }

    @Test func `the tones are those of the national plans`() throws {
        let plans = try Workshop().load().get().tonePlans
        let us = try #require(plans.first { $0.country == "us" })
        #expect(us.busy == [ToneSegment(480, 620, levelDBm0: -24, milliseconds: 500), .silence(500)])
        #expect(us.dial == [ToneSegment(350, 440, levelDBm0: -13, milliseconds: 0)])
        let de = try #require(plans.first { $0.country == "de" })
        #expect(de.ringback == [ToneSegment(425, 0, levelDBm0: -16, milliseconds: 1_000), .silence(4_000)])
        let uk = try #require(plans.first { $0.country == "uk" })
        #expect(uk.reorder.map(\.milliseconds) == [400, 350, 225, 525])
    }

    /// 47 CFR 68.318(b), AS/CA S002 5.3.5.5, article 11 of Japan's ordinance on terminal facilities; all others as they are assumed.
    @Test func `numbers that were dialled in vain rest as the countries want it`() throws {
        let plans = try Workshop().load().get().tonePlans
        func rule(_ country: String) -> [Double] {
            plans.filter { $0.country == country }
                .flatMap { [$0.redialPauseSeconds, Double($0.redialAttempts), Double($0.redialRestMinutes)] }
        }
        #expect(rule("us") == [5, 15, 60])
        #expect(rule("au") == [5, 15, 30])
        #expect(rule("jp") == [5, 15, 30])
        #expect(rule("de") == [5, 12, 30])
        #expect(plans.first { $0.country == "fi" }?.flashMilliseconds == [90, 500])
    }

    @Test func `another port base moves SIP and audio together`() throws {
        let settings = try Workshop().load().get()
        let moved = try #require(settings.moved(toPortBase: 33_000))
        #expect(moved.sip.listen.map(\.description) == ["0.0.0.0:33000", "[::]:33000"])
        #expect(moved.rtp.portMin == 34_000)
        #expect(moved.rtp.portMax == 43_999)
        #expect(settings.moved(toPortBase: 60_000)?.rtp.portMax == 65_535)
        #expect(settings.moved(toPortBase: 0) == nil)
        #expect(settings.moved(toPortBase: 65_000) == nil)
    }

    @Test func `no setting is without a key`() {
        let settings = PartylineSettings()
        let sections = [
            Mirror(reflecting: settings.sip), Mirror(reflecting: settings.rtp), Mirror(reflecting: settings.mix),
            Mirror(reflecting: settings.speech), Mirror(reflecting: settings.dialling),
            Mirror(reflecting: settings.scenarios), Mirror(reflecting: settings.log),
            Mirror(reflecting: settings.control), Mirror(reflecting: settings.plugAndPlay),
            Mirror(reflecting: settings.registrar), Mirror(reflecting: settings.recordings),
            Mirror(reflecting: settings.fetch), Mirror(reflecting: settings.outside),
        ]
        func keys(_ text: String) -> Int {
            text.split(separator: "\n").filter {
                $0.drop { $0 == "#" || $0 == " " }.prefix { $0 != " " }.allSatisfy {
                    $0.isLowercase || $0 == "_"
                } && $0.contains(" = ")
            }.count
        }
        #expect(keys(Settings.sample()) == sections.map(\.children.count).reduce(0, +))
        #expect(keys(Settings.sampleLine()) == Mirror(reflecting: LineSettings()).children.count)
        // But for what the preset sip-gw sets.
        #expect(keys(Settings.sampleTrunk()) == Mirror(reflecting: TrunkSettings()).children.count - 1)
        #expect(keys(Settings.samplePhone()) == Mirror(reflecting: PhoneSettings()).children.count - 1)
    }

    @Test func `lines of one room are neighbours`() throws {
        let workshop = try Workshop()
        for (name, room) in [("a", "hall"), ("b", "hall"), ("c", "attic"), ("d", "")] {
            let sameRoom = room.isEmpty ? "" : "same_room = '\(room)'"
            try workshop.write("lines.d/\(name).toml", "pcm = 'hw:\(name)'\nctl = 'hw:\(name)'\n\(sameRoom)\n")
        }
        let settings = try workshop.load().get()
        let numbers = settings.lines.map { settings.neighbourhood(of: $0) }
        #expect(settings.lines.map(\.name) == ["a", "b", "c", "d"])
        #expect(numbers[0] == numbers[1] && numbers[0] != 0)
        #expect(numbers[2] != numbers[0] && numbers[2] != 0)
        #expect(numbers[3] == 0)
    }
}
