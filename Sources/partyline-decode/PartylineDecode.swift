// SPDX-License-Identifier: Apache-2.0

import Glibc
import SoundFiles

/// `partyline-decode INPUT OUTPUT`: writes the sound of a file (wav, mp3, flac, ogg with Vorbis, Opus or Speex) as a mono WAV
/// file. The daemon runs it for files that it does not read itself: whatever a file does to a decoder happens here, within
/// limits on memory, time and disk. Exit codes: 0 done, 1 no such sound, 2 too long, 64 usage.
@main
enum PartylineDecode {
    /// A little more than the daemon takes at its lowest rate.
    private static let mostSeconds = 2100

    static func main() {
        limitItself()
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else {
            complain("usage: partyline-decode INPUT OUTPUT")
            exit(64)
        }
        do {
            try decode(arguments[1], to: arguments[2])
        } catch {
            complain("partyline-decode: \(error)")
            unlink(arguments[2])
            exit((error as? SoundFileError)?.isTooLong == true ? 2 : 1)
        }
    }

    private static func complain(_ words: String) {
        let line = words + "\n"
        _ = write(STDERR_FILENO, line, line.utf8.count)
    }

    private static func decode(_ input: String, to output: String) throws {
        let descriptor = open(output, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SoundFileError("\(output) can not be written") }
        var writer: SoundFileWriter?
        try SoundFileReader.decode(input, mostSeconds: mostSeconds) { rate in
            writer = try SoundFileWriter(descriptor: descriptor, format: .wav, sampleRate: rate, channels: 1)
        } take: { samples in
            try writer?.write(samples, count: samples.count)
        }
        guard let writer, writer.frames > 0 else { throw SoundFileError("there is no sound in it") }
        try writer.finish()
    }

    /// 512 MB of memory, 20 s of processor time, 1 GB of output, few descriptors, no core.
    private static func limitItself() {
        let limits: [(Int32, rlim_t)] = [
            (Int32(RLIMIT_AS.rawValue), 512 << 20), (Int32(RLIMIT_CPU.rawValue), 20),
            (Int32(RLIMIT_FSIZE.rawValue), 1 << 30), (Int32(RLIMIT_NOFILE.rawValue), 16),
            (Int32(RLIMIT_CORE.rawValue), 0),
        ]
        for (resource, most) in limits {
            var limit = rlimit(rlim_cur: most, rlim_max: most)
            setrlimit(__rlimit_resource_t(UInt32(resource)), &limit)
        }
    }
}
