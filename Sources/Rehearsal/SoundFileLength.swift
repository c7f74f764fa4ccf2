// SPDX-License-Identifier: Apache-2.0
// RIFF WAVE: only the chunks "fmt " and "data" are looked at.

import FoundationEssentials

/// How long a sound file takes, without decoding it.
enum SoundFileLength {
    /// Nil when it is not there or cannot be read. Of formats other than WAV: three seconds, which will do for a rehearsal.
    static func milliseconds(_ path: String) -> Int64? {
        guard let data = try? Data(contentsOf: URL(filePath: path)), data.count > 12, data.count < 64 << 20 else {
            return nil
        }
        let bytes = [UInt8](data)
        guard bytes.starts(with: Array("RIFF".utf8)) else { return 3000 }
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
