// SPDX-License-Identifier: Apache-2.0
// RFC 3551 (PCMU, PCMA, G722, GSM, G726-32), RFC 7587 (opus).

/// A codec: what it is called in session descriptions and how its frames are measured. One static descriptor each.
///
/// All lengths are samples at `sampleRate` of one channel: audio is mono throughout (opus is announced with two channels, as
/// RFC 7587 demands, and sent with one).
package struct AudioCodec: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
        case pcmu, pcma, g722, opus, g726, gsm
    }

    package let kind: Kind
    /// As in an rtpmap line.
    package let name: String
    /// Clock of the RTP time stamps in Hz (G722's is 8000 by an old error, RFC 3551 section 4.5.2).
    package let clockRate: Int
    /// Samples a second of the audio.
    package let sampleRate: Int
    /// Channels as an rtpmap line says them.
    package let channels: Int
    /// The payload type that means this codec without an rtpmap line.
    package let staticPayloadType: UInt8?
    /// Shortest and longest frame that `AudioEncoder` makes, and the step between.
    package let shortestFrame: Int
    package let longestFrame: Int
    package let frameStep: Int
    /// Longest audio that one payload of a stranger may hold: a decoder writes at most this much at once.
    package let longestPayload: Int
    /// Largest payload that the encoder makes, in bytes.
    package let maximumPayloadBytes: Int

    package static let all: [AudioCodec] = [pcmu, pcma, g722, opus, g726, gsm]

    /// The codec of that name, whatever its case.
    package static func named(_ name: String) -> AudioCodec? {
        all.first { $0.name.lowercased() == name.lowercased() }
    }

    /// Samples of a frame of that length.
    package func samples(milliseconds: Double) -> Int { Int(milliseconds * Double(sampleRate) / 1000) }

    /// Whether the encoder takes a frame of `count` samples.
    @inline(__always)
    package func takesFrame(of count: Int) -> Bool {
        count >= shortestFrame && count <= longestFrame && count % frameStep == 0
    }

    /// RTP clock ticks of `count` samples.
    @inline(__always)
    package func ticks(ofSamples count: Int) -> Int { count &* clockRate / sampleRate }

    /// Samples in a payload, without decoding it; nil when it cannot be one of this codec. Any thread, no allocation.
    package func samples(inPayload bytes: UnsafePointer<UInt8>, count: Int) -> Int? {
        guard count > 0 else { return nil }
        let samples: Int
        switch kind {
        case .pcmu, .pcma: samples = count
        case .g722: samples = count < longestPayload ? count * 2 : Int.max
        case .g726: samples = count < longestPayload ? count * 2 : Int.max
        case .gsm: samples = GSM.samples(inPayload: count)
        case .opus: samples = OpusDecoding.samples(inPacket: bytes, count: count)
        }
        return samples > 0 && samples <= longestPayload ? samples : nil
    }
}
