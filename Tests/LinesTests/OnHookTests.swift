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
        var unplugged = LineDescription(name: "unplugged", preset: "usb-fxs", pcm: "", ctl: "")
        unplugged.match = USBMatch(id: "06e6:c200", serial: nil, port: nil)
        lines.append(unplugged)
        let outcomes = OnHook.put(lines, plug: nil)
        #expect(outcomes.map(\.line) == ["absent", "mute", "unplugged"])
        #expect(outcomes.map(\.isAbsent) == [true, false, true])
        #expect(outcomes.map(\.disobeys) == [false, true, false])
        #expect(outcomes.allSatisfy { $0.trouble != nil })
    }
}
