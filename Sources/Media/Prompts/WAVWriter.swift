// SPDX-License-Identifier: Apache-2.0

extension WAVAudio {
    /// The samples as a WAV file: mono, PCM of 16 bits. A note goes into a chunk of its own, which players skip.
    package func file(note: String? = nil) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let size = samples.count * 2
        var header: [UInt8] = Array("WAVE".utf8)
        if let note {
            let text = Array(note.utf8)
            header += Array("note".utf8) + little(text.count, 4) + text + (text.count % 2 == 1 ? [0] : [])
        }
        header += Array("fmt ".utf8) + little(16, 4) + little(1, 2) + little(1, 2)
        header += little(sampleRate, 4) + little(sampleRate * 2, 4) + little(2, 2) + little(16, 2)
        header += Array("data".utf8) + little(size, 4)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + header.count + size)
        bytes += Array("RIFF".utf8) + little(header.count + size, 4) + header
        for sample in samples {
            let bits = UInt16(bitPattern: sample)
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        }
        return bytes
    }

    /// The note that `file(note:)` wrote.
    static func note(in bytes: [UInt8]) -> String? {
        guard bytes.count >= 20, bytes[12..<16].elementsEqual("note".utf8) else { return nil }
        let length = (0..<4).reduce(0) { $0 | Int(bytes[16 + $1]) << (8 * $1) }
        guard length <= bytes.count - 20 else { return nil }
        return String(decoding: bytes[20..<20 + length], as: UTF8.self)
    }
}
