// SPDX-License-Identifier: Apache-2.0
import RealTime
import Signals

/// Listens to what a port's track has newly got, for digits in the audio, and keeps them out of the mixes.
final class DigitFilter {
    var isEnabled = true
    var removes = true
    /// For a port without any source.
    let silence: SampleTrack
    private var inspected: Int64 = 0

    init(sampleRate: Int) {
        silence = SampleTrack(sampleRate: 8000, milliseconds: 8)
    }

    /// The track is another one, or begins anew.
    func restart() { inspected = 0 }

    func inspect(_ track: SampleTrack) {
        inspected = track.end
    }
}
