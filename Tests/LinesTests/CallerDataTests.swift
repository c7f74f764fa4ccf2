// SPDX-License-Identifier: Apache-2.0
import CSpanDSP
import Foundation
import Signals
import Synchronization
import Telephony
import Testing

@testable import Lines

/// What the telephone of a line hears before it is lifted, as data.
@Suite struct CallerDataTests {
    /// What was played to the idle telephone, and while the bell was silent.
    private func told(
        _ kind: String, number: String = "0301234567"
    ) throws -> (samples: [Int16], rangBefore: Bool, ringsMeanwhile: Bool) {
        var country = StationCountry()
        country.callerID = kind
        country.date = { "11300655" }
        let house = Household(country: country)
        _ = house.call("21", from: number)
        var rangBefore = false
        for _ in 0..<400 {
            rangBefore = rangBefore || house.rings("21")
            let data = house.media.state.withLock { state in
                state.players.values.compactMap { if case .samples(let samples, 8_000) = $0 { samples } else { nil } }
            }
            if let samples = data.first {
                #expect(house.heard("21") == ["data"])
                let rings = house.rings("21")
                house.pass(Int64(samples.count / 8) + 300)
                #expect(house.heard("21").isEmpty && house.media.openPorts.isEmpty, "the port is closed again")
                house.pass(5_000)
                house.lift("21")
                #expect(house.state("21") == "in call")
                return (samples, rangBefore, rings)
            }
            house.pass(10)
        }
        return ([], rangBefore, false)
    }

    @Test(arguments: ["bell202", "v23", "v23-reversal", "dtmf"])
    func `our own receiver reads number and name of every kind`(kind: String) throws {
        let told = try told(kind)
        #expect(!told.ringsMeanwhile)
        #expect(told.rangBefore == (kind == "bell202" || kind == "v23"))
        let receiver = CallerIDReceiver()
        // The line goes on after it.
        let samples = told.samples + [Int16](repeating: 0, count: 800)
        let caller = try #require(
            samples.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.flatMap { receiver.process($0, count: buffer.count) }
            })
        #expect(caller.number == "0301234567")
        #expect(caller.name == (kind == "dtmf" ? "" : "Erika"))
        #expect(caller.kind.rawValue == kind.replacingOccurrences(of: "-reversal", with: ""))
        #expect(kind == "dtmf" || caller.date == "11300655")
    }

    @Test(arguments: ["bell202", "v23", "v23-reversal", "dtmf"])
    func `spandsp reads them as well`(kind: String) throws {
        let fields = try SpanDSPJudge.fields(told(kind).samples + [Int16](repeating: 0, count: 8_000), kind)
        #expect(fields.contains("0301234567"), "\(fields)")
        #expect(kind == "dtmf" || fields.contains("Erika"), "\(fields)")
    }

    @Test func `who does not want to be shown is not, and a line may have no data at all`() throws {
        let told = try told("v23", number: "anonymous")
        let receiver = CallerIDReceiver()
        let caller = told.samples.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { receiver.process($0, count: buffer.count) }
        }
        #expect(caller?.absence == .withheld && caller?.number == "")
        #expect(try self.told("none").samples.isEmpty)
        #expect(try self.told("v23-jp").samples.isEmpty, "it needs a line that reverses its polarity and is seized")
    }

    @Test func `lifting in the middle of the data answers`() {
        var country = StationCountry()
        country.callerID = "v23"
        let house = Household(country: country)
        house.lift("22")
        house.press("22", "21#")
        house.pass(1_600)
        #expect(house.heard("21") == ["data"] && !house.rings("21"))
        house.lift("21")
        #expect(house.heard("21") == ["22"] && house.heard("22") == ["21"])
        house.hangUp("21")
        house.hangUp("22")
        #expect(house.isQuiet)
    }
}

/// spandsp's receiver as a foreign judge.
private enum SpanDSPJudge {
    private final class Box { var messages: [[UInt8]] = [] }

    private static let put: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, Int32) -> Void = {
        box, bytes, length in
        guard let box, let bytes, length > 0 else { return }
        Unmanaged<Box>.fromOpaque(box).takeUnretainedValue().messages.append(
            Array(UnsafeBufferPointer(start: bytes, count: Int(length))))
    }

    /// The texts of the first message's fields.
    static func fields(_ samples: [Int16], _ kind: String) throws -> [String] {
        // Its numbers of the standards: CLASS, CLIP, CLIP by DTMF.
        let standard: Int32 = kind == "bell202" ? 1 : kind == "dtmf" ? 5 : 2
        let box = Box()
        let state = try #require(adsi_rx_init(nil, standard, put, Unmanaged.passUnretained(box).toOpaque()))
        defer { adsi_rx_free(state) }
        samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: 160) {
                _ = adsi_rx(state, base + start, Int32(min(160, buffer.count - start)))
            }
        }
        let message = try #require(box.messages.first { $0.count >= 8 })
        var texts: [String] = []
        message.withUnsafeBufferPointer { bytes in
            var position: Int32 = -1
            for _ in 0..<16 {
                var type: UInt8 = 0
                var body: UnsafePointer<UInt8>?
                var length: Int32 = 0
                position = adsi_next_field(
                    state, bytes.baseAddress, Int32(bytes.count), position, &type, &body, &length)
                guard position > 0 else { return }
                if let body, length > 0 {
                    texts.append(
                        String(decoding: UnsafeBufferPointer(start: body, count: Int(length)), as: UTF8.self))
                }
            }
        }
        return texts
    }
}
