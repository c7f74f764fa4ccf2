// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads WAV files into samples that are shared, piece by piece, at the best rate of the house at which the sound is not larger
/// than one sound may be: music for a quarter of an hour is heard in wideband, for half an hour in telephone quality. Used
/// on threads that may wait.
struct SoundLoader: Sendable {
    let budget: SoundBudget
    /// Of one sound.
    let mostBytes: Int
    /// Makes room in the budget by giving up a sound that is only kept; false: there is none.
    let makeRoom: @Sendable () -> Bool

    /// The longest sound, in seconds.
    var mostSeconds: Int { mostBytes / 16_000 }

    private static let rates = [48_000, 16_000, 8000]

    /// Why a file gave no samples.
    enum Flaw: Error {
        case format(WAVError)
        case sound(PromptError)
    }

    /// The samples of a WAV file of at most `most` bytes.
    func load(_ path: String, most: Int) throws(Flaw) -> SoundSamples {
        let file: OpenSoundFile
        do { file = try OpenSoundFile(path, most: most) } catch { throw .sound(error) }
        let layout: WAVLayout
        do {
            layout = try WAVLayout(size: file.size) { place, count in
                var bytes = [UInt8](repeating: 0, count: count)
                file.read(at: place, into: &bytes)
                return bytes[...]
            }
        } catch { throw .format(error) }
        let format = layout.format
        do {
            let samples = try room(frames: layout.frames, rate: format.rate, name: path)
            var writer = RateWriter(from: format.rate, to: samples)
            var bytes = [UInt8](repeating: 0, count: RateWriter.block * format.frameBytes)
            var block = [Int16](repeating: 0, count: RateWriter.block)
            var done = 0
            while done < layout.frames {
                let count = min(RateWriter.block, layout.frames - done)
                file.read(at: layout.data.lowerBound + done * format.frameBytes, into: &bytes)
                bytes.withUnsafeBytes { raw in
                    for frame in 0..<count { block[frame] = format.mono(raw, frame) }
                }
                writer.write(block, count: count)
                done += count
            }
            writer.finish()
            return samples
        } catch { throw .sound(error) }
    }

    /// Samples that are in memory already.
    func keep(_ audio: WAVAudio, name: String) throws(PromptError) -> SoundSamples {
        let samples = try room(frames: audio.samples.count, rate: audio.sampleRate, name: name)
        var writer = RateWriter(from: audio.sampleRate, to: samples)
        writer.write(audio.samples, count: audio.samples.count)
        writer.finish()
        return samples
    }

    /// The same at another rate of the house.
    func converted(_ sound: SoundSamples, to rate: Int, name: String) throws(PromptError) -> SoundSamples {
        guard sound.sampleRate != rate else { return sound }
        let samples = try room(max(1, sound.count * rate / sound.sampleRate), rate: rate, name: name)
        var writer = RateWriter(from: sound.sampleRate, to: samples)
        writer.write(sound.base, count: sound.count)
        writer.finish()
        return samples
    }

    /// Empty samples with room for a sound of that length.
    private func room(frames: Int, rate: Int, name: String) throws(PromptError) -> SoundSamples {
        // The rate that loses nothing worth keeping, and what lies below.
        let best = rate <= 8000 ? 8000 : rate <= 24_000 ? 16_000 : 48_000
        for chosen in Self.rates where chosen <= best {
            let count = max(1, frames * chosen / rate)
            if count * 2 <= mostBytes { return try room(count, rate: chosen, name: name) }
        }
        throw .soundTooLong(name: name, mostSeconds: mostSeconds)
    }

    private func room(_ count: Int, rate: Int, name: String) throws(PromptError) -> SoundSamples {
        repeat {
            if let samples = SoundSamples(capacity: count, sampleRate: rate, budget: budget) { return samples }
        } while makeRoom()
        throw .noRoom(name: name, bytes: count * 2, most: budget.mostBytes)
    }
}

/// A regular file that is read in pieces; never waits for a pipe or a device.
final class OpenSoundFile {
    let size: Int
    private let descriptor: Int32

    init(_ path: String, most: Int) throws(PromptError) {
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard opened >= 0 else {
            throw errno == ENOENT ? .notFound(path: path) : .unreadable(path: path, reason: PromptFolder.reason(errno))
        }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw .unreadable(path: path, reason: "it is no regular file")
        }
        guard Int(status.st_size) <= most else {
            close(opened)
            throw .tooLarge(path: path, bytes: Int(status.st_size), most: most)
        }
        size = Int(status.st_size)
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Fills `bytes` from that place of the file; zeros where it is shorter by now.
    func read(at place: Int, into bytes: inout [UInt8]) {
        let wanted = bytes.count
        let filled = bytes.withUnsafeMutableBytes { buffer -> Int in
            guard let base = buffer.baseAddress else { return 0 }
            var filled = 0
            while filled < wanted {
                let count = pread(descriptor, base + filled, wanted - filled, off_t(place + filled))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                filled += count
            }
            return filled
        }
        for index in filled..<wanted { bytes[index] = 0 }
    }
}
