// SPDX-License-Identifier: Apache-2.0

import Foundation
import SoundFiles
import Synchronization
import Telephony
import Testing

@testable import Media

/// Taps that a test fills, into files on the real disk.
@Suite struct RecordingDeskTests {
    private final class Told: Sendable {
        let events = Mutex<[MediaEvent]>([])
        func add(_ event: MediaEvent) { events.withLock { $0.append(event) } }

        func ended() async -> (name: String?, seconds: Int, error: String?)? {
            for _ in 0..<300 {
                for case .recordingEnded(_, let name, let seconds, let error) in events.withLock({ $0 }) {
                    return (name, seconds, error)
                }
                try? await Task.sleep(nanoseconds: 10_000_000)
            }
            return nil
        }
    }

    private let folder = NSTemporaryDirectory() + "recordings-\(UUID().uuidString)"
    private let id = RecorderID(slot: 0, generation: 1)

    private func order(_ format: SessionRecording.Format, name: String = "", channels: Int = 1) -> RecordingOrder {
        var order = RecordingOrder()
        order.format = format
        order.name = name
        order.channels = channels
        return order
    }

    private func fill(_ tap: RecorderTap, _ value: Int16, seconds: Int) {
        let frame = [Int16](repeating: value, count: 160)
        for _ in 0..<(seconds * 50) { tap.write(frame, count: 160) }
    }

    @Test(arguments: SessionRecording.Format.allCases)
    func `every format is written, named when complete, and closed when nobody writes any more`(
        _ format: SessionRecording.Format
    ) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let desk = RecordingDesk(RecordingOptions(folder: folder))
        let told = Told()
        let tap = RecorderTap(sampleRate: 8000)
        fill(tap, 1000, seconds: 2)
        desk.begin(id, order(format, name: "greeting"), [tap]) { told.add($0) }
        tap.close()
        let end = try #require(await told.ended())
        #expect(end.name == "greeting.\(format.rawValue)")
        #expect(end.seconds == 2)
        #expect(end.error == nil)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(files == ["greeting.\(format.rawValue)"])
        let size = try #require(
            FileManager.default.attributesOfItem(atPath: folder + "/" + files[0])[.size] as? Int)
        #expect(size > (format == .wav ? 32_000 : 100))
    }

    @Test func `two channels stay side by side`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let desk = RecordingDesk(RecordingOptions(folder: folder))
        let told = Told()
        let taps = [RecorderTap(sampleRate: 8000), RecorderTap(sampleRate: 8000)]
        fill(taps[0], 100, seconds: 1)
        fill(taps[1], 200, seconds: 1)
        desk.begin(id, order(.wav, channels: 2), taps) { told.add($0) }
        for tap in taps { tap.close() }
        let name = try #require(await told.ended()?.name)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
        #expect(bytes[22] == 2)
        let samples = bytes.suffix(32_000)
        #expect(samples.count == 32_000)
        #expect(Array(samples.prefix(8)) == [100, 0, 200, 0, 100, 0, 200, 0])
    }

    @Test func `names are made safe and unique, and what a killed daemon left gets its name`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(RecordingFolder.safe("../../etc/passwd") == "_.._etc_passwd")
        #expect(RecordingFolder.safe("-rf Zoë\n") == "rf_Zo__")
        #expect(RecordingFolder.safe(String(repeating: "x", count: 500)).count == 64)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data([1]).write(to: URL(fileURLWithPath: folder + "/a.wav.part"))
        let files = RecordingFolder(folder)
        files.prepare()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.wav"])
        let second = try files.create("a", .wav)
        close(second.descriptor)
        #expect(second.name == "a-2.wav")
    }

    @Test func `a full disk ends a recording and keeps what there is`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = RecordingOptions(folder: folder)
        options.keepFreeBytes = .max
        let desk = RecordingDesk(options)
        let told = Told()
        let tap = RecorderTap(sampleRate: 8000)
        desk.begin(id, order(.wav), [tap]) { told.add($0) }
        let end = try #require(await told.ended())
        #expect(end.name == nil)
        #expect(end.error?.contains("full") == true)
        #expect(await desk.obstacle()?.description == end.error)
        #expect(await RecordingDesk(RecordingOptions(folder: folder)).obstacle() == nil)
    }

    @Test func `a recording that is too long ends by itself with a file`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = RecordingOptions(folder: folder)
        options.mostSeconds = 1
        let desk = RecordingDesk(options)
        let told = Told()
        let tap = RecorderTap(sampleRate: 8000)
        fill(tap, 5, seconds: 3)
        desk.begin(id, order(.flac, name: "long"), [tap]) { told.add($0) }
        let end = try #require(await told.ended())
        #expect(end.name == "long.flac")
        #expect(end.error != nil)
    }

    @Test func `a recording with an end of its own goes when that has come, the others stay`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["a.wav", "b.wav", "c.wav"] {
            try Data([1]).write(to: URL(fileURLWithPath: folder + "/" + name))
        }
        let files = RecordingFolder(folder)
        files.note("a.wav", expires: 100)
        files.note("b.wav", expires: 300)
        files.deleteExpired(now: 200)
        let left = Set(try FileManager.default.contentsOfDirectory(atPath: folder))
        #expect(left == ["b.wav", "c.wav", ".b.wav.expires"])
    }

    @Test func `finish completes what is still running`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let desk = RecordingDesk(RecordingOptions(folder: folder))
        let tap = RecorderTap(sampleRate: 8000)
        desk.begin(id, order(.wav, name: "cut"), [tap]) { _ in }
        fill(tap, 5, seconds: 1)
        desk.finish()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/cut.wav"))
        #expect(bytes.count >= 16_044)
    }
}
