// SPDX-License-Identifier: Apache-2.0
// ITU-T E.180.

import RealTime
import Signals
import Telephony

/// Lets a detector of the network's tones hear what a port's track has newly got, at 8 kHz:
///
///     track -> [ RateConverter ] -> ProgressDetector -> a tone that was not heard before
///
/// Made on the control side, used by the mix thread; allocates nothing after `init`.
final class ProgressWatch {
    private let detector: ProgressDetector
    /// By the track's rate, 8, 16, 48 kHz; a call may change its codec.
    private let converters: InlineArray<3, RateConverter?>
    private let scratch: UnsafeMutablePointer<Int16>
    private let narrow: UnsafeMutablePointer<Int16>
    private static let chunk = 960
    private var place = TrackPlace()
    private var told: ProgressTone?
    /// Of the detector's clock.
    private var heardAt: Int64 = 0
    /// After so many milliseconds without it, the same tone is another one.
    private static let forgottenAfter: Int64 = 10_000

    init(_ plan: ProgressPlan) {
        let tones: [(ProgressTone, [ToneSegment])] = [
            (.dial, plan.dial), (.ringback, plan.ringback), (.busy, plan.busy), (.congestion, plan.congestion),
            (.specialInformation, plan.specialInformation),
        ]
        detector = ProgressDetector(tones.compactMap { ProgressPattern($0.0, $0.1.map(Tone.init)) })
        converters = [
            nil, RateConverter(from: 16_000, to: 8000, longestBlock: Self.chunk),
            RateConverter(from: 48_000, to: 8000, longestBlock: Self.chunk),
        ]
        scratch = .allocate(capacity: Self.chunk)
        scratch.initialize(repeating: 0, count: Self.chunk)
        narrow = .allocate(capacity: Self.chunk)
        narrow.initialize(repeating: 0, count: Self.chunk)
    }

    deinit {
        scratch.deallocate()
        narrow.deallocate()
    }

    /// Whether a tone is heard that is another one than before.
    func inspect(_ track: SampleTrack) -> Bool {
        var at = place.next(in: track)
        var isNew = false
        let converter = converters[BusRate(sampleRate: track.sampleRate).rawValue]
        while at < track.end {
            let count = Int(min(Int64(Self.chunk), track.end &- at))
            track.copy(from: at, count: count, into: scratch)
            if let converter {
                let converted = converter.convert(scratch, count: count, into: narrow)
                if hear(narrow, converted) { isNew = true }
            } else if hear(scratch, count) {
                isNew = true
            }
            at &+= Int64(count)
        }
        place.heard(upTo: at, of: track)
        return isNew
    }

    private func hear(_ samples: UnsafePointer<Int16>, _ count: Int) -> Bool {
        var isNew = false
        for index in 0..<detector.process(samples, count: count) {
            let event = detector.event(index)
            if event.kind != told || event.at &- heardAt > Self.forgottenAfter { isNew = true }
            told = event.kind
            heardAt = event.at
        }
        return isNew
    }
}
