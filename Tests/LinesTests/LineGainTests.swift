// SPDX-License-Identifier: Apache-2.0
import CLinux
import CRealTimeProbe
import Foundation
import Logging
import Media
import Telephony
import Testing

@testable import Lines

/// Gains of a line, and what the doctor says of a telephone.
@Suite struct LineGainTests {
    /// A card that gives what it was given. One thread only.
    private final class Mirror: LineAudio {
        var sampleRate: Int { 8_000 }
        var periodMilliseconds: Double { 5 }
        var samples: [Int16] = []
        var fails = false
        var xruns: (overruns: Int, underruns: Int) { (0, 0) }
        func recover() throws(LineError) {}
        func stop() {}
        func lend() throws(LineError) -> CardFunctions {
            CardFunctions(
                context: Unmanaged.passUnretained(self).toOpaque(), sampleRate: 8_000,
                capture: { context, samples, count in
                    let mirror = Unmanaged<Mirror>.fromOpaque(context).takeUnretainedValue()
                    guard !mirror.fails else { return -5 }
                    let taken = min(Int(count), mirror.samples.count)
                    for index in 0..<taken { samples[index] = mirror.samples[index] }
                    return Int32(taken)
                },
                play: { context, samples, count in
                    let mirror = Unmanaged<Mirror>.fromOpaque(context).takeUnretainedValue()
                    mirror.samples = Array(UnsafeBufferPointer(start: samples, count: Int(count)))
                    return count
                },
                capturePosition: { _, _, _ in 7 }, playPosition: { _, _, _ in 9 })
        }
    }

    @Test func `gains are those of each direction, are limited, and leave errors and positions alone`() throws {
        let mirror = Mirror()
        let device = ComposedDevice(audio: mirror, transports: [], rxGainDB: 12, txGainDB: -6)
        let card = try device.start()
        let sent: [Int16] = [0, 1_000, -1_000, 32_767, -32_768]
        #expect(card.play(card.context, sent, 5) == 5)
        for (played, wanted) in zip(mirror.samples, sent) {
            #expect(abs(Double(played) - Double(wanted) * pow(10, -6.0 / 20)) <= 4)
        }
        var heard = [Int16](repeating: 0, count: 8)
        mirror.samples = [100, -100, 20_000, -20_000]
        #expect(card.capture(card.context, &heard, 8) == 4)
        #expect(heard.prefix(4) == [398, -398, 32_767, -32_768])
        let many = [Int16](repeating: 5, count: 20_000)
        #expect(card.play(card.context, many, 20_000) == 8_192)
        var position = CardPosition()
        #expect(card.capturePosition(card.context, 0, &position) == 7)
        #expect(card.playPosition(card.context, 0, &position) == 9)
        mirror.fails = true
        #expect(card.capture(card.context, &heard, 8) == -5)
        // Without gains nothing stands in between.
        let plain = try ComposedDevice(audio: mirror, transports: []).start()
        #expect(plain.context == Unmanaged.passUnretained(mirror).toOpaque())
    }

    @Test func `the mix thread's part allocates nothing and takes no lock`() {
        let buffer = UnsafeMutablePointer<Int16>.allocate(capacity: 480)
        buffer.initialize(repeating: 7_000, count: 480)
        defer { buffer.deallocate() }
        let card = CardFunctions(
            context: buffer, sampleRate: 48_000, capture: { _, _, count in count }, play: { _, _, count in count },
            capturePosition: { _, _, _ in 0 }, playPosition: { _, _, _ in 0 })
        let gain = CardGain(card, rxDB: 3, txDB: -3)
        let functions = gain.functions
        var counted = partyline_probe()
        for tick in 0..<200 {
            partyline_probe_start()
            _ = functions.capture(functions.context, buffer, 480)
            _ = functions.play(functions.context, buffer, 480)
            let probe = partyline_probe_stop()
            guard tick > 0 else { continue }
            counted.allocations += probe.allocations
            counted.frees += probe.frees
            counted.locks += probe.locks
        }
        #expect(buffer[0] == 32_767)
        #expect(counted.allocations == 0 && counted.frees == 0 && counted.locks == 0)
        withExtendedLifetime(gain) {}
    }

    @Test func `the doctor tells of a telephone, other questions are refused with what to do`() throws {
        let (media, sink, device) = (NotingMedia(), NotingSink(), WishedDevice())
        nonisolated(unsafe) let shared = device
        var line = LineDescription(name: "hall", preset: "alsa-fxs", pcm: "x", ctl: "x")
        line.extension = "21"
        line.rxGainDB = 3
        let house = StationHouse(
            media: media, ports: media, sink: sink, tones: .standard,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            open: { _, _ throws(LineError) in shared }, post: { _, _ in })
        let numbers = NumberSpace(emergencyNumbers: [], extensions: ["21"], roomNumbers: nil, outsideNumbers: nil)
        let station = LineStation(
            number: 0, line: line, profile: try #require(LineProfiles.named("alsa-fxs")),
            plan: StationStateMachine.Plan(numbers: numbers, route: nil), neighbourhood: 0, house: house)
        func doctor() -> String {
            if case .told(let words) = station.answer(.doctor) { words } else { "" }
        }
        #expect(doctor().contains("device: not there"))
        station.expire(now: 0)
        #expect(doctor().contains("line hall: on-hook, extension 21") && doctor().contains("gain: 3.0 dB"))
        #expect(doctor().contains("digits: none since the start"))
        device.offHook = true
        station.deviceReadable(now: 1_000)
        station.expire(now: 1_500)
        let port = try #require(media.openPorts.first)
        station.handle(.digit(port, .five), now: 2_000)
        #expect(doctor().contains("lifted 1,") && doctor().contains("digits: 1 as tones, the last one 5"))
        #expect(doctor().contains("clock: 12 ppm off ours") && doctor().contains("3 underruns, 1 overruns"))
        device.offHook = false
        station.deviceReadable(now: 4_000)
        station.expire(now: 8_000)
        // What the card had counted is known after the call.
        #expect(media.openPorts.isEmpty && doctor().contains("clock: 12 ppm off ours"))
        for question in [LandlineQuestion.test, .learn, .accept, .forget] {
            guard case .refused(let obstacle) = station.answer(question) else {
                Issue.record("\(question)")
                continue
            }
            #expect(obstacle.description.contains("is a telephone") && obstacle.description.contains("doctor"))
        }
    }
}
