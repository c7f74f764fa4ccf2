// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Lines

@Suite struct OnHookTests {
    @Test func `hardware that is not there is no fault, hardware that does not obey is`() throws {
        let path = NSTemporaryDirectory() + "no-modem-\(UUID().uuidString)"
        try Data().write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var lines: [LineDescription] = []
        for (name, tty) in [("absent", path + "-absent"), ("mute", path)] {
            var line = LineDescription(name: name, preset: "v253", pcm: "", ctl: "")
            line.tty = tty
            lines.append(line)
        }
        let outcomes = OnHook.put(lines, plug: nil)
        #expect(outcomes.map(\.line) == ["absent", "mute"])
        #expect(outcomes.map(\.isAbsent) == [true, false])
        #expect(outcomes.map(\.disobeys) == [false, true])
        #expect(outcomes.allSatisfy { $0.trouble != nil })
    }

    @Test func `a telephone that the settings name by its node is put on-hook once`() throws {
        let system = try FakeSystem()
        try system.plug("1-1", id: "0b0e:0420", product: "Speak", hid: Descriptors.headset)
        try system.plug("1-2", id: "0b0e:0420", product: "Other", hid: Descriptors.headset)
        var options = PlugOptions()
        options.system = system.root
        // No nodes are there: nothing is opened.
        options.nodes = system.root + "/dev"
        var line = LineDescription(name: "desk", preset: "hid-phone", pcm: "", ctl: "")
        line.hid = options.nodes + "/hidraw1"
        let outcomes = OnHook.put([line], plug: options)
        #expect(outcomes.map(\.line) == ["desk", "Other"])
        #expect(outcomes.map(\.isAbsent) == [true, true])
    }
}
