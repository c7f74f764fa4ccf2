// SPDX-License-Identifier: Apache-2.0
import RealTime
package import Signals

/// What one negotiation means for a port: new streams and a new encoder, built on the control side. It travels to the mix
/// thread, is exchanged there for what the port used so far, and comes back with that to be freed.
package final class PortConfiguration {
    var streams: RTPStreams
    var encoder: AudioEncoder?
    let frame8: Int
    var converters: ConverterSet
    var digits: DigitFilter

    /// `encoder` is nil while we may not send anything.
    package init(streams: RTPStreams, encoder: AudioEncoder?, frame8: Int) {
        self.streams = streams
        self.encoder = encoder
        self.frame8 = frame8
        digits = DigitFilter(sampleRate: streams.receiver.track.sampleRate)
        converters = ConverterSet(to: encoder?.codec.sampleRate ?? 8000)
    }
}

/// The converters that bring the other rates to the one a port listens at; about 3 kB.
struct ConverterSet {
    var converters: InlineArray<3, RateConverter?> = .init(repeating: nil)

    init(to rate: Int) {
        for index in 0..<3 {
            let other = BusRate.all[index].sampleRate
            if other != rate { converters[index] = RateConverter(from: other, to: rate, longestBlock: 160) }
        }
    }
}
