// SPDX-License-Identifier: Apache-2.0
// RIFF WAVE: only the chunks "fmt " and "data" are looked at.

import FoundationEssentials

/// How long a sound file takes, without decoding it.
enum SoundFileLength {
    /// Why it can not be played, in the words of the exchange; `name` is how the script calls it.
    struct Fault: Error {
        var words: String
    }

    static func look(at path: String, name: String) -> Result<Int64, Fault> {
        guard FileManager.default.fileExists(atPath: path) else {
            return .failure(Fault(words: "\(name): no such file; put it into the folder of prompts (here \(path))"))
        }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            return .failure(Fault(words: "\(path) cannot be read; is it a file that is yours to read?"))
        }
        return milliseconds(data).map { .success($0) }
            ?? .failure(Fault(words: "\(path) is no sound file; use wav, mp3, flac or ogg"))
    }

    /// Nil when it is none. Of formats other than WAV: three seconds, which will do for a rehearsal.
    private static func milliseconds(_ data: Data) -> Int64? {
        guard data.count > 12, data.count < 64 << 20 else { return nil }
        let bytes = [UInt8](data)
        guard bytes.starts(with: Array("RIFF".utf8)) else {
            let isMPEG = bytes[0] == 0xFF && bytes[1] & 0xE0 == 0xE0
            let isKnown = isMPEG || ["OggS", "fLaC", "ID3"].contains { bytes.starts(with: Array($0.utf8)) }
            return isKnown ? 3000 : nil
        }
        func number(_ start: Int, _ count: Int) -> Int {
            guard start + count <= bytes.count else { return 0 }
            return (0..<count).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
        }
        var place = 12
        var bytesPerSecond = 0
        while place + 8 <= bytes.count {
            let size = number(place + 4, 4)
            if bytes[place..<place + 4].elementsEqual("fmt ".utf8) { bytesPerSecond = number(place + 16, 4) }
            if bytes[place..<place + 4].elementsEqual("data".utf8), bytesPerSecond > 0 {
                return Int64(min(size, bytes.count - place - 8)) * 1000 / Int64(bytesPerSecond)
            }
            place += 8 + size + size % 2
        }
        return nil
    }
}
