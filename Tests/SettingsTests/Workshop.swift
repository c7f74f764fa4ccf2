// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings

/// A configuration folder of a test: the shipped one in a temporary place, to be broken there. Removed at the end.
final class Workshop {
    let path: String

    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    static let shipped = repository + "/etc/partyline"

    init() throws {
        path = NSTemporaryDirectory() + "partyline-settings-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for name in ["partyline.toml", "rules.toml", "tones.d", "lines.d"]
        where FileManager.default.fileExists(atPath: Self.shipped + "/" + name) {
            try FileManager.default.copyItem(atPath: Self.shipped + "/" + name, toPath: path + "/" + name)
        }
        for scenario in ["gateway.js", "conference.js"] { try write("scenarios/" + scenario, "// a script\n") }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        try write(name, Data(text.utf8))
    }

    func write(_ name: String, _ data: Data) throws {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

    func load() -> Result<PartylineSettings, SettingsProblems> { Settings.load(path) }

    /// All problems, warnings of a success included.
    func problems() -> [SettingsProblem] {
        switch load() {
        case .success(let settings): settings.warnings
        case .failure(let problems): problems.all
        }
    }

    /// `FILE:LINE:COLUMN: severity: …` with the folder's own path taken off.
    func report() -> [String] {
        problems().map {
            $0.description.replacingOccurrences(of: path + "/", with: "").replacingOccurrences(of: path, with: ".")
        }
    }
}
