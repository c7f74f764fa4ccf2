// SPDX-License-Identifier: Apache-2.0

import Media
import RTP
import RealTime
import Signals

extension FuzzTarget {
    static let media = [
        FuzzTarget(name: "rtp", seeds: ["fuzz/rtp"], longest: 4_096) { hear($0, isControl: false, keys: nil) },
        FuzzTarget(name: "rtcp", seeds: ["fuzz/rtcp"], longest: 1_500) { hear($0, isControl: true, keys: nil) },
        FuzzTarget(name: "srtp", seeds: ["fuzz/rtp"], longest: 4_096) { bytes in
            for suite in MediaSuite.allCases {
                let key = MediaKey(suite: suite, bytes: [UInt8](repeating: 1, count: suite.keyLength))
                hear(bytes, isControl: false, keys: MediaKeys(own: key, far: key))
                hear(bytes, isControl: true, keys: MediaKeys(own: key, far: key))
            }
        },
        FuzzTarget(name: "event", seeds: ["fuzz/event"], longest: 512, run: events),
        FuzzTarget(name: "wav", seeds: ["fuzz/wav"], longest: 4_096) { _ = try? WAVAudio($0) },
    ]

    private static let source = TransportAddress(ipv4: 0x0A00_0001, port: 4_000)

    /// A port of all codecs gets packets (two bytes of length before each), and somebody listens.
    private static func hear(_ bytes: [UInt8], isControl: Bool, keys: MediaKeys?) {
        var parameters = RTPParameters(
            audio: AudioCodec.all.enumerated().map { index, codec in
                RTPParameters.Audio(payloadType: UInt8(index), codec: codec)
            }, remote: source)
        parameters.events = [.init(payloadType: 101, clockRate: 8_000)]
        parameters.comfortNoise = 13
        parameters.keys = keys
        guard let port = MemoryNetwork(capacity: 1, ports: 1).open(parameters, workspace: RTPWorkspace(spareBuffers: 8))
        else { return }
        var rest = bytes[...]
        var now: Int64 = 1_000_000_000
        var samples = [Int16](repeating: 0, count: 960)
        while rest.count >= 2 {
            let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            var packet = Array(rest.dropFirst(2).prefix(length))
            rest = rest.dropFirst(2 + packet.count)
            packet.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress, !buffer.isEmpty else { return }
                port.receive(base, count: buffer.count, from: source, isControl: isControl, arrival: now)
            }
            now += 20_000_000
            let track = port.receiver.track
            let end = port.receiver.safeEnd(at: now)
            port.receiver.prepare(upTo: end)
            samples.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                track.copy(from: end &- 960, count: 960, into: base)
            }
        }
    }

    /// Payloads of telephone events, six bytes each: sequence and time stamp in the first two.
    @Sendable private static func events(_ bytes: [UInt8]) {
        var receiver = TelephoneEventReceiver()
        var rest = bytes[...]
        while rest.count >= 6 {
            let stamp = Int64(rest[rest.startIndex]) << 8 | Int64(rest[rest.startIndex + 1])
            let payload = Array(rest.dropFirst(2).prefix(4))
            rest = rest.dropFirst(6)
            payload.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress, let event = TelephoneEvent(base, count: buffer.count) else {
                    return
                }
                _ = receiver.take(event, timestamp: stamp * 80, marker: stamp & 1 == 1, isNewest: stamp & 2 == 0)
            }
        }
    }
}
