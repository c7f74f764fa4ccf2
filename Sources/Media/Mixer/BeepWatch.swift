// SPDX-License-Identifier: Apache-2.0

import RealTime
import Signals

/// Lets a beep detector hear what a port's track has newly got. Made on the control side, used by the mix thread.
final class BeepWatch {
    /// By rate: 8, 16, 48 kHz; a call may change its codec.
    private let detectors: InlineArray<3, BeepDetector>
    private let scratch: UnsafeMutablePointer<Int16>
    private let chunk: Int
    private var place = TrackPlace()

    init() {
        detectors = [
            BeepDetector(sampleRate: 8000), BeepDetector(sampleRate: 16_000), BeepDetector(sampleRate: 48_000),
        ]
        chunk = 960
        scratch = .allocate(capacity: chunk)
        scratch.initialize(repeating: 0, count: chunk)
    }

    deinit { scratch.deallocate() }

    /// The length of a beep that has just ended, in milliseconds; 0: none.
    func inspect(_ track: SampleTrack) -> Int {
        var at = place.next(in: track)
        var beep = 0
        let detector = detectors[BusRate(sampleRate: track.sampleRate).rawValue]
        while at < track.end {
            let count = Int(min(Int64(chunk), track.end &- at))
            track.copy(from: at, count: count, into: scratch)
            let ended = detector.hear(scratch, count: count)
            if ended > 0 { beep = ended }
            at &+= Int64(count)
        }
        place.heard(upTo: at, of: track)
        return beep
    }
}
