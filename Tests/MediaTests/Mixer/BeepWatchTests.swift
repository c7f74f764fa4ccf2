// SPDX-License-Identifier: Apache-2.0
import CRealTimeProbe
import Foundation
import RealTime
import Telephony
import Testing

@testable import Media

/// The beep of an answering machine in what a port says.
@Suite(.serialized) struct BeepWatchTests {
    /// What is heard of so many seconds, with a beep of 400 ms in each that begins after half of it.
    private func heard(seconds: Int, rate: Int, _ watch: BeepWatch, beeps: Bool = true) -> (lengths: [Int], Int) {
        let track = SampleTrack(sampleRate: rate)
        let piece = rate / 50
        var samples = [Int16](repeating: 0, count: piece)
        var lengths: [Int] = []
        var allocations = 0
        for turn in 0..<(seconds * 50) {
            for index in 0..<piece {
                let at = (turn * piece + index) % rate
                let isBeep = beeps && at >= rate / 2 && at < rate * 9 / 10
                samples[index] = isBeep ? Int16(6_000 * sin(Double(at) * 1_000 * 2 * .pi / Double(rate))) : 0
            }
            samples.withUnsafeMutableBufferPointer { buffer in
                if let base = buffer.baseAddress { track.write(at: Int64(turn * piece), count: piece, from: base) }
            }
            partyline_probe_start()
            let length = watch.inspect(track)
            allocations += Int(partyline_probe_stop().allocations)
            if length > 0 { lengths.append(length) }
        }
        return (lengths, allocations)
    }

    @Test(arguments: [8_000, 16_000, 48_000]) func `each beep is told once, with its length`(rate: Int) {
        let (lengths, allocations) = heard(seconds: 4, rate: rate, BeepWatch())
        #expect(lengths.count == 4)
        #expect(lengths.allSatisfy { abs($0 - 400) <= 40 }, "\(lengths)")
        #if !DEBUG
            #expect(allocations == 0)
        #endif
    }

    @Test(arguments: [(8_000, 48_000), (48_000, 8_000), (16_000, 16_000)])
    func `a beep is heard as well after the call has changed its codec`(before: Int, after: Int) {
        let watch = BeepWatch()
        #expect(heard(seconds: 20, rate: before, watch, beeps: false).lengths.isEmpty)
        #expect(heard(seconds: 2, rate: after, watch).lengths.count == 2)
        #expect(heard(seconds: 2, rate: before, watch).lengths.count == 2)
    }

    @Test func `a watch that is stopped hears nothing, and one that is begun again hears what comes from then on`() {
        let rig = MixRig()
        let phone = rig.makePhone()
        let mix = rig.makeMix()
        rig.join([phone], mix)
        // One beep a second, from half a second to nine tenths.
        phone.voice = { at in
            let place = at % 8_000
            return place >= 4_000 && place < 7_200 ? Int16(6_000 * sin(Double(place) * 1_000 * 2 * .pi / 8_000)) : 0
        }
        var told = 0
        func beeps(in milliseconds: Int) -> Int {
            rig.run(milliseconds: milliseconds)
            let lengths = rig.events.compactMap { event in
                if case .beep(let port, let length) = event, port == phone.id { length } else { nil }
            }
            defer { told = lengths.count }
            #expect(lengths.allSatisfy { abs($0 - 400) <= 40 }, "\(lengths)")
            return lengths.count - told
        }
        #expect(beeps(in: 2_000) == 0)
        rig.send(.watchBeep(phone.id, .passRetained(BeepWatch())))
        #expect(beeps(in: 3_000) == 3)
        rig.send(.watchBeep(phone.id, nil))
        #expect(beeps(in: 3_000) == 0)
        rig.send(.watchBeep(phone.id, .passRetained(BeepWatch())))
        #expect(beeps(in: 3_000) == 3)
        // In the midst of a beep: what was heard of it is forgotten, and the next one is told.
        rig.run(milliseconds: 700)
        rig.send(.watchBeep(phone.id, .passRetained(BeepWatch())))
        rig.run(milliseconds: 50)
        rig.send(.watchBeep(phone.id, nil))
        rig.run(milliseconds: 50)
        rig.send(.watchBeep(phone.id, .passRetained(BeepWatch())))
        #expect(beeps(in: 2_200) == 2)
        rig.send(.closePort(phone.id))
        #expect(beeps(in: 1_000) == 0)
    }
}
