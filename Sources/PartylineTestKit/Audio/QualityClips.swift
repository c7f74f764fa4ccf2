// SPDX-License-Identifier: Apache-2.0

package import Foundation
import RealTime
import Signals

/// Recordings to be sent, all equally loud.
package enum QualityClips {
    /// Those of a folder: NAME.wav (8 kHz, mono), or with `wide` NAME.g722.
    package static func read(_ folder: URL, wide: Bool) throws -> [(name: String, samples: [Int16], rate: Int)] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return names.compactMap { name in
            let file = folder.appendingPathComponent(name)
            let title = file.deletingPathExtension().lastPathComponent
            if !wide, file.pathExtension == "wav", let wave = WaveFile.read(file), wave.rate == 8000 {
                return (title, levelled(wave.samples), 8000)
            }
            guard wide, file.pathExtension == "g722", let samples = decoded(file) else { return nil }
            return (title, levelled(samples), 16_000)
        }
    }

    private static func decoded(_ file: URL) -> [Int16]? {
        guard let data = try? Data(contentsOf: file), let decoder = AudioDecoder(.g722) else { return nil }
        let bytes = [UInt8](data)
        var samples: [Int16] = []
        var piece = [Int16](repeating: 0, count: 640)
        for start in stride(from: 0, to: bytes.count - 319, by: 320) {
            let made = bytes.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { decoder.decode($0 + start, count: 320, into: &piece, capacity: 640) } ?? 0
            }
            samples += piece[0..<made]
        }
        return samples
    }

    /// Active speech at -26 dB of full scale.
    private static func levelled(_ samples: [Int16]) -> [Int16] {
        let active = samples.filter { abs(Int($0)) > 200 }
        let power = active.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, active.count))
        let gain = 32_768 * 0.05 / max(1, power.squareRoot())
        return samples.map { Int16(max(-32_768, min(32_767, (Double($0) * gain).rounded()))) }
    }

    package static func resampled(_ samples: [Int16], from rate: Int, to other: Int) -> [Int16] {
        guard rate != other, let converter = RateConverter(from: rate, to: other, longestBlock: 960) else {
            return samples
        }
        var result: [Int16] = []
        var piece = [Int16](repeating: 0, count: 960 * other / rate + 16)
        for start in stride(from: 0, to: samples.count - 959, by: 960) {
            let made = samples.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { converter.convert($0 + start, count: 960, into: &piece) } ?? 0
            }
            result += piece[0..<made]
        }
        return result
    }
}
