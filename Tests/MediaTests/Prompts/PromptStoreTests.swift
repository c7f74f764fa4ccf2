// SPDX-License-Identifier: Apache-2.0

import Foundation
import Telephony
import Testing

@testable import Media

@Suite struct PromptStoreTests {
    private let folder: String
    private let cache: String

    init() throws {
        folder = NSTemporaryDirectory() + "prompts-" + UUID().uuidString
        cache = folder + "-cache"
        try FileManager.default.createDirectory(atPath: folder + "/en", withIntermediateDirectories: true)
    }

    private func options(_ command: [String]? = nil) -> PromptStore.Options {
        var options = PromptStore.Options(promptsFolder: folder, cacheFolder: cache)
        if let command { options.speechCommand = command }
        return options
    }

    private func write(_ audio: WAVAudio, _ name: String) throws {
        try Data(audio.file()).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    private func tidy() {
        try? FileManager.default.removeItem(atPath: folder)
        try? FileManager.default.removeItem(atPath: cache)
    }

    private func taken(_ sound: PlayableSound) -> [Int16] { sound.everything }

    @Test func `file of the folder is played and a changed file is read anew`() async throws {
        defer { tidy() }
        let store = PromptStore(options())
        try write(WAVAudio(sampleRate: 8000, samples: [1, 2, 3]), "en/hello.wav")
        let sound = try await store.prepare(.file(path: "en/hello.wav"))
        #expect(sound.sampleRate == 8000)
        #expect(taken(sound) == [1, 2, 3])
        try write(WAVAudio(sampleRate: 8000, samples: [4, 5]), "en/hello.wav")
        #expect(taken(try await store.prepare(.file(path: folder + "/en/hello.wav"))) == [4, 5])
    }

    @Test func `nothing outside of the folder is read`() async throws {
        defer { tidy() }
        let store = PromptStore(options())
        let outside = folder + "-outside.wav"
        try Data(WAVAudio(sampleRate: 8000, samples: [1]).file()).write(to: URL(fileURLWithPath: outside))
        defer { try? FileManager.default.removeItem(atPath: outside) }
        try FileManager.default.createSymbolicLink(atPath: folder + "/link.wav", withDestinationPath: outside)
        for path in ["../" + (outside as NSString).lastPathComponent, outside, "link.wav", "en/../../x.wav"] {
            await #expect { _ = try await store.prepare(.file(path: path)) } throws: {
                guard case .outsideFolder = $0 as? PromptError else { return false }
                return true
            }
        }
        for path in ["", "none.wav", "a\0b"] {
            await #expect { _ = try await store.prepare(.file(path: path)) } throws: {
                guard case .notFound = $0 as? PromptError else { return false }
                return true
            }
        }
        await #expect(throws: PromptError.self) { _ = try await store.prepare(.file(path: "en")) }
        mkfifo(folder + "/pipe.wav", 0o600)
        await #expect(throws: PromptError.self) { _ = try await store.prepare(.file(path: "pipe.wav")) }
    }

    @Test func `too large a file is refused with its size`() async throws {
        defer { tidy() }
        var options = options()
        options.mostFileBytes = 100
        try write(WAVAudio(sampleRate: 8000, samples: [Int16](repeating: 0, count: 100)), "big.wav")
        await #expect(throws: PromptError.tooLarge(path: folder + "/big.wav", bytes: 244, most: 100)) {
            _ = try await PromptStore(options).prepare(.file(path: "big.wav"))
        }
    }

    @Test func `speech is rendered once, levelled, and comes from the disk later`() async throws {
        defer { tidy() }
        let log = folder + "/log"
        let script = "echo x >> \(log); espeak-ng -v \"$1\" -w \"$2\" -- \"$3\""
        let command = ["sh", "-c", script, "speak", "{voice}", "{output}", "{text}"]
        let store = PromptStore(options(command))
        let text = "Please enter the number of the room."
        let sounds = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { taken(try await store.prepare(.speech(text: text, voice: "en"))).count }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(sounds).count == 1)
        #expect((sounds.first ?? 0) > 16_000)
        let again = try await PromptStore(options(command)).prepare(.speech(text: text, voice: ""))
        #expect(again.sampleRate == 16_000)
        let level = try #require(WAVAudio(sampleRate: 16_000, samples: taken(again)).activeLevelDBm0)
        #expect(abs(level + 19) < 1)
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "x\n")
        let left = try FileManager.default.contentsOfDirectory(atPath: cache)
        #expect(left.count == 1)
    }

    @Test func `text is never an option or a command`() async throws {
        #expect(try SpeechCommand.clean("--help\n\u{7}now") == " --help now")
        #expect(
            SpeechCommand.filled("say {text} {other}", ["text": "{voice} $(id)", "voice": "x"])
                == "say {voice} $(id) {other}")
        #expect(throws: PromptError.emptyText) { try SpeechCommand.clean(" \t ") }
        #expect(throws: PromptError.textTooLong(characters: 1501, most: 1500)) {
            try SpeechCommand.clean(String(repeating: "a", count: 1501))
        }
        for voice in ["", "-x", "a b", "../x", "$(id)"] {
            #expect(throws: PromptError.badVoice(voice)) { try SpeechCommand.check(voice: voice) }
        }
    }

    @Test func `command that fails, is missing, is late or writes rubbish says so`() async throws {
        defer { tidy() }
        func error(_ command: [String], seconds: Double = 5) async -> PromptError? {
            var options = options(command + ["{text}", "{output}"])
            options.speechSeconds = seconds
            do {
                _ = try await PromptStore(options).prepare(.speech(text: "hello", voice: "en"))
                return nil
            } catch { return error as? PromptError }
        }
        #expect(await error(["sh", "-c", "exit 3"]) == .speechCommandFailed("sh", reason: "it ended with code 3"))
        #expect(await error(["no-such-program-here"]) == .speechCommandMissing("no-such-program-here"))
        #expect(await error(["sh", "-c", "sleep 60 & sleep 60"], seconds: 0.2) == .speechTooSlow("sh", seconds: 0.2))
        guard case .speechCommandFailed = await error(["true"]) else {
            Issue.record("no file, no error")
            return
        }
        guard case .speechCommandFailed = await error(["sh", "-c", "echo rubbish > \"$2\"", "x"]) else {
            Issue.record("rubbish was taken")
            return
        }
    }

    @Test func `child inherits no descriptor`() async throws {
        defer { tidy() }
        let descriptor = open("/dev/null", O_RDONLY)
        defer { close(descriptor) }
        // ls itself opens the folder: 0, 1, 2 and that one.
        let script = "test \"$(ls /proc/self/fd | wc -l)\" -le 4"
        #expect(await ChildProcess.run("sh", ["-c", script], seconds: 5) == .exited(0))
        #expect(await ChildProcess.run("sh", ["-c", "kill -9 $$"], seconds: 5) == .killed(signal: 9))
    }

    @Test func `cache on disk keeps its size and its newest`() throws {
        defer { tidy() }
        let cache = PromptCache(folder: cache, mostBytes: 5000)
        let audio = WAVAudio(sampleRate: 8000, samples: [Int16](repeating: 7, count: 500))
        for number in 0..<12 { cache.store(audio, key: "text \(number)") }
        #expect(cache.load("text 11") == audio)
        #expect(cache.load("text 0") == nil)
        let total = try FileManager.default.contentsOfDirectory(atPath: self.cache).count
        #expect(total <= 4)
    }

    @Test func `tones end or repeat where they should`() throws {
        let beep = try TonePlayback([ToneSegment(1000, 0, levelDBm0: -10, milliseconds: 100)], repeats: false)
        #expect(beep.audio.samples.count == 800 && beep.loopStart == nil)
        let busy = try TonePlayback(
            [ToneSegment(425, 0, levelDBm0: -10, milliseconds: 480), .silence(480)], repeats: true)
        #expect(busy.audio.samples.count == 7680 && busy.loopStart == 0)
        let dial = try TonePlayback([ToneSegment(350, 440, levelDBm0: -13, milliseconds: 0)], repeats: false)
        let start = try #require(dial.loopStart)
        let samples = dial.audio.samples
        // The seam of the loop is no step: the sample behind the end would be the one at its start.
        #expect(samples.count - start == 8000)
        let before = Int(samples[samples.count - 1]) - Int(samples[start - 1])
        #expect(abs(before) < 40)
        #expect(throws: PromptError.noTones) { try TonePlayback([], repeats: true) }
        #expect(throws: PromptError.self) {
            try TonePlayback([ToneSegment(400, 0, levelDBm0: -10, milliseconds: 3_600_000)], repeats: false)
        }
    }
}
