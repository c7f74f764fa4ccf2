// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import Synchronization
import Telephony
import Testing

@testable import Lines

/// Telephones with the same serial number: each has one line, and keeps it.
@Suite struct TwinTests {
    private let system: FakeSystem
    private static let kind = "0b0e:0420"

    init() throws { system = try FakeSystem() }

    private func plug(_ port: String) throws {
        try system.plug(port, id: Self.kind, serial: "0001", product: "USB Phone", hid: Descriptors.headset)
    }

    /// What the register makes of what is plugged in now.
    private struct Box {
        var register = LineRegister(path: nil)
        var made = 0

        /// Extensions by port of those that are there.
        mutating func look(_ system: FakeSystem) -> [String: String] {
            let units = system.tree.units()
            let roll = register.callRoll(units) { _ in true }
            for stranger in roll.strangers {
                made += 1
                var entry = LineRegister.Entry(
                    key: stranger.key, name: "phone-\(made)", extension: "\(20 + made)", preset: "hid-phone")
                entry.port = stranger.unit.port
                if entry.match.port != nil { entry.serial = stranger.unit.serial }
                register.add(entry)
            }
            var found: [String: String] = [:]
            for unit in units {
                let fitting = register.entries.filter { $0.match.fits(unit) }
                #expect(fitting.count == 1, "\(unit.port) is the device of \(fitting.map(\.key))")
                found[unit.port] = fitting.first?.extension
            }
            return found
        }
    }

    @Test func `the one that was there first keeps its line when its twin comes`() throws {
        for (first, second) in [("1-1", "1-2"), ("1-2", "1-1")] {
            var box = Box()
            try plug(first)
            #expect(box.look(system) == [first: "21"])
            try plug(second)
            #expect(box.look(system) == [first: "21", second: "22"])
            #expect(box.look(system) == [first: "21", second: "22"])
            try system.unplug(first)
            #expect(box.look(system) == [second: "22"])
            try plug(first)
            #expect(box.look(system) == [first: "21", second: "22"])
            try system.unplug(second)
            #expect(box.look(system) == [first: "21"])
            // It comes back elsewhere: it is the one that is missing.
            try plug("2-7")
            #expect(box.look(system) == [first: "21", "2-7": "22"])
            try system.unplug(first)
            try system.unplug("2-7")
            #expect(box.made == 2 && box.register.entries.count == 2)
        }
    }

    @Test func `one with a serial number of its own is the same wherever it is plugged in`() throws {
        var box = Box()
        try plug("1-1")
        _ = box.look(system)
        try system.unplug("1-1")
        try plug("1-4")
        #expect(box.look(system) == ["1-4": "21"])
        #expect(box.register.entries.map(\.key) == ["\(Self.kind) serial 0001"])
        #expect(box.register.entries.first?.port == "1-4")
    }

    @Test func `a third one, while both are away, gets a line of its own`() throws {
        var box = Box()
        try plug("1-1")
        try plug("1-2")
        #expect(box.look(system) == ["1-1": "21", "1-2": "22"])
        try system.unplug("1-1")
        try system.unplug("1-2")
        try plug("1-3")
        #expect(box.look(system) == ["1-3": "23"])
        try plug("1-1")
        #expect(box.look(system) == ["1-1": "21", "1-3": "23"])
    }

    @Test func `a file of before, which knew no ports, is read`() throws {
        let path = system.root + "/lines.json"
        let old = #"[{"extension":"21","key":"0b0e:0420 serial 0001","name":"phone-21","preset":"hid-phone"}]"#
        try Data(old.utf8).write(to: URL(fileURLWithPath: path))
        var box = Box(register: LineRegister(path: path), made: 1)
        try plug("1-2")
        #expect(box.look(system) == ["1-2": "21"])
        let again = LineRegister(path: path)
        #expect(again.entries == box.register.entries && again.entries.first?.port == "1-2")
    }

    // MARK: - On the thread

    /// Which ports were opened, in order.
    private final class Openings: Sendable {
        let ports = Mutex<[String]>([])
        var all: [String] { ports.withLock { $0 } }
    }

    private func desk(_ lines: [LineDescription], _ units: PluggedUnits, _ openings: Openings) -> LineDesk {
        var options = LineDeskOptions(
            lines: lines,
            numbers: NumberSpace(emergencyNumbers: [], extensions: [], roomNumbers: nil, outsideNumbers: nil),
            tones: .standard, interdigitMilliseconds: 4_000)
        var plug = PlugOptions()
        plug.system = system.root
        plug.looksEvery = 10
        options.plug = plug
        let media = NotingMedia()
        return LineDesk(
            options, media: media, ports: media, sink: NotingSink(),
            log: Logger(label: "twins") { _ in SwiftLogNoOpLogHandler() }, units: units
        ) { line, profile throws(LineError) in
            let hardware = try LineHardware(line, profile: profile, units: units.all, isVirtualTime: false)
            openings.ports.withLock { $0.append(hardware.unit?.port ?? "") }
            return WishedDevice()
        }
    }

    @Test func `a twin that leaves takes only its own line along`() async throws {
        let (units, openings) = (PluggedUnits(), Openings())
        let desk = desk([], units, openings)
        try desk.start()
        defer { desk.stop() }
        func states(_ wanted: [String]) async -> Bool {
            await Laboratory.eventually { desk.reports().map(\.state) == wanted }
        }
        try plug("1-1")
        #expect(await states(["on-hook"]))
        try plug("1-2")
        #expect(await states(["on-hook", "on-hook"]))
        try system.unplug("1-2")
        #expect(await states(["on-hook", "gone"]))
        try plug("1-2")
        #expect(await states(["on-hook", "on-hook"]))
        // The first one was opened once, and is the first line still.
        #expect(openings.all == ["1-1", "1-2", "1-2"])
        try system.unplug("1-1")
        #expect(await states(["gone", "on-hook"]))
        #expect(desk.reports().map(\.extension) == ["21", "22"])
    }

    @Test func `another device of the kind that leaves does not end the calls of a line of the settings`() async throws
    {
        let (units, openings) = (PluggedUnits(), Openings())
        var line = LineDescription(name: "desk", preset: "hid-phone", pcm: "", ctl: "")
        line.match = USBMatch(id: USBID(Self.kind), serial: nil, port: nil)
        let desk = desk([line], units, openings)
        try desk.start()
        defer { desk.stop() }
        try plug("1-1")
        #expect(await Laboratory.eventually { desk.reports().map(\.state) == ["on-hook"] })
        try plug("1-2")
        #expect(await Laboratory.eventually { units.all.count == 2 })
        try system.unplug("1-2")
        #expect(await Laboratory.eventually { units.all.count == 1 })
        try await Task.sleep(for: .milliseconds(50))
        #expect(desk.reports().map(\.state) == ["on-hook"] && openings.all == ["1-1"])
        try system.unplug("1-1")
        #expect(await Laboratory.eventually { desk.reports().map(\.state) == ["gone"] })
    }

    @Test func `a telephone that the settings name by its node is one line, another of its kind a second one`()
        async throws
    {
        let (units, openings) = (PluggedUnits(), Openings())
        var line = LineDescription(name: "desk", preset: "hid-phone", pcm: "", ctl: "")
        line.hid = "/dev/hidraw1"
        let desk = desk([line], units, openings)
        try desk.start()
        defer { desk.stop() }
        try plug("1-1")
        #expect(await Laboratory.eventually { units.all.count == 1 })
        try plug("1-2")
        #expect(await Laboratory.eventually { desk.reports().map(\.state) == ["on-hook", "on-hook"] })
        #expect(desk.reports().map(\.name) == ["desk", "usb-phone-21"])
        #expect(openings.all == ["", "1-2"])
    }

    @Test func `a reload that gives a plugged-in telephone's number away moves that telephone`() async throws {
        let desk = desk([], PluggedUnits(), Openings())
        try desk.start()
        defer { desk.stop() }
        try plug("1-1")
        #expect(await Laboratory.eventually { desk.reports().map(\.extension) == ["21"] && desk.knows("21") })
        desk.adopt(
            NumberSpace(emergencyNumbers: [], extensions: ["21", "22"], roomNumbers: nil, outsideNumbers: nil),
            interdigitMilliseconds: 4_000)
        #expect(await Laboratory.eventually { desk.reports().map(\.extension) == ["23"] })
        #expect(desk.knows("23") && !desk.knows("21") && desk.knows("usb-phone-21"))
    }
}
