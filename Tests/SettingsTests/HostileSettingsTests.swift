// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

/// Files broken at random and on purpose: `Settings.load` always ends, and every error names a file and a line.
@Suite struct HostileSettingsTests {
    /// A small generator with a seed, so that a failure comes back.
    struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) ^ (state << 31)
        }
    }

    /// Texts that ran into assertions of the TOML library, which ended the program.
    @Test(arguments: ["a = 1\n[{b = 1}]\n", "[=]\n", "a = {b = 1, ,}\n", "a = 1\n[{hz=[1,2,3]}]\nc = []\n"])
    func `texts that the library did not think of are refused`(_ text: String) throws {
        let workshop = try Workshop()
        try workshop.write("partyline.toml", text)
        #expect(workshop.problems().contains { $0.severity == .error && $0.file.hasSuffix("partyline.toml") })
    }

    /// Each key with a default, set to what never fits, misspelt, and given twice: the error stands at its very line.
    @Test func `two hundred configurations with one mistake each are refused at its line`() throws {
        let workshop = try Workshop()
        var count = 0
        let sections: [(name: String, keys: [String])] = Self.keysOfSample()
        #expect(sections.count >= 10)
        for section in sections {
            for key in section.keys {
                let name = String(key.prefix { $0 != " " })
                let mistakes = [
                    "\(name) = {}", "\(name) = 1999-12-31", "\(name) = \"\\u0007\"", "\(name) = [[]]", "\(name) = nan",
                    "\(name) = -9223372036854775808", "\(name)x = 1", "\(key)\n\(key)", "\(name) =", "\(name)",
                ]
                for mistake in mistakes {
                    try workshop.write("partyline.toml", "# one\n[\(section.name)]\n\n\(mistake)\n")
                    guard case .failure(let problems) = workshop.load() else {
                        Issue.record("taken: \(mistake)")
                        continue
                    }
                    count += 1
                    let first = try #require(problems.all.first)
                    #expect(first.file == workshop.path + "/partyline.toml")
                    #expect([4, 5].contains(first.line), "\(mistake): \(first)")
                    #expect(!first.remedy.isEmpty && !first.what.isEmpty)
                }
            }
        }
        #expect(count >= 200)
    }

    @Test func `files broken at random end in a place or a configuration`() throws {
        let workshop = try Workshop()
        try workshop.write("lines.d/hall.toml", "name='hall'\npcm='hw:0'\nctl='hw:0'\nextension='21'\nroute='conf_1'\n")
        let files = ["partyline.toml", "rules.toml", "lines.d/hall.toml", "tones.d/de.toml"]
        var originals: [String: [UInt8]] = [:]
        for file in files {
            originals[file] = Array(try Data(contentsOf: URL(fileURLWithPath: workshop.path + "/" + file)))
        }
        // The sample is comments; take their marks away so that there is something to break.
        originals["partyline.toml"] = Array(
            Self.keysOfSample().map { "[\($0.name)]\n" + $0.keys.joined(separator: "\n") }.joined(separator: "\n").utf8)
        var dice = Dice(state: 20_261_124)
        var refused = 0
        for _ in 0..<600 {
            let file = files.randomElement(using: &dice) ?? ""
            let original = originals[file] ?? []
            try workshop.write(file, Data(Self.mutate(original, &dice)))
            var outcome = Result<PartylineSettings, SettingsProblems>.success(PartylineSettings())
            let time = processorTime { outcome = workshop.load() }
            #expect(time < .seconds(1))
            if case .failure(let problems) = outcome {
                refused += 1
                for problem in problems.all {
                    #expect(problem.file.hasPrefix(workshop.path))
                    #expect(problem.line >= 1 && problem.column >= 1)
                }
            }
            try workshop.write(file, Data(original))
        }
        #expect(refused > 300)
    }

    /// What breaks parsers: depth, length, width, bytes.
    @Test func `extremes are refused in time`() throws {
        let workshop = try Workshop()
        let deepKey = String(repeating: "a.", count: 200_000) + "a = 1"
        let extremes: [[UInt8]] = [
            Array(deepKey.utf8), Array("[\(String(repeating: "a.", count: 200_000))a]".utf8),
            Array(("a = " + String(repeating: "[", count: 300_000)).utf8),
            Array(("a = " + String(repeating: "{a=", count: 200_000)).utf8),
            Array(("a = \"" + String(repeating: "x", count: 1 << 20 - 10) + "\"").utf8),
            Array((0..<60_000).map { "k\($0) = 1\n" }.joined().utf8),
            Array(("a = [" + String(repeating: "1,", count: 500_000) + "]").utf8),
            Array(String(repeating: "[[rule]]\n", count: 100_000).utf8),
            Array(String(repeating: "\"a\".", count: 200_000).utf8),
            Array(("x = '''" + String(repeating: "'", count: 500_000)).utf8),
            [UInt8](repeating: 0, count: 5_000), [UInt8](repeating: 0xFF, count: 5_000), [0xEF, 0xBB, 0xBF, 0xFE],
            Array("a = \"\\uD800\"".utf8), Array("a = 1e400\n[sip]\nmax_calls = 99999999999999999999".utf8),
            Array("\u{0}".utf8),
            Array("a = 0x7fffffffffffffffffffff".utf8), Array("[sip]\r\nmax_calls = 3\rx".utf8),
        ]
        for (index, bytes) in extremes.enumerated() {
            for file in ["partyline.toml", "rules.toml"] {
                let original = try Data(contentsOf: URL(fileURLWithPath: workshop.path + "/" + file))
                try workshop.write(file, Data(bytes))
                var problems: [SettingsProblem] = []
                let time = processorTime { problems = workshop.problems() }
                #expect(
                    problems.contains { $0.severity == .error && $0.file.hasSuffix(file) },
                    "extreme \(index) of \(file)")
                #expect(problems.count < 300)
                #expect(time < .seconds(5), "extreme \(index) of \(file)")
                try workshop.write(file, original)
            }
        }
    }

    /// `key = default` of each section, out of the sample.
    private static func keysOfSample() -> [(name: String, keys: [String])] {
        var sections: [(name: String, keys: [String])] = []
        for line in Settings.sample().split(separator: "\n") {
            if line.hasPrefix("[") {
                sections.append((String(line.dropFirst().dropLast()), []))
            } else if line.hasPrefix("# "), line.contains(" = "), let last = sections.indices.last {
                let key = line.dropFirst(2).prefix { $0 != " " }
                guard key.allSatisfy({ $0.isLowercase || $0 == "_" }), line.dropFirst(2 + key.count).hasPrefix(" = ")
                else { continue }
                sections[last].keys.append(String(line.dropFirst(2)))
            }
        }
        return sections
    }

    private static func mutate(_ original: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var bytes = original
        let spice = Array("[]{}\"'=.,#\\\n\r\t 0-+e_x\u{0}".utf8) + [0xFF, 0xC3, 0x80]
        for _ in 0..<Int.random(in: 1...6, using: &dice) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &dice)
            switch Int.random(in: 0..<6, using: &dice) {
            case 0: bytes[at] = spice.randomElement(using: &dice) ?? 0
            case 1: bytes.insert(spice.randomElement(using: &dice) ?? 0, at: at)
            case 2: bytes.remove(at: at)
            case 3: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &dice)))
            case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 60)], at: at)
            default: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            }
        }
        return bytes
    }
}
