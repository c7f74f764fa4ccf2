// SPDX-License-Identifier: Apache-2.0

import RealTime

/// Up to where somebody has heard a port's track. Lives on the mix thread.
///
/// A call that changes its codec gets another track, with a time line of its own: what was heard of the former one says nothing
/// about it, and it is heard from its end on, as any track is that is met for the first time.
struct TrackPlace {
    private var position: Int64 = 0
    private var sampleRate = 0

    /// Where to go on, in samples of this track; never behind its end, nor before its oldest sample.
    func next(in track: SampleTrack) -> Int64 {
        let isKnown = sampleRate == track.sampleRate && position <= track.end
        return isKnown ? max(position, track.begin) : track.end
    }

    mutating func heard(upTo position: Int64, of track: SampleTrack) {
        self.position = position
        sampleRate = track.sampleRate
    }
}
