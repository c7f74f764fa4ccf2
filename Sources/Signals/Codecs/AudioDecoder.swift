// SPDX-License-Identifier: Apache-2.0

/// A decoder of one stream, with the concealment of what is lost. Made and dropped on the control side, used by one thread;
/// after `init` it allocates nothing. Order of calls is order of the audio.
package final class AudioDecoder {
    package let codec: AudioCodec
    let state: State
    /// Of codecs that have no concealment of their own.
    private let concealer: Concealer?
    /// Samples of a frame of GSM that was lost, as far as they were asked for.
    var partOfFrame = 0

    enum State {
        case g711(G711.Law)
        case g722(G722Decoding)
        case opus(OpusDecoding)
        case g726(G726Coding)
        case gsm(GSMCoding)
    }

    /// Nil only when the library refuses (no memory).
    package init?(_ codec: AudioCodec) {
        self.codec = codec
        switch codec.kind {
        case .pcmu, .pcma:
            G711.prepare()
            state = .g711(codec.kind == .pcmu ? .mu : .a)
            concealer = Concealer(sampleRate: codec.sampleRate)
        case .g722:
            guard let decoding = G722Decoding() else { return nil }
            state = .g722(decoding)
            concealer = Concealer(sampleRate: codec.sampleRate)
        case .opus:
            guard let decoding = OpusDecoding() else { return nil }
            state = .opus(decoding)
            concealer = nil
        case .g726:
            guard let coding = G726Coding() else { return nil }
            state = .g726(coding)
            concealer = Concealer(sampleRate: codec.sampleRate)
        case .gsm:
            guard let coding = GSMCoding() else { return nil }
            state = .gsm(coding)
            concealer = Concealer(sampleRate: codec.sampleRate)
        }
    }

    /// Decodes one payload. Samples written; 0 when it is none of this codec or longer than `capacity`, and then nothing was
    /// touched. A payload from outside may hold anything.
    package func decode(
        _ payload: UnsafePointer<UInt8>, count: Int, into samples: UnsafeMutablePointer<Int16>, capacity: Int
    ) -> Int {
        guard let expected = codec.samples(inPayload: payload, count: count), expected <= capacity else { return 0 }
        let made = decodeAlone(payload, count: count, expected: expected, into: samples)
        concealer?.received(samples, count: made)
        partOfFrame = 0
        return made
    }

    /// Without regard to what was concealed before it.
    private func decodeAlone(
        _ payload: UnsafePointer<UInt8>, count: Int, expected: Int, into samples: UnsafeMutablePointer<Int16>
    ) -> Int {
        var made = expected
        switch state {
        case .g711(let law): G711.decode(payload, count: count, law: law, into: samples)
        case .g722(let decoding): made = decoding.decode(payload, count: count, into: samples)
        case .opus(let decoding):
            made = decoding.decode(payload, count: count, into: samples, capacity: expected)
        case .g726(let coding): made = coding.decode(payload, count: count, into: samples)
        case .gsm(let coding): made = coding.decode(payload, count: count, into: samples)
        }
        return made
    }

    /// Makes `count` samples (at most `codec.longestPayload`) for a frame that is lost.
    package func conceal(_ count: Int, into samples: UnsafeMutablePointer<Int16>) {
        if let concealer {
            concealer.conceal(count, into: samples)
            followConcealed(count, samples, concealer)
        } else if case .opus(let decoding) = state,
            decoding.fill(nil, byteCount: 0, count: count, into: samples)
        {
        } else {
            samples.update(repeating: 0, count: max(0, count))
        }
    }

    /// Whether a gap is filled better when the payload behind it is there (`bridge`).
    package var canBridge: Bool { concealer != nil }

    /// Fills a gap of `gap` samples and decodes the payload behind it, one after the other into `samples`. Samples in all; 0
    /// when the payload is none of this codec, there is no room or this codec cannot do it, and then nothing was touched.
    package func bridge(
        _ gap: Int, to payload: UnsafePointer<UInt8>, count: Int, into samples: UnsafeMutablePointer<Int16>,
        capacity: Int
    ) -> Int {
        guard let concealer, gap > 0, gap < capacity, let expected = codec.samples(inPayload: payload, count: count),
            gap + expected <= capacity
        else { return 0 }
        // First what only the past says, for the decoder's sake.
        followForeseen(gap, concealer)
        let made = decodeAlone(payload, count: count, expected: expected, into: samples + gap)
        guard made > 0 else { return 0 }
        concealer.bridge(gap, to: samples + gap, nextCount: made, into: samples)
        concealer.received(samples + gap, count: made)
        return gap + made
    }

    /// The lost frame *before* `payload`, from the copy that rides in it (opus FEC); conceals where there is none. `payload`
    /// itself is to be decoded afterwards.
    package func decodeFEC(
        _ payload: UnsafePointer<UInt8>, count: Int, lost: Int, into samples: UnsafeMutablePointer<Int16>
    ) {
        if case .opus(let decoding) = state, codec.samples(inPayload: payload, count: count) != nil,
            decoding.fill(payload, byteCount: count, count: lost, into: samples)
        {
            return
        }
        conceal(lost, into: samples)
    }

    /// As new.
    package func reset() {
        concealer?.reset()
        switch state {
        case .g711: break
        case .g722(let decoding): decoding.reset()
        case .opus(let decoding): decoding.reset()
        case .g726(let coding): coding.reset()
        case .gsm(let coding): coding.reset()
        }
    }
}
