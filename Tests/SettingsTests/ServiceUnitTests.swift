// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The files for the service manager, judged by its own tools where they are installed.
@Suite struct ServiceUnitTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../etc/systemd").standardizedFileURL

    private func run(_ program: String, _ arguments: [String]) throws -> (code: Int32, words: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C", "SYSTEMD_LOG_LEVEL": "notice"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let words = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, words)
    }

    /// The unit with a program that is there, in a folder of its own.
    private func unit(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "partyline-unit-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = try String(contentsOf: Self.folder.appendingPathComponent("partyline.service"), encoding: .utf8)
        let path = folder + "/partyline.service"
        try text.replacingOccurrences(of: "/usr/bin/partylined", with: "/bin/true")
            .write(toFile: path, atomically: true, encoding: .utf8)
        try body(path)
    }

    private static let analyser = "/usr/bin/systemd-analyze"
    private static let hasAnalyser = FileManager.default.isExecutableFile(atPath: analyser)

    @Test(.enabled(if: hasAnalyser, "systemd is not installed"))
    func `systemd finds nothing wrong with the unit, and calls its exposure low`() throws {
        try unit { path in
            let (code, words) = try run(Self.analyser, ["verify", "--man=no", path])
            #expect(code == 0 && words.isEmpty, "\(words)")
            // Tenths; 10.0 is a unit without any protection.
            let security = try run(Self.analyser, ["security", "--offline=yes", "--no-pager", "--threshold=35", path])
            print(security.words.split(separator: "\n").last ?? "")
            #expect(security.code == 0, "\(security.words)")
        }
    }

    @Test func `a daemon that died is followed by its helper, as the user that may open the devices`() throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent("partyline.service"), encoding: .utf8)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.contains("ExecStopPost=/usr/bin/partylined --on-hook"))
        #expect(lines.contains("User=partyline") && lines.contains("Group=partyline"))
        #expect(lines.contains("SupplementaryGroups=audio dialout"))
        // With a limit the daemon locks nothing (see realtime.c), for an allocation beyond it would end it.
        #expect(lines.contains("LimitMEMLOCK=infinity"))
        // Each would take the telephones away.
        for key in ["PrivateDevices", "DevicePolicy", "DeviceAllow", "ProtectClock", "RestrictRealtime"] {
            #expect(!lines.contains { $0.hasPrefix(key + "=") }, "\(key)")
        }
    }

    private static let users = "/usr/bin/systemd-sysusers"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: users), "systemd is not installed"))
    func `its user is made, in the groups that the unit names`() throws {
        let root = NSTemporaryDirectory() + "partyline-users-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root + "/etc", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let (code, words) = try run(
            Self.users, ["--root=\(root)", Self.folder.appendingPathComponent("partyline.sysusers").path])
        #expect(code == 0, "\(words)")
        let group = try String(contentsOfFile: root + "/etc/group", encoding: .utf8).split(separator: "\n")
        for name in ["audio", "dialout"] {
            #expect(group.contains { $0.hasPrefix(name + ":") && $0.hasSuffix(":partyline") }, "\(group)")
        }
        #expect(try String(contentsOfFile: root + "/etc/passwd", encoding: .utf8).contains("partyline:"))
    }
}
