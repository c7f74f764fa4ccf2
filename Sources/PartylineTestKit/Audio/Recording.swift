// SPDX-License-Identifier: Apache-2.0

/// Audio with the time at which each packet of it was sent or came in.
package struct Recording: Sendable {
    /// One packet: which samples, and when, in CLOCK_MONOTONIC nanoseconds.
    package struct Packet: Sendable, Hashable {
        package var position: Int
        package var count: Int
        package var time: Int64
        package var payloadType: UInt8 = 0
    }

    package let rate: Int
    /// What was never received is silence.
    package private(set) var samples: [Int16] = []
    package private(set) var packets: [Packet] = []
    /// Packets that came for samples that were there already, or far out of line.
    package private(set) var refused = 0

    /// Ten minutes at 48 kHz: a runaway stays bounded.
    private static let capacity = 48000 * 600

    package init(rate: Int) {
        self.rate = rate
    }

    package var seconds: Double { Double(samples.count) / Double(rate) }

    /// Puts a packet at its place; gaps before it become silence.
    package mutating func put(_ piece: [Int16], at position: Int, time: Int64, payloadType: UInt8 = 0) {
        guard position >= 0, position + piece.count <= Self.capacity, position - samples.count < rate * 10 else {
            refused += 1
            return
        }
        if position >= samples.count {
            samples.append(contentsOf: repeatElement(0, count: position - samples.count))
            samples.append(contentsOf: piece)
        } else {
            if position + piece.count > samples.count {
                samples.append(contentsOf: repeatElement(0, count: position + piece.count - samples.count))
            }
            samples.replaceSubrange(position..<(position + piece.count), with: piece)
        }
        packets.append(Packet(position: position, count: piece.count, time: time, payloadType: payloadType))
    }

    /// The time of a sample: its packet's time plus its offset in the packet. Nil where no packet covers it.
    package func time(of position: Double) -> Double? {
        var low = 0
        var high = packets.count
        while low < high {
            let middle = (low + high) / 2
            if Double(packets[middle].position) <= position { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let packet = packets[low - 1]
        let offset = position - Double(packet.position)
        guard offset <= Double(packet.count) else { return nil }
        return Double(packet.time) + offset * 1e9 / Double(rate)
    }

    /// The samples of the last seconds.
    package func tail(seconds: Double) -> [Int16] {
        Array(samples.suffix(max(0, Int(seconds * Double(rate)))))
    }

    /// The samples from a time on, until the end.
    package func since(_ time: Int64) -> [Int16] {
        guard let packet = packets.first(where: { $0.time >= time }) else { return [] }
        return Array(samples[min(packet.position, samples.count)...])
    }
}
