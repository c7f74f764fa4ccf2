// SPDX-License-Identifier: Apache-2.0
import RealTime
import Signals

/// Listens to what a port's track has newly got, for digits in the audio, and keeps them out of the mixes.
///
/// Every sample is looked at once, when it becomes ready and before any group pulls it.
final class DigitFilter {
    var isEnabled = true
    var removes = true
    /// For a port without any source.
    let silence = SampleTrack(sampleRate: 8000, milliseconds: 8)
    /// Digits that began and were not reported yet, four bits each.
    private var begun: UInt64 = 0
    private var begunCount = 0
    /// Up to where it has looked.
    private(set) var inspected: Int64 = 0
    private var isFresh = true
    /// Samples in a row without anything that could be a digit.
    private var quiet = 0
    private let receiver: DigitReceiver?
    /// The same.
    private let detector: Unmanaged<DigitReceiver>?
    private let scratch: UnsafeMutablePointer<Int16>
    private static let chunkMS = 20
    private static let tailChunks = 5
    /// Mean square of -45 dBm0; the detectors want -38.
    private static let quietestDigit: Float = 8.25e3
    private let chunk: Int

    init(sampleRate: Int) {
        let made = DigitReceiver(sampleRate: sampleRate)
        receiver = made
        detector = made.map(Unmanaged.passUnretained)
        chunk = sampleRate * Self.chunkMS / 1000
        scratch = .allocate(capacity: chunk)
        scratch.initialize(repeating: 0, count: chunk)
    }

    deinit { scratch.deallocate() }

    /// What a frame leads through here.
    func addWay(to lines: inout HotLines) {
        lines.add(self, atMost: 128)
        receiver?.forEachSpan { lines.add($0, bytes: $1) }
    }

    /// The next digit that began.
    func takeDigit() -> UInt8? {
        guard begunCount > 0 else { return nil }
        let code = UInt8(truncatingIfNeeded: begun & 15)
        begun >>= 4
        begunCount &-= 1
        return code
    }

    /// It has been quiet for so long that the detectors are not asked.
    var isIdle: Bool { quiet > chunk &* Self.tailChunks }

    /// In a long silence there is nothing to look for; the first 100 ms of it tell the detector that a digit is over.
    private func isQuiet(_ track: SampleTrack, count: Int) -> Bool {
        let isLoud =
            track.isActive(from: inspected, count: count)
            && track.loudness(from: inspected, count: count) > Self.quietestDigit
        quiet = isLoud ? 0 : min(quiet &+ count, chunk &* Self.tailChunks &+ chunk)
        return isIdle
    }

    func inspect(_ track: SampleTrack) {
        if isFresh {
            isFresh = false
            inspected = track.begin
        }
        guard inspected < track.end else { return }
        guard isEnabled, let detector else {
            inspected = track.end
            return
        }
        inspected = max(inspected, track.begin)
        while inspected < track.end {
            let count = Int(min(Int64(chunk), track.end &- inspected))
            if isQuiet(track, count: count) {
                inspected &+= Int64(count)
                continue
            }
            track.copy(from: inspected, count: count, into: scratch)
            // The filter keeps it: no need to count references for each frame.
            let isMuting = detector._withUnsafeGuaranteedRef { receiver in
                let wasMuting = receiver.isMuting
                let events = receiver.process(scratch, count: count, removes: removes)
                for index in 0..<events {
                    let event = receiver.event(index)
                    if event.hasBegun, begunCount < 16 {
                        begun |= UInt64(event.code) << UInt64(begunCount &* 4)
                        begunCount &+= 1
                    }
                }
                return wasMuting || receiver.isMuting
            }
            if removes, isMuting { track.write(at: inspected, count: count, from: scratch) }
            inspected &+= Int64(count)
        }
    }
}
