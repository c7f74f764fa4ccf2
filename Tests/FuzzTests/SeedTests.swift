// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import partyline_fuzz

/// The fuzzer's targets without the fuzzer: its seeds, and what comes of them by some thousand small changes. Nothing may trap,
/// and nothing may take long. `Scripts/fuzz` goes on from here.
@Suite(.serialized) struct SeedTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Fixtures").standardizedFileURL
    /// Seconds that one input may take.
    private static let longest = 1.0

    private func seeds(_ target: FuzzTarget) -> [[UInt8]] {
        target.seeds.flatMap { folder -> [[UInt8]] in
            let place = Self.fixtures.appendingPathComponent(folder).standardizedFileURL
            let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
            return names.sorted().compactMap { try? Data(contentsOf: place.appendingPathComponent($0)) }.map {
                [UInt8]($0)
            }
        }
    }

    @Test(arguments: FuzzTarget.all.map(\.name)) func `every seed and its neighbours are harmless`(_ name: String)
        throws
    {
        let target = try #require(FuzzTarget.named(name))
        let seeds = seeds(target)
        #expect(target.seeds.isEmpty || !seeds.isEmpty, "no seeds in \(target.seeds)")
        var random = Changes(seed: UInt64(name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }))
        var slowest = 0.0
        func run(_ bytes: [UInt8]) {
            let start = ContinuousClock.now
            target.run(bytes)
            slowest = max(slowest, start.duration(to: .now) / .seconds(1))
        }
        run([])
        for seed in seeds { run(Array(seed.prefix(target.longest))) }
        // Files are written for each of the settings'.
        let count = name == "settings" ? 200 : 2_000
        for _ in 0..<count {
            run(Array(random.changed(seeds.randomElement(using: &random) ?? []).prefix(target.longest)))
        }
        #expect(slowest < Self.longest, "one of them took \(slowest) s")
    }
}

/// Repeatable changes.
private struct Changes: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    /// One to four bytes or stretches that are other, missing, doubled or new.
    mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0...3, using: &self) {
            let at = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &self)
            let length = min(bytes.count - at, Int.random(in: 1...16, using: &self))
            switch Int.random(in: 0...4, using: &self) {
            case 0 where !bytes.isEmpty: bytes[at] = UInt8.random(in: 0...255, using: &self)
            case 1 where !bytes.isEmpty: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &self)
            case 2: bytes.removeSubrange(at..<at + length)
            case 3: bytes.insert(contentsOf: bytes[at..<at + length], at: at)
            default:
                let telling: [UInt8] = [0, 10, 13, 32, 34, 44, 58, 59, 60, 62, 92, 127, 128, 255]
                bytes.insert(telling.randomElement(using: &self) ?? 0, at: at)
            }
        }
        return bytes
    }
}
