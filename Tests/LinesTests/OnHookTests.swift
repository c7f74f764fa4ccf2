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
}
