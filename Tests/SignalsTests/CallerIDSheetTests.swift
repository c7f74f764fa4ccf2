// SPDX-License-Identifier: Apache-2.0
// The data sheet of CallerIDReceiver, next to spandsp's ADSI receivers on the same signals, and each with the other's sender.

import CSpanDSP
import Foundation
import PartylineTestKit
import Testing

@testable import Signals

@Suite struct CallerIDSheetTests {
    private var caller: CallerID {
        var caller = CallerID(kind: .bell202)
        caller.number = "0301234567"
        caller.name = "Erika Mustermann"
        caller.date = "11241830"
        return caller
    }

    private func heard(_ samples: [Int16]) -> [CallerID] {
        let receiver = CallerIDReceiver()
        var found: [CallerID] = []
        samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: 80) {
                if let caller = receiver.process(base + start, count: min(80, buffer.count - start)) {
                    found.append(caller)
                }
            }
        }
        return found
    }

    /// Ring that ends, a click of the polarity reversal, the message, noise over all of it.
    private func line(
        _ message: [Int16], attenuation: Double, noise: Double, generator: inout SeededGenerator
    ) -> [Int16] {
        let gain = pow(10, -attenuation / 20)
        let ring = Laboratory.sine(25, rate: 8000, count: 1_600, dBm0: -6)
        var samples = ring + [Int16](repeating: 0, count: 2_000 + Int.random(in: 0..<97, using: &generator))
        samples[samples.count - 1_000] = 20_000
        samples[samples.count - 999] = -14_000
        let rms = Laboratory.rms(message) * gain * pow(10, -noise / 20)
        samples += message.map { Int16(Double($0) * gain) } + [Int16](repeating: 0, count: 1_600)
        return Laboratory.added(samples, Laboratory.noise(samples.count, rms: rms, generator: &generator))
    }

    @Test func `callers are understood at ten decibels above the noise and far below the nominal level`() throws {
        var sheet = DataSheet(
            "caller-id", "Caller-ID",
            """
            Messages understood of 100 each (number, name and date; the number only for DTMF), after the end of a ring and a \
            click, white noise of 0 … 4 kHz; in brackets spandsp's receiver of that one standard on the same signals. \
            `CallerIDReceiver` listens to all standards at once. Not weakened it is -13.5 dBm0, 26 dB weaker about -40. Goal: 99 of \
            100 down to noise 10 dB below, at every level.
            """)
        let points: [(String, Double, Double)] = [
            ("noise 15 dB below", 0, 15), ("10 dB", 0, 10), ("8 dB", 0, 8), ("6 dB", 0, 6),
            ("20 dB weaker, noise 30 dB below", 20, 30), ("26 dB weaker, noise 10 dB below", 26, 10),
            ("30 dB weaker, noise 20 dB below", 30, 20),
        ]
        sheet.table(["kind"] + points.map(\.0) + ["told wrongly, of all down to 8 dB"])
        for way in CallerIDSender.Way.allCases {
            let message = CallerIDSender.samples(caller, way, isSingle: false, sampleRate: 8000)
            var generator = SeededGenerator(state: 6)
            var cells: [String] = []
            var wrong = 0
            for (name, attenuation, noise) in points {
                var (ours, theirs) = (0, 0)
                for _ in 0..<100 {
                    let samples = line(message, attenuation: attenuation, noise: noise, generator: &generator)
                    let found = heard(samples).last
                    if found?.number == caller.number, way == .dtmf || found?.name == caller.name {
                        ours += 1
                    } else if found != nil, noise >= 8 {
                        wrong += 1
                    }
                    if SpanDSPCallerID.understands(samples, way) { theirs += 1 }
                }
                cells.append("\(ours) (\(theirs))")
                guard noise >= 10 else { continue }
                let goal = Goal.atLeast(99).butReached(
                    95...99, "Two wrong bits of some 300, or one in the length, spoil it.")
                sheet.hold("\(way.rawValue), \(name)", Double(ours), to: goal)
            }
            sheet.row([way.rawValue] + cells + ["\(wrong)"])
            sheet.hold("\(way.rawValue), told wrongly", Double(wrong), to: .atMost(2))
        }
        try sheet.finish()
    }

    @Test func `withheld numbers, names and short messages are told as they are`() throws {
        var secret = CallerID(kind: .v23)
        secret.absence = .withheld
        for way in CallerIDSender.Way.allCases {
            let found = try #require(heard(CallerIDSender.samples(secret, way, isSingle: false, sampleRate: 8000)).last)
            #expect(found.number.isEmpty)
            #expect(found.absence == .withheld)
        }
        let short = heard(CallerIDSender.samples(caller, .bell202, isSingle: true, sampleRate: 8000))
        #expect(short.count == 1)
        #expect(short.first?.number == caller.number)
        #expect(short.first?.date == caller.date)
        #expect(short.first?.kind == .bell202)
        #expect(heard(CallerIDSender.samples(caller, .v23, isSingle: false, sampleRate: 8000)).first?.kind == .v23)
    }

    @Test func `what spandsp sends is understood, Japan's too, and it understands us`() throws {
        for (standard, name) in [(1, "CLASS"), (2, "CLIP"), (4, "JCLIP")] {
            let samples = SpanDSPCallerID.samples(standard: Int32(standard), number: "0312345678")
            let found = try #require(heard(samples).last, "\(name)")
            #expect(found.number == "0312345678", "\(name)")
            if standard == 4 { #expect(found.kind == .v23JP) }
        }
        for way in [CallerIDSender.Way.bell202, .v23] {
            #expect(
                SpanDSPCallerID.understands(
                    CallerIDSender.samples(caller, way, isSingle: false, sampleRate: 8000), way), "\(way)")
        }
    }

    @Test func `Japan's message is understood by spandsp, parity and CRC, and by us`() throws {
        let samples =
            [Int16](repeating: 0, count: 1_600) + CallerIDSender.japanese(caller, sampleRate: 8000)
            + [Int16](repeating: 0, count: 1_600)
        #expect(SpanDSPCallerID.understands(samples, standard: 4))
        let found = try #require(heard(samples).last)
        #expect(found.kind == .v23JP && found.number == caller.number)
        var secret = CallerID(kind: .v23JP)
        secret.absence = .withheld
        #expect(heard(CallerIDSender.japanese(secret, sampleRate: 8000) + [0, 0, 0]).last?.absence == .withheld)
    }

    @Test func `a bit that was heard in doubt is mended by the checksum, a clear one or a second one is not`() {
        let bytes = CallerIDMessage.multiple(caller)
        func told(_ wrong: [(place: Int, bit: UInt8, clearness: Float)]) -> CallerID? {
            var framer = CallerIDFramer()
            var found: CallerID?
            for (place, byte) in bytes.enumerated() {
                let here = wrong.first { $0.place == place }
                let mask: UInt8 = here.map { 1 << $0.bit } ?? 1
                let character = CallerIDFramer.Character(
                    byte: here == nil ? byte : byte ^ mask, marks: place == 0 ? 80 : 1, clearness: 0.8,
                    doubt: (mask, here?.clearness ?? 0.8))
                found = framer.hear(character, kind: .v23) ?? found
            }
            return found
        }
        #expect(told([])?.number == caller.number)
        for place in 2..<bytes.count {
            for bit in UInt8(0)..<8 {
                #expect(told([(place, bit, 0.1)])?.number == caller.number, "\(place) \(bit)")
                #expect(told([(place, bit, 0.9)]) == nil, "\(place) \(bit)")
            }
        }
        #expect(told([(6, 1, 0.1), (9, 2, 0.1)]) == nil)
        // A wrong length is not mended.
        #expect(told([(1, 0, 0.1)]) == nil)
    }

    @Test func `random bytes and speech are nobody`() throws {
        var generator = SeededGenerator(state: 14)
        for _ in 0..<200 {
            var framer = CallerIDFramer()
            for _ in 0..<400 {
                let character = CallerIDFramer.Character(
                    byte: .random(in: 0...255, using: &generator), marks: .random(in: 0...200, using: &generator),
                    clearness: 0.9,
                    doubt: (1 << UInt8.random(in: 0..<8, using: &generator), .random(in: 0...1, using: &generator)))
                _ = framer.hear(character, kind: .v23)
            }
            let data = (0..<Int.random(in: 0..<80, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = CallerIDMessage.parse(0x80, data, kind: .v23)
            _ = CallerIDMessage.parseJapanese(data)
        }
        let hour = try Concert.hour()
        #expect(heard(Array(hour.speech.prefix(8000 * 600))).isEmpty)
        #expect(heard(Array(hour.music.prefix(8000 * 600))).isEmpty)
    }
}

private enum SpanDSPCallerID {
    private final class Box { var lengths: [Int] = [] }

    private static let put: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, Int32) -> Void = {
        box, _, length in
        guard let box, length > 0 else { return }
        Unmanaged<Box>.fromOpaque(box).takeUnretainedValue().lengths.append(Int(length))
    }

    static func understands(_ samples: [Int16], _ way: CallerIDSender.Way) -> Bool {
        switch way {
        case .bell202: understands(samples, standard: 1)
        case .v23, .v23Reversal: understands(samples, standard: 2)
        case .dtmf: understands(samples, standard: 5)
        }
    }

    static func understands(_ samples: [Int16], standard: Int32) -> Bool {
        let box = Box()
        guard let state = adsi_rx_init(nil, standard, put, Unmanaged.passUnretained(box).toOpaque()) else {
            return false
        }
        defer { adsi_rx_free(state) }
        samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: 160) {
                _ = adsi_rx(state, base + start, Int32(min(160, buffer.count - start)))
            }
        }
        return box.lengths.contains { $0 >= 8 }
    }

    static func samples(standard: Int32, number: String) -> [Int16] {
        guard let state = adsi_tx_init(nil, standard) else { return [] }
        defer { adsi_tx_free(state) }
        var message = [UInt8](repeating: 0, count: 256)
        let digits = Array(number.utf8)
        // Message and field types of each standard: set-up and number.
        let (type, field): (UInt8, UInt8) = standard == 4 ? (0x40, 0x02) : (0x80, 0x02)
        var length = adsi_add_field(state, &message, -1, type, nil, 0)
        length = adsi_add_field(state, &message, length, field, digits, Int32(digits.count))
        guard adsi_tx_put_message(state, message, length) > 0 else { return [] }
        var samples = [Int16](repeating: 0, count: 16_000)
        let made = samples.withUnsafeMutableBufferPointer { adsi_tx(state, $0.baseAddress, Int32($0.count)) }
        return [Int16](repeating: 0, count: 800) + samples.prefix(Int(made)) + [Int16](repeating: 0, count: 800)
    }
}
