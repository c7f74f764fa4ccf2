// SPDX-License-Identifier: Apache-2.0

import Media
import RTP
import RealTime
import Signals

/// A far end that makes packets by hand: any order, any time stamp, any lie.
struct NetworkTalker {
    static let address = TransportAddress(ipv4: 0x0A00_0001, port: 4000)
    static let ms: Int64 = 1_000_000

    var ssrc: UInt32 = 0x1234_5678
    var sequence: UInt16 = 65_500
    var timestamp: UInt32 = 0xFFFF_F000
    var payloadType: UInt8 = 0

    /// A packet of `ticks` ticks whose payload is given; the clock goes on.
    mutating func packet(_ payload: [UInt8], ticks: Int, marker: Bool = false) -> [UInt8] {
        let bytes = raw(payload, type: payloadType, timestamp: timestamp, marker: marker)
        timestamp &+= UInt32(ticks)
        return bytes
    }

    mutating func event(_ code: UInt8, _ duration: UInt16, end: Bool = false, marker: Bool = false) -> [UInt8] {
        var payload = [UInt8](repeating: 0, count: 4)
        payload.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            TelephoneEvent(code: code, isEnd: end, volume: 10, duration: duration).write(to: base)
        }
        return raw(payload, type: 101, timestamp: timestamp, marker: marker)
    }

    mutating func raw(_ payload: [UInt8], type: UInt8, timestamp: UInt32, marker: Bool) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 12) + payload
        let header = RTPHeader(
            payloadType: type, marker: marker, sequence: sequence, timestamp: timestamp, ssrc: ssrc)
        bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            header.write(to: base)
        }
        sequence &+= 1
        return bytes
    }
}

/// What a far end says: a sweep that never repeats itself, in μ-law, so that every misplaced sample shows.
struct NetworkSpeech {
    let samples: [Int16]
    let encoded: [UInt8]
    /// The samples as a perfect receiver hears them.
    let heard: [Int16]

    init(seconds: Double, codec: AudioCodec = .pcmu) {
        let count = Int(seconds * Double(codec.sampleRate)) / codec.frameStep * codec.frameStep
        var phase = 0.0
        var seed: UInt32 = 99
        samples = (0..<count).map { index in
            phase += 0.05 + 0.4 * Double(index) / Double(count)
            seed = seed &* 1_664_525 &+ 1_013_904_223
            return Int16(9000 * phase.sine + Double(seed >> 24) * 8)
        }
        encoded = NetworkSpeech.encode(samples, codec)
        var decoded = [Int16](repeating: 0, count: count)
        if codec.kind == .pcmu || codec.kind == .pcma, let decoder = AudioDecoder(codec) {
            var done = 0
            while done < count {
                let block = min(800, count - done)
                encoded.withUnsafeBufferPointer { bytes in
                    decoded.withUnsafeMutableBufferPointer { target in
                        guard let from = bytes.baseAddress, let to = target.baseAddress else { return }
                        _ = decoder.decode(from + done, count: block, into: to + done, capacity: block)
                    }
                }
                done += block
            }
        }
        heard = decoded
    }

    static func encode(_ samples: [Int16], _ codec: AudioCodec) -> [UInt8] {
        guard let encoder = AudioEncoder(codec) else { return [] }
        var bytes: [UInt8] = []
        var done = 0
        let frame = codec.samples(milliseconds: 20)
        while done < samples.count {
            let count = min(frame, samples.count - done)
            var payload = [UInt8](repeating: 0, count: 1500)
            let made = samples.withUnsafeBufferPointer { source in
                payload.withUnsafeMutableBufferPointer { target -> Int in
                    guard let from = source.baseAddress, let to = target.baseAddress else { return 0 }
                    return encoder.encode(from + done, count: count, into: to, capacity: 1500)
                }
            }
            bytes += payload.prefix(made)
            done += count
        }
        return bytes
    }
}

extension Double {
    /// Without Foundation: good to 1e-6, enough for a test signal.
    var sine: Double {
        let turns = self / (2 * .pi)
        let x = (turns - turns.rounded()) * 2 * .pi
        let square = x * x
        return x * (1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72 * (1 - square / 110)))))
    }
}

extension RTPPort {
    /// A packet that arrives at `time`.
    func hear(_ packet: [UInt8], from source: TransportAddress = NetworkTalker.address, at time: Int64) {
        var packet = packet
        packet.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            receive(base, count: buffer.count, from: source, isControl: false, arrival: time)
        }
    }

    func samples(from position: Int64, count: Int) -> [Int16] {
        var copy = [Int16](repeating: 0, count: count)
        copy.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            receiver.track.copy(from: position, count: count, into: base)
        }
        return copy
    }

    /// Whether the track holds exactly these samples there.
    func says(_ expected: ArraySlice<Int16>, from position: Int64) -> Bool {
        samples(from: position, count: expected.count).elementsEqual(expected)
    }

    /// A port in memory for PCMU (0), PCMA (8), G722 (9), telephone-event (101) and comfort noise (13).
    static func forTest(
        _ network: MemoryNetwork = MemoryNetwork(), remote: TransportAddress = NetworkTalker.address,
        audio: [RTPParameters.Audio]? = nil, workspace: RTPWorkspace = RTPWorkspace(spareBuffers: 64)
    ) -> RTPPort? {
        network.open(parametersForTest(remote, audio), workspace: workspace)
    }

    static func parametersForTest(
        _ remote: TransportAddress = NetworkTalker.address, _ audio: [RTPParameters.Audio]? = nil
    ) -> RTPParameters {
        var parameters = RTPParameters(
            audio: audio ?? [
                .init(payloadType: 0, codec: .pcmu), .init(payloadType: 8, codec: .pcma),
                .init(payloadType: 9, codec: .g722),
            ], remote: remote)
        parameters.events = [.init(payloadType: 101, clockRate: audio?.first?.codec.clockRate ?? 8000)]
        parameters.comfortNoise = 13
        return parameters
    }
}
