// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import SoundFiles
import Telephony

/// Writes what recorders hear into files, on a queue of its own that may wait for the disk and encode. Ten times a second it
/// empties the taps; while nothing is recorded it sleeps.
package final class RecordingDesk: @unchecked Sendable {
    private let options: RecordingOptions
    private let folder: RecordingFolder
    private let queue = DispatchQueue(label: "recordings", qos: .utility)
    // Below: on the queue only.
    private var running: [RecorderID: RecordingFile] = [:]
    private var timer: (any DispatchSourceTimer)?
    private var turns = 0

    package init(_ options: RecordingOptions) {
        self.options = options
        folder = RecordingFolder(options.folder)
        queue.async { [folder] in folder.prepare() }
        startCleaning(days: options.keepDays)
    }

    var most: Int { options.most }

    /// Why no file can be begun now; nil: one can.
    func obstacle() async -> Obstacle? {
        await withCheckedContinuation { continuation in
            queue.async { [self] in continuation.resume(returning: hasRoom ? folder.obstacle : "\(Self.noRoom)") }
        }
    }

    /// Begins a file for these taps; `report` is called on the queue.
    func begin(
        _ id: RecorderID, _ order: RecordingOrder, _ taps: [RecorderTap],
        report: @escaping @Sendable (MediaEvent) -> Void
    ) {
        queue.async { [self] in
            do {
                guard hasRoom else { throw SoundFileError(Self.noRoom) }
                let format = SoundFileFormat(rawValue: order.format.rawValue) ?? .wav
                let (name, descriptor) = try folder.create(order.name, format)
                do {
                    let writer = try SoundFileWriter(
                        descriptor: descriptor, format: format, sampleRate: order.sampleRate, channels: taps.count)
                    running[id] = RecordingFile(
                        name: name, taps: taps, writer: writer, days: min(order.expiresAfterDays, 36_500),
                        report: report)
                } catch {
                    folder.discard(name)
                    throw error
                }
                report(.recordingStarted(id, name: name))
                wake()
            } catch {
                report(.recordingEnded(id, name: nil, seconds: 0, error: "\(error)"))
            }
        }
    }

    /// Writes what is left of every recording and completes the files. Call when nobody writes into the taps any more.
    package func finish() {
        queue.sync {
            for id in running.keys {
                drain(id)
                end(id, error: nil)
            }
            timer?.cancel()
            timer = nil
        }
    }

    // MARK: On the queue

    private static let noRoom = "the disk is full: less than is to stay free is left"

    private var hasRoom: Bool { folder.freeBytes.map { $0 > options.keepFreeBytes } ?? true }

    private func wake() {
        guard timer == nil else { return }
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now() + .milliseconds(100), repeating: .milliseconds(100), leeway: .milliseconds(20))
        timer.setEventHandler { [weak self] in self?.turn() }
        timer.resume()
        self.timer = timer
    }

    private func turn() {
        turns &+= 1
        let isFull = turns % 20 == 0 && !hasRoom
        for id in running.keys {
            drain(id)
            if isFull { end(id, error: "the disk is full") }
        }
        if running.isEmpty {
            timer?.cancel()
            timer = nil
        }
    }

    private func drain(_ id: RecorderID) {
        guard let file = running[id] else { return }
        let isOver = file.taps.allSatisfy(\.isClosed)
        do {
            try file.writer.take(from: file.taps)
        } catch {
            return end(id, error: "\(error)")
        }
        if file.writer.seconds >= Double(options.mostSeconds) {
            end(id, error: "a recording has at most \(options.mostSeconds / 60) minutes")
        } else if isOver {
            end(id, error: nil)
        }
    }

    private func end(_ id: RecorderID, error: String?) {
        guard let file = running.removeValue(forKey: id) else { return }
        var words = error
        do {
            try file.writer.finish()
        } catch {
            words = words ?? "\(error)"
        }
        folder.publish(file.name)
        if file.days > 0 { folder.note(file.name, expires: time(nil) + file.days * 86_400) }
        file.report(
            .recordingEnded(id, name: file.name, seconds: Int(file.writer.seconds.rounded()), error: words))
    }

    private func startCleaning(days: Int) {
        queue.async { [weak self] in
            guard let self else { return }
            folder.deleteExpired(now: time(nil))
            if days > 0 { folder.deleteOlder(than: time(nil) - days * 86_400) }
            queue.asyncAfter(deadline: .now() + 3600) { [weak self] in self?.startCleaning(days: days) }
        }
    }
}

/// One recording in the making.
private struct RecordingFile {
    let name: String
    let taps: [RecorderTap]
    let writer: SoundFileWriter
    /// After which it may go; 0: as the settings say.
    let days: Int
    let report: @Sendable (MediaEvent) -> Void
}

extension SoundFileWriter {
    fileprivate var seconds: Double { Double(frames) / Double(max(1, sampleRate)) }

    /// Writes what all taps have in common; one channel a tap.
    fileprivate func take(from taps: [RecorderTap]) throws(SoundFileError) {
        let most = 4096
        let buffer = UnsafeMutablePointer<Int16>.allocate(capacity: most * taps.count)
        defer { buffer.deallocate() }
        // At the end one channel may be a frame ahead of the other: what it says there is kept.
        let isOver = taps.allSatisfy(\.isClosed)
        while true {
            let counts = taps.map(\.available)
            let count = min(most, (isOver ? counts.max() : counts.min()) ?? 0)
            guard count > 0 else { break }
            buffer.initialize(repeating: 0, count: most * taps.count)
            for (channel, tap) in taps.enumerated() {
                tap.read(min(count, tap.available), into: buffer + channel, stride: taps.count)
            }
            try write(buffer, count: count)
        }
        let lost = taps.map { $0.takeLost() }.max() ?? 0
        guard lost > 0 else { return }
        // The time of what found no room passes in silence.
        buffer.initialize(repeating: 0, count: most * taps.count)
        var rest = min(lost, sampleRate * 60)
        while rest > 0 {
            try write(buffer, count: min(most, rest))
            rest -= min(most, rest)
        }
    }
}
