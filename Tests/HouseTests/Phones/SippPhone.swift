// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit

/// sipp as a desk phone: one of the scenarios of Tests/Fixtures/sipp, with a password.
final class SippPhone {
    let folder: URL
    private let tool: RunningTool

    /// - Parameters:
    ///   - port: its own; the dozen behind it are its audio's.
    ///   - number: what it dials.
    ///   - keys: what the scenario wants besides.
    init(
        _ scenario: String, name: String, password: String, port: UInt16, house: UInt16, dials number: String,
        keys: [String: String] = [:]
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("partyline-sipp-\(port)")
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = HouseTests.HostileTests.fixtures.appendingPathComponent("sipp/\(scenario).xml").path
        var arguments = [
            "127.0.0.1:\(house)", "-sf", file, "-s", number, "-i", "127.0.0.1", "-p", "\(port)", "-mp", "\(port + 4)",
            "-m", "1", "-rtp_echo", "-au", name, "-ap", password, "-key", "user", name, "-timeout", "40",
            "-timeout_error",
            "-nostdin", "-trace_logs", "-log_file", folder.path + "/told", "-trace_err", "-error_file",
            folder.path + "/errors",
        ]
        // sipp knows one address for all that it proves.
        if !number.isEmpty { arguments += ["-auth_uri", "\(number)@127.0.0.1:\(house)"] }
        for (key, value) in keys { arguments += ["-key", key, value] }
        tool = try Tool.start(Tool.sipp, arguments, output: folder.appendingPathComponent("out"), folder: folder)
    }

    /// The words that its scenario logged after `word`.
    func told(_ word: String, within seconds: Double = 6) async -> String? {
        for _ in 0..<Int(seconds * 20) {
            let text = (try? String(contentsOf: folder.appendingPathComponent("told"), encoding: .utf8)) ?? ""
            if let line = text.split(separator: "\n").first(where: { $0.hasPrefix(word + " ") }) {
                return String(line.dropFirst(word.count + 1))
            }
            try? await Task.sleep(nanoseconds: 50_000_000)
        }
        return nil
    }

    /// 0 when all went as the scenario wants it.
    func exitCode(within seconds: Double) async -> Int32? { await tool.exitCode(within: seconds) }

    /// What it complains of.
    var errors: String { (try? String(contentsOf: folder.appendingPathComponent("errors"), encoding: .utf8)) ?? "" }

    func end() {
        tool.end()
        try? FileManager.default.removeItem(at: folder)
    }
}
