// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Testing

@testable import Signals

/// The figures of the detector's data sheet.
@Suite struct RingDetectorTests {
    private struct Change: Equatable {
        var isRinging: Bool
        /// Samples since the beginning.
        var at: Int
    }

    private func changes(_ samples: [Int16]) -> [Change] {
        var detector = RingDetector()
        var found: [Change] = []
        samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count - 79, by: 80) {
                guard let isRinging = detector.process(base + start, count: 80) else { continue }
                found.append(Change(isRinging: isRinging, at: start + 80))
            }
        }
        return found
    }

    private func quiet(_ count: Int) -> [Int16] { [Int16](repeating: 0, count: count) }

    /// A second of bell that begins anywhere within the detector's frame of 50 ms; when it was noticed, in milliseconds after its
    /// begin and its end.
    private func burst(_ hertz: Double, dBm0: Double) -> [(begin: Int, end: Int)] {
        stride(from: 0, to: 400, by: 40).compactMap { offset in
            let lead = 8_000 + offset
            let bell = Laboratory.sine(hertz, rate: 8_000, count: 8_000, dBm0: dBm0)
            let found = changes(quiet(lead) + bell + quiet(8_000))
            guard found.map(\.isRinging) == [true, false] else { return nil }
            return ((found[0].at - lead) / 8, (found[1].at - lead - 8_000) / 8)
        }
    }

    @Test(arguments: [16.0, 16.7, 20, 25, 33.3, 50, 60, 68], [-22.0, -10, 0])
    func `a bell is noticed when it begins and when it ends`(hertz: Double, dBm0: Double) {
        let bursts = burst(hertz, dBm0: dBm0)
        #expect(bursts.count == 10)
        #expect(bursts.allSatisfy { (50...135).contains($0.begin) && (60...150).contains($0.end) }, "\(bursts)")
    }

    @Test func `what is weaker, higher or shorter is none`() {
        for hertz in [16.0, 25, 50, 68] { #expect(burst(hertz, dBm0: -26).isEmpty, "\(hertz) Hz at -26 dBm0") }
        for hertz in [90.0, 100, 150, 350, 425, 1_000] { #expect(burst(hertz, dBm0: -6).isEmpty, "\(hertz) Hz") }
        #expect(changes(quiet(4_000) + Laboratory.sine(25, rate: 8_000, count: 320, dBm0: -6) + quiet(4_000)).isEmpty)
    }

    @Test func `bursts of a cadence are counted one by one`() {
        let bell = Laboratory.sine(25, rate: 8_000, count: 3_200, dBm0: -12)
        // Britain: 400 ms on, 200 off, 400 on, 2 s off.
        let found = changes((0..<5).flatMap { _ in bell + quiet(1_600) + bell + quiet(16_000) })
        #expect(found.map(\.isRinging) == (0..<20).map { $0 % 2 == 0 })
    }

    @Test func `tones, caller-ID and an hour of speech and music are none`() throws {
        for pair in [(350.0, 440.0), (425, 425), (697, 1_209), (941, 1_633)] {
            let one = Laboratory.sine(pair.0, rate: 8_000, count: 8_000, dBm0: -6)
            let two = Laboratory.sine(pair.1, rate: 8_000, count: 8_000, dBm0: -6)
            #expect(changes(zip(one, two).map { $0 / 2 + $1 / 2 }).isEmpty, "\(pair)")
        }
        var caller = CallerID(kind: .v23)
        caller.number = "0301234567"
        for way in [CallerIDSender.Way.bell202, .v23, .dtmf] {
            #expect(changes(CallerIDSender.samples(caller, way, isSingle: false, sampleRate: 8_000)).isEmpty, "\(way)")
        }
        let hour = try Concert.hour()
        #expect(changes(hour.speech).isEmpty)
        #expect(changes(hour.music).isEmpty)
    }
}
