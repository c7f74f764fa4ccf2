// SPDX-License-Identifier: Apache-2.0

import RealTime
import Signals

/// The decoders of one call, one for each negotiated codec, all giving samples at the rate of its track.
///
///     payload --> decoder of its type --> [ RateConverter, if its rate is not the track's ] --> workspace.decoded
///
/// The far end may change between them with any packet; the one that was used last conceals what is missing. Made on
/// the control side, used on the mix thread, no allocation in between.
final class DecoderBank {
    private struct Place {
        var decoder: AudioDecoder
        var converter: RateConverter?
        var rate: Int
    }

    private let places: UnsafeMutablePointer<Place>
    private let count: Int
    private let trackRate: Int
    private var current = 0

    /// Nil when a codec's library refuses.
    init?(_ parameters: RTPParameters, trackRate: Int) {
        self.trackRate = trackRate
        let audio = parameters.audio.prefix(PayloadTable.longestAudio)
        places = .allocate(capacity: max(1, audio.count))
        var made = 0
        for entry in audio {
            guard let decoder = AudioDecoder(entry.codec) else { break }
            let rate = entry.codec.sampleRate
            let converter = rate == trackRate ? nil : RateConverter(from: rate, to: trackRate, longestBlock: 960)
            (places + made).initialize(to: Place(decoder: decoder, converter: converter, rate: rate))
            made += 1
        }
        count = made
        if made < audio.count { return nil }
    }

    deinit {
        places.deinitialize(count: count)
        places.deallocate()
    }

    func addWay(to lines: inout HotLines) {
        lines.add(self, atMost: 64)
        lines.add(places, bytes: 64)
        guard count > 0 else { return }
        lines.add(places[0].decoder, atMost: 64)
    }

    func accepts(_ index: Int8) -> Bool {
        index >= 0 && Int(index) < count
            && (places[Int(index)].rate == trackRate || places[Int(index)].converter != nil)
    }

    /// Decodes into `workspace.decoded`; the number of samples at the track's rate, 0 when it cannot be decoded.
    func decode(_ payload: UnsafePointer<UInt8>, _ byteCount: Int, _ index: Int8, into workspace: RTPWorkspace) -> Int {
        guard accepts(index) else { return 0 }
        let chosen = Int(index)
        if chosen != current {
            current = chosen
            places[chosen].decoder.reset()
            places[chosen].converter?.reset()
        }
        // The bank keeps it: no need to count references for each packet.
        let made = Unmanaged.passUnretained(places[chosen].decoder)._withUnsafeGuaranteedRef {
            $0.decode(payload, count: byteCount, into: scratch(workspace), capacity: RTPWorkspace.scratchLength)
        }
        return converted(made, workspace)
    }

    /// Invents `samples` samples of the track's rate (at most 20 ms) in `workspace.decoded`.
    func conceal(_ samples: Int, into workspace: RTPWorkspace) -> Int {
        guard count > 0, samples > 0, samples <= trackRate / 50 else { return 0 }
        // Rounded up so that a lower rate has whole samples to give; what is too much is cut off.
        let wanted = (samples * places[current].rate + trackRate - 1) / trackRate
        places[current].decoder.conceal(wanted, into: scratch(workspace))
        return min(samples, converted(wanted, workspace))
    }

    /// The `samples` samples just before `payload`, from the copy that rides in it, where its codec has one.
    func recover(
        _ samples: Int, before payload: UnsafePointer<UInt8>, _ byteCount: Int, _ index: Int8,
        into workspace: RTPWorkspace
    ) -> Int {
        guard Int(index) == current, places[current].rate == trackRate else { return 0 }
        places[current].decoder.decodeFEC(payload, count: byteCount, lost: samples, into: workspace.decoded)
        return samples
    }

    /// Fills a gap of `gap` samples in `workspace.decoded` and puts the payload behind it, where the codec can; samples in
    /// all, 0: it cannot.
    func bridge(
        _ gap: Int, to payload: UnsafePointer<UInt8>, _ byteCount: Int, _ index: Int8, into workspace: RTPWorkspace
    ) -> Int {
        guard accepts(index), Int(index) == current, places[current].converter == nil else { return 0 }
        return places[current].decoder.bridge(
            gap, to: payload, count: byteCount, into: workspace.decoded, capacity: RTPWorkspace.scratchLength)
    }

    private func scratch(_ workspace: RTPWorkspace) -> UnsafeMutablePointer<Int16> {
        places[current].converter == nil ? workspace.decoded : workspace.converted
    }

    private func converted(_ made: Int, _ workspace: RTPWorkspace) -> Int {
        guard made > 0, let converter = places[current].converter else { return made }
        guard converter.outputCount(forInput: made) <= RTPWorkspace.scratchLength else { return 0 }
        return converter.convert(workspace.converted, count: made, into: workspace.decoded)
    }
}
