// SPDX-License-Identifier: Apache-2.0
import Signals

/// Speech-like noise that differs by seed: white, with an envelope; reproducible from the position alone.
func noise(_ seed: UInt64, amplitude: Double = 8000) -> (Int64) -> Int16 {
    { position in
        var x = UInt64(bitPattern: position) &+ seed &* 0x9E37_79B9_7F4A_7C15
        x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
        x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
        x ^= x >> 31
        return Int16(amplitude * (Double(x >> 11) / Double(1 << 52) - 1))
    }
}

extension Phone {
    /// Delay that the box added to what `talker` says, at the packet with this index of what we heard: the best match of
    /// its samples, from the arrival of the talker's packet to the departure of ours. Milliseconds; nil: no match.
    func addedDelay(of talker: Phone, atPacket index: Int, voice: (Int64) -> Int16) -> Double? {
        guard index < packets.count else { return nil }
        let packet = packets[index]
        let length = min(packet.count, 160)
        // Candidates: everything that had arrived in the last 150 ms.
        guard let newest = talker.arrivals.last(where: { $0.time <= packet.time }) else { return nil }
        let lastStart = newest.start + Int64(talker.frameSamples)
        var best = 0.0
        var bestStart: Int64 = 0
        for back in 0..<1200 {
            let start = lastStart - Int64(length) - Int64(back)
            guard start >= 0 else { break }
            var dot = 0.0
            var own = 0.0
            var reference = 0.0
            for offset in stride(from: 0, to: length, by: 1) {
                let a = Double(heard[packet.start + offset])
                let b = Double(voice(start + Int64(offset)))
                dot += a * b
                own += a * a
                reference += b * b
            }
            guard own > 0, reference > 0 else { continue }
            let score = dot / (own * reference).squareRoot()
            if score > best {
                best = score
                bestStart = start
            }
        }
        guard best > 0.5 else { return nil }
        guard let arrival = talker.arrivals.last(where: { $0.start <= bestStart }) else { return nil }
        let rate = Double(codec.sampleRate)
        // As if each packet were played from the moment at which it is there.
        let said = Double(arrival.time) / 1e6 + Double(bestStart - arrival.start) * 1000 / rate
        return Double(packet.time) / 1e6 - said
    }
}

/// The value below which this share of the values lies.
func quantile(_ values: [Double], _ share: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
}
