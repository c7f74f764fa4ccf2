// SPDX-License-Identifier: Apache-2.0

import Signals

/// The decoders of one call, one for each negotiated codec, all giving samples at the rate of its track.
///
/// The far end may change between them with any packet; the one that is used last conceals what is missing. Made on the
/// control side, used on the mix thread, no allocation in between.
final class DecoderBank {
    private let decoders: UnsafeMutablePointer<AudioDecoder>
    private let rates: UnsafeMutablePointer<Int>
    private let count: Int
    private let trackRate: Int
    private var current = 0

    init(_ parameters: RTPParameters, trackRate: Int) {
        self.trackRate = trackRate
        count = min(PayloadTable.longestAudio, parameters.audio.count)
        decoders = .allocate(capacity: max(1, count))
        rates = .allocate(capacity: max(1, count))
        for index in 0..<count {
            let codec = parameters.audio[index].codec
            (decoders + index).initialize(to: codec.makeDecoder())
            (rates + index).initialize(to: codec.sampleRate)
        }
    }

    deinit {
        decoders.deinitialize(count: count)
        decoders.deallocate()
        rates.deallocate()
    }

    func accepts(_ index: Int8) -> Bool { index >= 0 && Int(index) < count }

    /// Decodes into `workspace.decoded`; the number of samples at the track's rate, 0 when it cannot be decoded.
    func decode(_ payload: UnsafePointer<UInt8>, _ byteCount: Int, _ index: Int8, into workspace: RTPWorkspace) -> Int {
        guard accepts(index) else { return 0 }
        if Int(index) != current {
            current = Int(index)
            decoders[current].reset()
        }
        let made = decoders[current].decode(
            payload, count: byteCount, into: workspace.decoded, capacity: RTPWorkspace.scratchLength)
        return made
    }

    /// Invents about `samples` samples of the track's rate in `workspace.decoded`; how many.
    func conceal(_ samples: Int, into workspace: RTPWorkspace) -> Int {
        guard count > 0, rates[current] == trackRate else { return 0 }
        return decoders[current].conceal(samples, into: workspace.decoded, capacity: RTPWorkspace.scratchLength)
    }
}
