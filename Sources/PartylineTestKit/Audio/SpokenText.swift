// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What espeak-ng says, for tests. Any thread; takes as long as espeak-ng.
package enum SpokenText {
    /// A low-pass for each of the 160 places that a sample of 8 kHz can have between those of 22.05 kHz.
    private static let resampling: [[Double]] = {
        let step = 22_050.0 / 8000
        return (0..<160).map { index in
            let centre = Double(index) * step + 20
            return (Int(centre) - 16...Int(centre) + 16).map { tap in
                let x = (Double(tap) - centre) / step
                let window = 0.5 + 0.5 * cos(.pi * (Double(tap) - centre) / 17)
                return (abs(x) < 1e-9 ? 1 : sin(.pi * x * 0.9) / (.pi * x * 0.9)) * window * 0.9 / step
            }
        }
    }()

    /// Speech of espeak-ng at 8 kHz (every 22050/8000th sample after a crude low-pass), nil where it is not installed.
    package static func samples(_ text: String, voice: String) -> [Int16]? {
        guard let pipe = popen("espeak-ng -v \(voice) --stdout '\(text)' 2>/dev/null", "r") else { return nil }
        defer { pclose(pipe) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, pipe)
            guard count > 0 else { break }
            bytes += buffer[0..<count]
        }
        guard bytes.count > 1000 else { return nil }
        let samples = stride(from: 44, to: bytes.count - 1, by: 2).map {
            Double(Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8))
        }
        return (0..<Int(Double(samples.count - 40) * 160 / 441)).map { index in
            let taps = resampling[index % 160]
            let first = index * 441 / 160 + 4
            var sum = 0.0
            for tap in 0..<taps.count { sum += samples[first + tap] * taps[tap] }
            return Int16(max(-32_768, min(32_767, sum)))
        }
    }
}
