// SPDX-License-Identifier: Apache-2.0
// ITU-T G.722 Appendix IV does the like of this for G.722; G.726 and GSM have the same need. Own arithmetic.

/// Codecs whose decoder leans on what went before: while packets are lost the far end's encoder goes on, and a decoder that
/// stood still would say something else for a while behind each gap. What is made up for the gap stands for what was said:
/// it brings the decoder about to where that encoder is.
extension AudioDecoder {
    private static let longestGap = 1_024

    /// After `count` samples were concealed, the newest that the concealer knows.
    func followConcealed(_ count: Int, _ samples: UnsafePointer<Int16>, _ concealer: Concealer) {
        guard count > 0, count <= codec.sampleRate / 50 else { return }
        switch state {
        case .g711, .opus: break
        case .g726(let coding): coding.follow(samples, count: count)
        case .g722(let decoding):
            let known = G722Decoding.taps - G722Decoding.delay + count
            withSamples(known + G722Decoding.delay) { place in
                concealer.newest(known, into: place)
                concealer.foresee(G722Decoding.delay, into: place + known)
                decoding.follow(place, count: count)
            }
        case .gsm(let coding):
            // Frames are lost as a whole, however small the pieces are in which they are asked for.
            partOfFrame += count
            guard partOfFrame >= GSM.frameSamples else { return }
            partOfFrame = 0
            withSamples(2 * GSM.frameSamples) { place in
                concealer.newest(2 * GSM.frameSamples, into: place)
                coding.follow(place, count: GSM.frameSamples)
            }
        }
    }

    /// Before a gap is filled from both its sides: as far as what was before it tells.
    func followForeseen(_ gap: Int, _ concealer: Concealer) {
        guard gap > 0, gap <= Self.longestGap else { return }
        switch state {
        case .g711, .opus: break
        case .g726(let coding):
            withSamples(gap) { place in
                concealer.foresee(gap, into: place)
                coding.follow(place, count: gap)
            }
        case .g722(let decoding):
            let known = G722Decoding.taps - G722Decoding.delay
            withSamples(G722Decoding.taps + gap) { place in
                concealer.newest(known, into: place)
                concealer.foresee(G722Decoding.delay + gap, into: place + known)
                decoding.follow(place, count: gap)
            }
        case .gsm(let coding):
            partOfFrame = 0
            withSamples(GSM.frameSamples + gap) { place in
                concealer.newest(GSM.frameSamples, into: place)
                concealer.foresee(gap, into: place + GSM.frameSamples)
                coding.follow(place, count: gap)
            }
        }
    }

    /// On the stack.
    private func withSamples(_ count: Int, _ body: (UnsafeMutablePointer<Int16>) -> Void) {
        withUnsafeTemporaryAllocation(of: Int16.self, capacity: count) { place in
            if let base = place.baseAddress { body(base) }
        }
    }
}
