// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A minimal WAV file, 16-bit mono, for the ears of whoever looks into a failed test.
package enum WaveFile {
    package static func write(_ samples: [Int16], rate: Int, to url: URL) throws {
        var data = Data()
        func text(_ four: String) { data.append(contentsOf: four.utf8) }
        func number(_ value: Int, _ octets: Int) {
            for index in 0..<octets { data.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        }
        text("RIFF")
        number(36 + samples.count * 2, 4)
        text("WAVEfmt ")
        number(16, 4)
        number(1, 2)
        number(1, 2)
        number(rate, 4)
        number(rate * 2, 4)
        number(2, 2)
        number(16, 2)
        text("data")
        number(samples.count * 2, 4)
        data.reserveCapacity(44 + samples.count * 2)
        for sample in samples { number(Int(sample), 2) }
        try data.write(to: url, options: .atomic)
    }

    /// Reads what `write` wrote, or any plain 16-bit file; of two channels the first. Nil if it is something else.
    package static func read(_ url: URL) -> (samples: [Int16], rate: Int)? {
        guard let data = try? Data(contentsOf: url), data.count >= 44, data.count < 100_000_000 else { return nil }
        let octets = [UInt8](data)
        func number(_ at: Int, _ size: Int) -> Int {
            guard at + size <= octets.count else { return 0 }
            return (0..<size).reduce(0) { $0 | Int(octets[at + $1]) << (8 * $1) }
        }
        guard octets[0..<4].elementsEqual("RIFF".utf8), octets[8..<12].elementsEqual("WAVE".utf8) else { return nil }
        var at = 12
        var rate = 0
        var channels = 1
        while at + 8 <= octets.count {
            let size = number(at + 4, 4)
            if octets[at..<(at + 4)].elementsEqual("fmt ".utf8) {
                channels = number(at + 10, 2)
                guard number(at + 8, 2) == 1, (1...2).contains(channels), number(at + 22, 2) == 16 else { return nil }
                rate = number(at + 12, 4)
            } else if octets[at..<(at + 4)].elementsEqual("data".utf8) {
                // A recorder that was ended abruptly leaves a length of zero.
                let end = size == 0 ? octets.count : min(octets.count, at + 8 + size)
                let samples = stride(from: at + 8, to: end - 1, by: 2 * channels).map {
                    Int16(bitPattern: UInt16(octets[$0]) | UInt16(octets[$0 + 1]) << 8)
                }
                return rate > 0 ? (samples, rate) : nil
            }
            at += 8 + size + (size & 1)
        }
        return nil
    }
}
