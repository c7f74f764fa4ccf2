// SPDX-License-Identifier: Apache-2.0

/// An encoder of one stream. Made and dropped on the control side, used by one thread; after `init` it allocates nothing.
/// (libopus needs about 100 kB of stack.)
package final class AudioEncoder {
    package let codec: AudioCodec
    private let state: State

    private enum State {
        case g711(G711.Law)
        case g722(G722Encoding)
        case opus(OpusEncoding)
        case g726(G726Coding)
        case gsm(GSMCoding)
    }

    /// Nil only when the library refuses (no memory).
    package init?(_ codec: AudioCodec, opus options: OpusOptions = OpusOptions()) {
        self.codec = codec
        switch codec.kind {
        case .pcmu, .pcma:
            G711.prepare()
            state = .g711(codec.kind == .pcmu ? .mu : .a)
        case .g722:
            guard let encoding = G722Encoding() else { return nil }
            state = .g722(encoding)
        case .opus:
            guard let encoding = OpusEncoding(options) else { return nil }
            state = .opus(encoding)
        case .g726:
            guard let coding = G726Coding() else { return nil }
            state = .g726(coding)
        case .gsm:
            guard let coding = GSMCoding() else { return nil }
            state = .gsm(coding)
        }
    }

    /// Encodes one frame of a length that `codec.takesFrame(of:)`. Bytes written, 0 when the frame or the room does not fit.
    package func encode(
        _ samples: UnsafePointer<Int16>, count: Int, into payload: UnsafeMutablePointer<UInt8>, capacity: Int
    ) -> Int {
        guard codec.takesFrame(of: count) else { return 0 }
        switch state {
        case .g711(let law):
            guard capacity >= count else { return 0 }
            G711.encode(samples, count: count, law: law, into: payload)
            return count
        case .g722(let encoding):
            guard capacity >= count / 2 else { return 0 }
            return encoding.encode(samples, count: count, into: payload)
        case .opus(let encoding):
            guard capacity > 0 else { return 0 }
            return encoding.encode(samples, count: count, into: payload, capacity: capacity)
        case .g726(let coding):
            guard capacity >= count / 2 else { return 0 }
            return coding.encode(samples, count: count, into: payload)
        case .gsm(let coding):
            guard capacity >= count / GSM.frameSamples * GSM.frameBytes else { return 0 }
            return coding.encode(samples, count: count, into: payload)
        }
    }

    /// Goes on as if it had encoded what `other` (of the same codec) has: for listeners that shared its stream and now get
    /// one of their own, so that their decoders notice nothing. Copies plain memory, allocates nothing.
    package func continueEncoding(of other: AudioEncoder) {
        switch (state, other.state) {
        case (.g722(let mine), .g722(let theirs)): mine.copyState(from: theirs)
        case (.opus(let mine), .opus(let theirs)): mine.copyState(from: theirs)
        case (.g726(let mine), .g726(let theirs)): mine.copyState(from: theirs)
        case (.gsm(let mine), .gsm(let theirs)): mine.copyState(from: theirs)
        default: break
        }
    }

    /// The next frame does not lean on earlier ones (opus): a decoder that heard another stream so far takes it cleanly.
    package func encodeNextFrameIndependently() {
        if case .opus(let encoding) = state { encoding.encodeNextFrameIndependently() }
    }

    /// Frames lean on earlier ones: who changes from one encoder to another of its kind needs the two calls above.
    package var hasState: Bool { codec.kind != .pcmu && codec.kind != .pcma }

    /// Payloads of one or two bytes mean silence, and need not be sent (opus with DTX).
    package var savesSilence: Bool {
        if case .opus(let encoding) = state { encoding.savesSilence } else { false }
    }

    /// What the receiver reports to lose: opus protects itself (FEC) against it. Others ignore it.
    package func expectLoss(percent: Int) {
        if case .opus(let encoding) = state { encoding.expectLoss(percent: percent) }
    }

    /// As new.
    package func reset() {
        switch state {
        case .g711: break
        case .g722(let encoding): encoding.reset()
        case .opus(let encoding): encoding.reset()
        case .g726(let coding): coding.reset()
        case .gsm(let coding): coding.reset()
        }
    }
}
