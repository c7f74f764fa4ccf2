// SPDX-License-Identifier: Apache-2.0

import Foundation
import Telephony
import Testing

@testable import Media

extension PlayableSound {
    /// All its samples in one piece.
    var everything: [Int16] { parts.flatMap { UnsafeBufferPointer(start: $0.base, count: $0.count) } }
}

/// How much memory sounds may take, and that those who play one sound share it.
@Suite struct SoundBudgetTests {
    private let folder = NSTemporaryDirectory() + "budget-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    private func store(_ change: (inout PromptStore.Options) -> Void) -> PromptStore {
        var options = PromptStore.Options(promptsFolder: folder, cacheFolder: folder + "/cache")
        change(&options)
        return PromptStore(options)
    }

    private func write(_ name: String, milliseconds: Int, rate: Int, value: Int16 = 1000) throws {
        let samples = [Int16](repeating: value, count: rate * milliseconds / 1000)
        try Data(WAVAudio(sampleRate: rate, samples: samples).file()).write(
            to: URL(fileURLWithPath: folder + "/" + name))
    }

    private func tidy() { try? FileManager.default.removeItem(atPath: folder) }

    @Test(arguments: [(100, 48_000), (500, 16_000), (1200, 8000)])
    func `the longer a sound, the lower its rate`(milliseconds: Int, rate: Int) async throws {
        defer { tidy() }
        try write("long.wav", milliseconds: milliseconds, rate: 44_100)
        let sound = try await store { $0.mostSoundBytes = 20_000 }.prepare(.file(path: "long.wav"))
        #expect(sound.sampleRate == rate)
        #expect(abs(sound.count - rate * milliseconds / 1000) <= 1)
        // A steady value stays one, but for its edges.
        #expect(sound.everything[200..<(sound.count - 200)].allSatisfy { abs(Int($0) - 1000) < 8 })
    }

    @Test func `a sound that is too long for any rate is refused with words`() async throws {
        defer { tidy() }
        try write("long.wav", milliseconds: 2000, rate: 44_100)
        await #expect {
            _ = try await store { $0.mostSoundBytes = 20_000 }.prepare(.file(path: "long.wav"))
        } throws: { error in
            guard case .soundTooLong(_, mostSeconds: 1) = error as? PromptError else { return false }
            return "\(error)".contains("longer than")
        }
    }

    @Test func `sounds that are only kept make room, sounds that are played do not`() async throws {
        defer { tidy() }
        for name in ["a.wav", "b.wav"] { try write(name, milliseconds: 1000, rate: 8000) }
        let store = store { $0.mostSampleBytes = 20_000 }
        _ = try await store.prepare(.file(path: "a.wav"))
        #expect(store.sampleBytes == 16_000)
        var played: PlayableSound? = try await store.prepare(.file(path: "b.wav"))
        #expect(store.sampleBytes == 16_000)
        await #expect {
            _ = try await store.prepare(.file(path: "a.wav"))
        } throws: {
            guard case .noRoom(_, bytes: 16_000, most: 20_000) = $0 as? PromptError else { return false }
            return true
        }
        #expect(played?.count == 8000)
        played = nil
        #expect(try await store.prepare(.file(path: "a.wav")).count == 8000)
    }

    @Test func `a large sound leaves room for small ones`() {
        let budget = SoundBudget(mostBytes: 40 << 20)
        #expect(budget.take(30 << 20))
        #expect(!budget.take(3 << 20))
        for _ in 0..<5 { #expect(budget.take(2 << 20)) }
        #expect(!budget.take(1))
        budget.give(30 << 20)
        #expect(budget.usedBytes == 10 << 20)
        #expect(!budget.take(-1) && !budget.take(.max))
    }

    @Test func `all who play a sound share its samples, alone and in a sequence`() async throws {
        defer { tidy() }
        try write("a.wav", milliseconds: 100, rate: 8000, value: 1)
        try write("b.wav", milliseconds: 50, rate: 16_000, value: 2)
        let store = store { _ in }
        let alone = try await store.prepare(.file(path: "b.wav"))
        let second = try await store.prepare(.file(path: "b.wav"))
        #expect(alone.parts.first === second.parts.first)
        let both = try await store.prepare(.sequence([.file(path: "a.wav"), .file(path: "b.wav")]))
        #expect(both.partMilliseconds == [100, 50])
        #expect(both.sampleRate == 16_000 && both.count == 2400)
        #expect(both.parts.last === alone.parts.first)
    }

    @Test func `a player reads across the parts of a sequence, and around its loop`() throws {
        let budget = SoundBudget(mostBytes: 1000)
        let parts = try [[Int16](1...5), [], [6], [Int16](7...10)].map { values in
            let samples = try #require(SoundSamples(capacity: values.count, sampleRate: 8000, budget: budget))
            samples.append(values[...])
            return samples
        }
        let sound = PlayableSound(parts, loopStart: nil)
        let id = PlayerID(slot: 0, generation: 1)
        var heard = [Int16](repeating: -1, count: 14)
        PlayerSource(id: id, sound, loopStart: nil, delayMilliseconds: 0).copy(from: -1, count: 14, into: &heard)
        #expect(heard == [0] + [Int16](1...10) + [0, 0, 0])
        PlayerSource(id: id, sound, loopStart: 4, delayMilliseconds: 0).copy(from: 3, count: 14, into: &heard)
        #expect(heard == [Int16](4...10) + [Int16](5...10) + [5])
        PlayerSource(id: id, PlayableSound([], loopStart: nil), loopStart: 0, delayMilliseconds: 0)
            .copy(from: 0, count: 14, into: &heard)
        #expect(heard.allSatisfy { $0 == 0 })
    }
}
