// SPDX-License-Identifier: Apache-2.0

/// What the box adds between one phone and another: (arrival of the packet that carries a sample + the sample's offset in
/// it) - (departure of the packet that brought it + its offset there). So a packet passed on at once counts 0, packetising
/// is nobody's fault, and a mixer on a fixed 20 ms tick cannot do better than 0 ... 20 ms by chance.
package enum DelayMeter {
    /// Delays in milliseconds of continuous speech, one for every packet heard that could be matched.
    /// - Parameters:
    ///   - skip: seconds at the start that do not count (the mixer finds its place).
    ///   - window: samples that are compared, from the packet's first.
    ///   - threshold: least correlation; lower it where others speak as well.
    package static func speech(
        from sent: Recording, to heard: Recording, skip: Double = 0, window: Int = 320, threshold: Double = 0.6
    ) -> [(time: Int64, milliseconds: Double)] {
        guard sent.rate == heard.rate, let first = sent.packets.first else { return [] }
        var delays: [(Int64, Double)] = []
        // The last delay says where to look first; a second look reaches half a second back.
        var guess = 0.0
        let rate = Double(sent.rate)
        let begin = (heard.packets.first?.time ?? 0) + Int64(skip * 1e9)
        for packet in heard.packets where packet.time >= begin {
            guard packet.position + window <= heard.samples.count else { break }
            let piece = heard.samples[packet.position..<(packet.position + window)]
            let since = Double(packet.time - first.time) / 1e9
            var found: Double?
            for reach in [0.004, 0.06, 0.5] where found == nil {
                let near = Int((since - guess) * rate) - (reach == 0.5 ? Int(0.4 * rate) : 0)
                found = AudioAnalysis.locate(
                    piece, in: sent.samples, near: near, within: Int(reach * rate), threshold: threshold)
            }
            guard let found, let departure = sent.time(of: found) else { continue }
            let milliseconds = (Double(packet.time) - departure) / 1e6
            guess = milliseconds / 1e3
            delays.append((packet.time, milliseconds))
        }
        return delays
    }

    /// Delays of clicks (`Pulse.click`) in milliseconds, and how many were sent.
    package static func clicks(from sent: Recording, to heard: Recording) -> (delays: [Double], sent: Int) {
        let departures = clickTimes(sent)
        let arrivals = clickTimes(heard)
        let delays = departures.compactMap { departure in
            arrivals.first { $0 > departure - 5e6 && $0 < departure + 400e6 }.map { ($0 - departure) / 1e6 }
        }
        return (delays, departures.count)
    }

    private static func clickTimes(_ recording: Recording) -> [Double] {
        var times: [Double] = []
        var at = 0
        while let position = AudioAnalysis.clickPosition(in: recording.samples, from: at) {
            if let time = recording.time(of: Double(position)) { times.append(time) }
            at = position + recording.rate / 20
        }
        return times
    }
}
