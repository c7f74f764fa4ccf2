// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import Telephony
import Testing

@testable import Lines

@Suite struct PlugAndPlayTests {
    private let system: FakeSystem
    private let register: String

    init() throws {
        system = try FakeSystem()
        register = system.root + "/lines.json"
    }

    private func plug(_ units: PluggedUnits = PluggedUnits()) -> PlugAndPlay {
        var options = PlugOptions()
        options.system = system.root
        options.register = register
        return PlugAndPlay(options, units: units, log: Logger(label: "plug") { _ in SwiftLogNoOpLogHandler() })
    }

    /// As the `lines` thread would, at a moment when it is due.
    private func look(
        _ plug: PlugAndPlay, taken: Set<String> = [], isClaimed: (PluggedUnit) -> Bool = { _ in false }
    ) -> [PlugAndPlay.Change] {
        plug.expire(
            now: plug.deadline ?? 0, names: { taken }, numbers: numbers(), awaitsLink: { false }, isClaimed: isClaimed)
    }

    /// As shipped: a room may have any number.
    private func numbers(_ extensions: Set<String> = []) -> NumberSpace {
        NumberSpace(
            emergencyNumbers: ["112", "24"], extensions: extensions, roomNumbers: AnyNumber(lengths: 1...8),
            outsideNumbers: nil)
    }

    private func remembered(_ plug: PlugAndPlay, _ extensions: Set<String> = []) -> [LineDescription] {
        plug.remembered(numbers: numbers(extensions), names: []) { _ in false }
    }

    @Test func `the parts of a device belong together, whatever their numbers`() throws {
        try system.plug("1-1.2", id: "0b0e:0420", serial: "A1", product: "Speak", hid: Descriptors.headset)
        try system.plug("1-3", id: "0d8c:000e", product: "USB Phone", input: "CM109 USB driver")
        try system.plug("2-1", id: "0572:1329", hasCard: false, tty: true)
        let units = system.tree.units()
        #expect(units.map(\.port) == ["1-1.2", "1-3", "2-1"])
        #expect(units[0].card?.id == "Phone1" && units[0].telephonyNode != nil && units[0].serial == "A1")
        #expect(units[1].inputs.map(\.name) == ["CM109 USB driver"])
        #expect(units[2].serialLines == ["/dev/ttyACM3"])
        #expect(units.map { LineProfiles.recognising($0)?.name } == ["hid-phone", "evdev-phone", nil])
        #expect(
            PluggedTelephones.words(system: system.root) == [
                "0b0e:0420 Speak (hid-phone), USB port 1-1.2", "0d8c:000e USB Phone (evdev-phone), USB port 1-3",
            ])
    }

    @Test func `a phone that is plugged in gets a line with a free number, and the same one when it comes back`() throws
    {
        let first = plug()
        #expect(look(first) == [])
        try system.plug("1-1", id: "0b0e:0420", serial: "A1", product: "Jabra SPEAK 410 USB", hid: Descriptors.headset)
        let other = plug()
        let changes = look(other, taken: ["21", "22", "hall"])
        guard case .new(let line)? = changes.last else {
            Issue.record("no line")
            return
        }
        #expect(changes.count == 2 && changes[0] == .arrived)
        // 24 is an emergency number here.
        #expect(line.extension == "23" && line.preset == "hid-phone" && line.name == "jabra-speak-410-usb-23")
        #expect(line.match == USBMatch(id: USBID(0x0B0E, 0x0420), serial: "A1", port: nil))
        // After a restart it is remembered before it is there, and no second line is made; its number is taken.
        try system.unplug("1-1")
        let units = PluggedUnits()
        let again = plug(units)
        #expect(remembered(again) == [line])
        #expect(look(again) == [])
        try system.plug("1-4", id: "0b0e:0420", serial: "A1", product: "Jabra SPEAK 410 USB", hid: Descriptors.headset)
        let third = plug(units)
        #expect(look(third) == [.arrived])
        #expect(units.all.first.map { line.match?.fits($0) == true } == true)
        try system.plug("1-5", id: "0d8c:000e", product: "", input: "CM109 USB driver")
        let fourth = plug()
        guard case .new(let second)? = look(fourth, taken: ["21", "22", "23"]).last else {
            Issue.record("no second line")
            return
        }
        #expect(second.extension == "25" && second.name == "phone-25")
        #expect(second.match == USBMatch(id: USBID(0x0D8C, 0x000E), serial: nil, port: "1-5"))
    }

    @Test func `what leaves is told, also when something else takes its place`() throws {
        let units = PluggedUnits()
        try system.plug("1-1", id: "0b0e:0420", serial: "A1", hid: Descriptors.headset)
        _ = look(plug(units))
        let old = try #require(units.all.first)
        try system.unplug("1-1")
        try system.plug("1-1", id: "0b0e:0420", serial: "B2", hid: Descriptors.headset)
        let changes = look(plug(units))
        #expect(changes.contains(.left(old)) && changes.contains(.arrived))
        guard case .new(let line)? = changes.last else {
            Issue.record("no line")
            return
        }
        #expect(line.match?.serial == "B2")
    }

    @Test func `twins with one serial number are told apart by their ports`() throws {
        try system.plug("1-1", id: "0b0e:0420", serial: "0001", hid: Descriptors.headset)
        try system.plug("1-2", id: "0b0e:0420", serial: "0001", hid: Descriptors.headset)
        let lines = look(plug()).compactMap { if case .new(let line) = $0 { line } else { nil } }
        #expect(lines.map(\.match?.port) == ["1-1", "1-2"])
        #expect(lines.map(\.extension) == ["21", "22"])
    }

    @Test func `a device of the settings is left to them, and a sound stick is no phone`() throws {
        try system.plug("1-1", id: "0b0e:0420", serial: "A1", hid: Descriptors.headset)
        try system.plug("1-2", id: "0d8c:0012")
        try system.plug("1-3", id: "046d:c077", hasCard: false, hid: Descriptors.mouse)
        #expect(look(plug(), isClaimed: { $0.port == "1-1" }) == [.arrived])
    }

    /// A line of the settings that names what it is made of.
    private func line(_ change: (inout LineDescription) -> Void) -> LineDescription {
        var line = LineDescription(name: "kitchen", preset: "evdev-phone", pcm: "", ctl: "")
        change(&line)
        return line
    }

    @Test func `a line of the settings claims the device whose nodes or card it names`() throws {
        try system.plug("1-1", id: "0d8c:000e", hid: Descriptors.headset, input: "CM109 USB driver", tty: true)
        try system.plug("1-2", id: "0d8c:000e", hid: Descriptors.headset, input: "CM109 USB driver", tty: true)
        let units = system.tree.units()
        // Where only this is named, the first of the two is meant, and the second is somebody else's.
        let names: [(String, LineDescription)] = [
            ("hid", line { $0.hid = "/dev/hidraw1" }), ("event", line { $0.event = "/dev/input/event1" }),
            ("tty", line { $0.tty = "/dev/ttyACM1" }), ("card", line { $0.pcm = "hw:CARD=Phone1" }),
            ("card and device", line { $0.pcm = "plughw:CARD=Phone1,DEV=0" }),
            ("device and card", line { $0.pcm = "hw:DEV=0,CARD=Phone1" }), ("id", line { $0.pcm = "hw:Phone1" }),
            ("index", line { $0.pcm = "hw:1" }), ("index and device", line { $0.pcm = "plughw:1,0" }),
            ("behind a plug", line { $0.pcm = "plug:'hw:1,0'" }), ("mixer", line { $0.ctl = "hw:CARD=Phone1" }),
        ]
        for (what, line) in names {
            let claimed = units.map { line.claims($0) }
            #expect(claimed == [true, false], "\(what)")
        }
        let others = ["", "default", "hw:", "hw:2,0", "hw:CARD=Phone", "vline:Phone1", ":::", "CARD=Phone1"]
        for pcm in others {
            let other = line { $0.pcm = pcm }
            #expect(!other.claims(units[0]), "\(pcm)")
        }
    }

    @Test func `a node may be named by a link`() throws {
        let folder = system.canonicalRoot
        let (node, link) = (folder + "/hidraw9", folder + "/by-id")
        try Data().write(to: URL(fileURLWithPath: node))
        var unit = PluggedUnit(port: "1-1", id: USBID(0x0B0E, 0x0420), serial: "", product: "")
        unit.hid = [PluggedUnit.HIDNode(path: node, descriptor: [])]
        let line = line { $0.hid = link }
        #expect(!line.claims(unit))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: node)
        #expect(line.claims(unit))
    }

    @Test(arguments: [true, false])
    func `a telephone without a line waits for the link by which a line of the settings may be about it`(
        comes: Bool
    ) throws {
        let nodes = system.canonicalRoot + "/dev"
        let (node, link) = (nodes + "/input/event1", nodes + "/kitchen")
        try FileManager.default.createDirectory(atPath: nodes + "/input", withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: node))
        let kitchen = line { $0.event = link }
        var options = PlugOptions()
        options.system = system.root
        options.nodes = nodes
        let log = Logger(label: "plug") { _ in SwiftLogNoOpLogHandler() }
        let plug = PlugAndPlay(options, units: PluggedUnits(), log: log)
        func look(_ now: Int64) -> [PlugAndPlay.Change] {
            plug.expire(
                now: now, names: { [] }, numbers: numbers(), awaitsLink: { kitchen.awaitsLink },
                isClaimed: { kitchen.claims($0) })
        }
        try system.plug("1-1", id: "0d8c:000e", input: "CM109 USB driver")
        #expect(kitchen.awaitsLink)
        let first = look(0)
        #expect(first == [.arrived])
        var now: Int64 = 0
        var changes: [PlugAndPlay.Change] = []
        while changes.isEmpty, let next = plug.deadline, next <= 6_000 {
            #expect(next > now)
            now = next
            if comes, now > 500, kitchen.awaitsLink {
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: node)
            }
            changes = look(now)
        }
        if comes {
            #expect(changes.isEmpty && !kitchen.awaitsLink)
        } else {
            let made = changes.compactMap { if case .new(let line) = $0 { line.extension } else { nil } }
            #expect(made == ["21"] && (3_000...3_300).contains(now))
        }
    }

    @Test func `a node that the kernel names itself is not waited for`() {
        for name in ["/dev/hidraw99", "/dev/input/event99", "/dev/ttyACM99"] {
            let line = line { $0.event = name }
            #expect(!line.awaitsLink, "\(name)")
        }
    }

    @Test func `a telephone that had a line of its own is left to the settings that name its nodes from now on`() throws
    {
        try system.plug("1-1", id: "0d8c:000e", input: "CM109 USB driver")
        let lines = look(plug()).compactMap { if case .new(let line) = $0 { line } else { nil } }
        let plugged = try #require(lines.first)
        let kitchen = line { $0.event = "/dev/input/event1" }
        let unit = try #require(system.tree.units().first)
        let left = plug().remembered(numbers: numbers(), names: []) { kitchen.claims($0) }
        #expect(left.isEmpty)
        // It was away when the box started, and is remembered: it comes back, and is not opened twice.
        #expect(!plugged.mayOpen(unit, beside: [kitchen]))
        #expect(kitchen.mayOpen(unit, beside: [kitchen]))
        #expect(plugged.mayOpen(unit, beside: []))
    }

    @Test func `a damaged register is put aside`() throws {
        try Data("[{]".utf8).write(to: URL(fileURLWithPath: register))
        let damaged = LineRegister(path: register)
        #expect(damaged.entries.isEmpty && damaged.trouble?.contains("put aside") == true)
        #expect(FileManager.default.fileExists(atPath: register + ".broken"))
        let hostile = #"[{"key":"x","name":"n","extension":"12345678901","preset":"p"}]"#
        try Data(hostile.utf8).write(to: URL(fileURLWithPath: register))
        #expect(LineRegister(path: register).entries.isEmpty)
    }

    @Test func `a line whose device is missing or ambiguous is told what is there`() throws {
        try system.plug("1-1", id: "0b0e:0420", serial: "A1", hid: Descriptors.headset)
        try system.plug("1-2", id: "0b0e:0420", serial: "A2", hid: Descriptors.headset)
        var line = LineDescription(name: "desk", preset: "hid-phone", pcm: "", ctl: "")
        line.match = USBMatch(id: USBID(0x06E6, 0xC200), serial: nil, port: nil)
        let profile = try #require(LineProfiles.named("hid-phone"))
        func words(_ line: LineDescription) -> String {
            do throws(LineError) {
                _ = try LineHardware(line, profile: profile, units: system.tree.units(), isVirtualTime: false)
                return ""
            } catch { return error.description }
        }
        #expect(words(line).contains("0b0e:0420 serial A1 at 1-1, 0b0e:0420 serial A2 at 1-2"))
        line.match = USBMatch(id: USBID(0x0B0E, 0x0420), serial: nil, port: nil)
        #expect(words(line).contains("usb_port as well, one of: 1-1, 1-2"))
        line.match?.port = "1-2"
        #expect(words(line).isEmpty)
    }

    @Test func `numbers are counted on past what is taken`() {
        func free(_ first: String, _ numbers: NumberSpace? = nil) -> FreeNumber {
            FreeNumber(first: first, numbers: numbers ?? self.numbers())
        }
        #expect(free("21").next(taken: []) == "21")
        #expect(free("21").next(taken: ["21", "220"]) == "23")
        #expect(free("21").next(taken: Set((21...99).map(String.init))) == "100")
        #expect(free("1").next(taken: []) == "3")
        #expect(free("007").next(taken: ["007"]) == "008")
        #expect(free("1").next(taken: Set((1...9).map(String.init))) == nil)
    }

    @Test func `a number of a SIP telephone, a rule, a test or a room is given to nobody`() {
        var numbers = numbers(["21"])
        numbers.others = ["22"]
        numbers.services = [AnyNumber(only: ["23"])]
        numbers.reserved = ["25", "anna"]
        numbers.extensions.insert("260")
        #expect(FreeNumber(first: "21", numbers: numbers).next(taken: []) == "27")
        // Rooms of two digits: beside them there is room; rooms of every length: an extension comes first.
        numbers.roomNumbers = AnyNumber(lengths: 2...2)
        #expect(FreeNumber(first: "21", numbers: numbers).next(taken: []) == "100")
        numbers.roomNumbers = AnyNumber(lengths: 1...8)
        #expect(FreeNumber(first: "21", numbers: numbers).next(taken: []) == "27")
        numbers.services = [AnyNumber(lengths: 1...8)]
        #expect(FreeNumber(first: "21", numbers: numbers).next(taken: []) == nil)
    }

    @Test func `a remembered number that the settings gave away meanwhile is exchanged, for good`() throws {
        try system.plug("1-1", id: "0b0e:0420", serial: "A1", product: "Speak", hid: Descriptors.headset)
        let lines = look(plug()).compactMap { if case .new(let line) = $0 { line } else { nil } }
        #expect(lines.map(\.extension) == ["21"])
        let later = remembered(plug(), ["21"])
        #expect(later.map(\.extension) == ["22"] && later.first?.name == "speak-21")
        #expect(remembered(plug()).map(\.extension) == ["22"])
        // A file of lines.d is about it now: there is no second line of it.
        let claimed = plug().remembered(numbers: numbers(), names: []) { $0.serial == "A1" && $0.port == "1-1" }
        #expect(claimed.isEmpty)
    }
}
