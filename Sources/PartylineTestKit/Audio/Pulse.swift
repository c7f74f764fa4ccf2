// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Short sounds whose place in a recording can be found to a fraction of a sample.
package enum Pulse {
    /// What the load generator calls a click: 4 ms of 1 kHz that starts at its crest, so that its first sample is loud.
    package static func click(rate: Int = 8000, milliseconds: Int = 4, peak: Double = 24000) -> [Int16] {
        (0..<(rate * milliseconds / 1000)).map { position in
            Int16(peak * cos(2 * Double.pi * 1000 * Double(position) / Double(rate)))
        }
    }

    /// A sweep through the telephone band with a smooth start and end: a sharp correlation peak at a modest level.
    package static func chirp(
        rate: Int = 8000, milliseconds: Int = 100, from low: Double = 400, to high: Double = 3200, peak: Double = 12000
    ) -> [Int16] {
        let count = rate * milliseconds / 1000
        let seconds = Double(milliseconds) / 1000
        return (0..<count).map { position in
            let time = Double(position) / Double(rate)
            let phase = 2 * Double.pi * (low * time + (high - low) * time * time / (2 * seconds))
            let fade = sin(Double.pi * (Double(position) + 0.5) / Double(count))
            return Int16(peak * fade * sin(phase))
        }
    }
}
