// SPDX-License-Identifier: Apache-2.0

import Foundation
import Patterns
import ScenarioProtocol
import Settings

extension FuzzTarget {
    static let house = [
        FuzzTarget(name: "settings", seeds: ["../../etc/partyline"], longest: 4_096, run: load),
        FuzzTarget(name: "pattern", seeds: ["fuzz/pattern"], longest: 512, run: match),
        FuzzTarget(name: "scenario", seeds: ["fuzz/scenario"], longest: 4_096, run: frame),
    ]

    private static let folder: String = {
        let path = NSTemporaryDirectory() + "partyline-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
        try? FileManager.default.createDirectory(atPath: path + "/lines.d", withIntermediateDirectories: true)
        return path
    }()

    /// The bytes as each of the files of a configuration.
    @Sendable private static func load(_ bytes: [UInt8]) {
        let names = ["partyline.toml", "rules.toml", "lines.d/one.toml"]
        for name in names {
            let path = folder + "/" + name
            guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { return }
            if case .failure(let problems) = Settings.load(folder) {
                // Each problem is told in one line.
                for problem in problems.all { precondition(!"\(problem)".contains("\n")) }
            }
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// A pattern up to the first zero, then what it is tried on.
    @Sendable private static func match(_ bytes: [UInt8]) {
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        let subject = String(decoding: bytes.drop { $0 != 0 }.dropFirst(), as: UTF8.self)
        guard let pattern = try? Pattern(text) else { return }
        _ = try? pattern.matches(subject)
    }

    /// A stream of a scenario worker, in pieces.
    @Sendable private static func frame(_ bytes: [UInt8]) {
        var reader = MessageReader()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(1 + Int(rest[rest.startIndex] & 63)))
            rest = rest.dropFirst(piece.count)
            piece.withUnsafeBytes { reader.append($0) }
            do {
                while try reader.nextReport() != nil {}
            } catch { return }
        }
    }
}
