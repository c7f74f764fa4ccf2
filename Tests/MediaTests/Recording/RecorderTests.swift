// SPDX-License-Identifier: Apache-2.0

import CRealTimeProbe
import Foundation
import RTP
import Signals
import Synchronization
import Telephony
import Testing

@testable import Media

/// Recorders through the real mix loop in virtual time, and files on the real disk.
@Suite(.serialized) struct RecorderTests {
    private static func sine(_ hertz: Double, amplitude: Double = 8000, rate: Int = 8000) -> (Int64) -> Int16 {
        { Int16((sin(Double($0) * hertz * 2 * .pi / Double(rate)) * amplitude).rounded()) }
    }

    /// How much of a frequency there is, 0 … 1 of full scale.
    static func strength(_ samples: [Int16], _ hertz: Double, rate: Int) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        for (index, sample) in samples.enumerated() {
            let angle = Double(index) * hertz * 2 * .pi / Double(rate)
            real += Double(sample) * cos(angle)
            imaginary += Double(sample) * sin(angle)
        }
        return (real * real + imaginary * imaginary).squareRoot() * 2 / Double(max(1, samples.count)) / 32_768
    }

    private func addTap(_ rig: MixRig, rate: Int, slot: UInt32) -> (id: PortID, tap: RecorderTap) {
        let tap = RecorderTap(sampleRate: rate)
        let id = PortID(slot: slot, generation: 9)
        rig.send(.openPort(.passRetained(MixPort(id: id, tap: tap))))
        return (id, tap)
    }

    private func drain(_ tap: RecorderTap) -> [Int16] {
        var samples = [Int16](repeating: 0, count: tap.available)
        tap.read(samples.count, into: &samples, stride: 1)
        return samples
    }

    @Test func `a recorder hears everybody in the room at its own rate, without gaps`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = [rig.makePhone(.pcmu), rig.makePhone(.g722, phase: 7_000_000)]
        phones[0].voice = Self.sine(440)
        phones[1].voice = Self.sine(1000, rate: 16_000)
        rig.join(phones, mix)
        let (recorder, tap) = addTap(rig, rate: 16_000, slot: 100)
        let own = rig.makeMix()
        for phone in phones { rig.send(.add(.port(phone.id), own)) }
        rig.send(.listen(recorder, own))
        rig.run(milliseconds: 1000)
        _ = drain(tap)
        rig.run(milliseconds: 2000)
        let samples = drain(tap)
        #expect(abs(samples.count - 32_000) <= 320)
        #expect(Self.strength(samples, 440, rate: 16_000) > 0.2)
        #expect(Self.strength(samples, 1000, rate: 16_000) > 0.15)
        // Both are sines, so a gap or a jump would show as something else than the two.
        let both = samples.map { Double($0) * Double($0) }.reduce(0, +) / Double(samples.count)
        let parts = [440.0, 1000].map { pow(Self.strength(samples, $0, rate: 16_000) * 32_768, 2) / 2 }.reduce(0, +)
        #expect(parts / both > 0.9)
    }

    @Test func `a recorder makes nobody's audio worse`() {
        func conceal(_ withRecorder: Bool) -> UInt64 {
            let rig = MixRig()
            let mix = rig.makeMix()
            let phones = [rig.makePhone(jitter: 15_000_000), rig.makePhone(phase: 7_000_000)]
            phones[0].voice = Self.sine(440)
            rig.join(phones, mix)
            if withRecorder {
                let (recorder, _) = addTap(rig, rate: 8000, slot: 100)
                let own = rig.makeMix()
                for phone in phones { rig.send(.add(.port(phone.id), own)) }
                rig.send(.listen(recorder, own))
            }
            rig.run(milliseconds: 20_000)
            return phones[0].rtp.receiver.counters.concealedSamples
        }
        #expect(conceal(true) <= conceal(false) + 800)
    }

    @Test
    func `time goes on in silence while the recorder is mute, stands still while it is paused, and passes in a stall`()
    {
        let rig = MixRig()
        let phone = rig.makePhone()
        phone.voice = Self.sine(440)
        let (recorder, tap) = addTap(rig, rate: 8000, slot: 100)
        let own = rig.makeMix()
        rig.send(.add(.port(phone.id), own))
        rig.send(.listen(recorder, own))
        rig.run(milliseconds: 500)
        _ = drain(tap)
        tap.set(.silent)
        rig.run(milliseconds: 500)
        let silent = drain(tap)
        #expect(abs(silent.count - 4000) <= 160)
        #expect(silent.allSatisfy { $0 == 0 })
        tap.set(.paused)
        rig.run(milliseconds: 500)
        #expect(tap.available == 0)
        tap.set(.on)
        rig.run(milliseconds: 500)
        #expect(Self.strength(drain(tap), 440, rate: 8000) > 0.2)
        rig.run(milliseconds: 700, stall: true)
        rig.run(milliseconds: 100)
        #expect(abs(tap.available - 6400) <= 320)
    }

    @Test func `a full ring loses what comes and says how much`() {
        let tap = RecorderTap(sampleRate: 8000, seconds: 1)
        let frame = [Int16](repeating: 7, count: 160)
        for _ in 0..<100 { tap.write(frame, count: 160) }
        #expect(tap.available + tap.takeLost() == 16_000)
        #expect(drain(tap).allSatisfy { $0 == 7 })
        tap.write(frame, count: 160)
        #expect(tap.available == 160)
    }

    @Test func `recording neither allocates nor locks on the mix thread`() {
        let rig = MixRig()
        let phones = [rig.makePhone(), rig.makePhone(.opus, phase: 3_000_000)]
        for phone in phones { phone.voice = Self.sine(440, rate: phone.codec.sampleRate) }
        let mixes = [rig.makeMix(), rig.makeMix()]
        rig.join(phones, mixes[0])
        let (recorder, tap) = addTap(rig, rate: 16_000, slot: 100)
        for phone in phones { rig.send(.add(.port(phone.id), mixes[1])) }
        rig.memory.onSend = nil
        var total = partyline_probe()
        for turn in 0..<100 {
            rig.send(.listen(recorder, turn % 10 == 0 ? nil : mixes[1]))
            let end = rig.now + 20_000_000
            rig.feed(until: end)
            while rig.now < end {
                if turn >= 40 { partyline_probe_start() }
                let next = rig.loop.step(now: rig.now)
                if turn >= 40 {
                    let probe = partyline_probe_stop()
                    total.allocations += probe.allocations
                    total.frees += probe.frees
                    total.locks += probe.locks
                }
                rig.advance(to: min(end, max(rig.now + 1000, next)))
            }
        }
        #expect(abs(tap.available - 32_000) <= 640)
        #if !DEBUG
            #expect(total.allocations == 0)
            #expect(total.frees == 0)
            #expect(total.locks == 0)
        #endif
    }
}
