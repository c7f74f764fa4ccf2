// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony

/// One line of `partyline-bench network`: a talker behind a relay and a listener without one, in a room of their own.
struct NetworkTrial {
    enum Course {
        /// The network is as bad as it is all the time.
        case steady
        /// Good, nothing for ten seconds, good.
        case outage
        /// Good, bad for three seconds, good for six.
        case burst
    }

    struct Line {
        var name: String
        var conditions: NetworkConditions
        var course = Course.steady
        var goal: String
        var isReached: @Sendable (Result) -> Bool
    }

    struct Result: Codable {
        var name: String
        var goal: String
        /// From the talker's packet as it would arrive over a perfect network to the listener's, ms.
        var delay: QuantileReport
        /// As the roster has it.
        var shownMilliseconds: Double
        var packetsLost: UInt64
        var concealedPercent: Double
        /// From the end of the trouble until sound is heard (outage), or until the delay is as before (burst).
        var backMilliseconds: Double?
        var isGood = false
    }

    static let lines: [Line] = {
        var disorder = NetworkConditions.reorder(5)
        disorder.duplicatePercent = 10
        return [
            Line(name: "perfect", conditions: .perfect, goal: "below 6 ms") { ($0.delay.p50 ?? 99) < 6 },
            Line(name: "loss 5 %", conditions: .loss(5), goal: "below 30 ms, concealed below 8 %") {
                ($0.delay.p50 ?? 99) < 30 && $0.concealedPercent < 8
            },
            Line(name: "loss 20 %", conditions: .loss(20), goal: "below 30 ms, concealed below 26 %") {
                ($0.delay.p50 ?? 99) < 30 && $0.concealedPercent < 26
            },
            Line(name: "jitter 40 ms", conditions: .jitter(40), goal: "below 60 ms, concealed below 3 %") {
                ($0.delay.p50 ?? 99) < 60 && $0.concealedPercent < 3
            },
            Line(name: "overtaking 5 %, copies 10 %", conditions: disorder, goal: "below 35 ms, concealed below 2 %") {
                ($0.delay.p50 ?? 99) < 35 && $0.concealedPercent < 2
            },
            Line(name: "outage 10 s", conditions: .outage, course: .outage, goal: "back within 60 ms") {
                ($0.backMilliseconds ?? 999) <= 60
            },
            Line(name: "burst of jitter 50 ms", conditions: .jitter(50), course: .burst, goal: "floor within 5 s") {
                ($0.backMilliseconds ?? 9999) <= 5000
            },
        ]
    }()

    let crew: CallerThread
    let server: SocketAddress
    let control: ControlClient
    let codec: CallerCodec
    let seconds: Double

    func run(_ line: Line, seed: UInt64) async throws -> Result {
        let relay = try MediaRelay(
            outward: line.course == .steady ? line.conditions : .perfect, seed: seed, priority: 46)
        defer { relay.stop() }
        let talker = try crew.caller("talker", server: server, codec: codec)
        let listener = try crew.caller("listener", server: server, codec: codec)
        talker.relay = relay
        let room = String(700_000 + Int(seed % 90_000))
        for caller in [talker, listener] {
            caller.call("conf_\(room)")
            try await caller.answered(within: 8)
        }
        let length = line.course == .steady ? seconds : line.course == .outage ? 16 : 14
        talker.speak(PseudoSpeech.samples(seconds: length + 2, rate: codec.rate, seed: seed))
        var ends: Int64 = 0
        switch line.course {
        case .steady: try await sleep(length)
        case .outage:
            try await sleep(4)
            relay.change(outward: .outage)
            try await sleep(10)
            relay.change(outward: .perfect)
            ends = MonotonicClock.now
            try await sleep(2)
        case .burst:
            try await sleep(5)
            relay.change(outward: line.conditions)
            try await sleep(3)
            relay.change(outward: .perfect)
            ends = MonotonicClock.now
            try await sleep(6)
        }
        let roster = (try? control.get("/v1/rooms/\(room)", as: RoomReport.self))?.participants
            .first { $0.media.packetsLost > 0 || $0.number == "talker" || $0.name == "talker" }?.media
        let sent = talker.sent.atTelephoneRate
        let heard = listener.heard.atTelephoneRate
        for caller in [talker, listener] {
            caller.hangUp()
            _ = await caller.wait(3) { $0.isOver }
        }
        let delays = DelayMeter.speech(from: sent, to: heard, skip: line.course == .steady ? 3 : 2)
        var result = Result(
            name: line.name, goal: line.goal, delay: QuantileReport(Percentiles(delays.map(\.milliseconds))),
            shownMilliseconds: roster?.standingDelayMilliseconds ?? .nan, packetsLost: roster?.packetsLost ?? 0,
            concealedPercent: roster?.concealedPercent ?? .nan)
        if line.course == .outage { result.backMilliseconds = Self.soundAfter(ends, sent: sent, heard: heard) }
        if line.course == .burst { result.backMilliseconds = Self.floorAfter(ends, delays) }
        result.isGood = line.isReached(result)
        return result
    }

    /// From the first packet that could come through to the first sound that is heard.
    private static func soundAfter(_ end: Int64, sent: Recording, heard: Recording) -> Double? {
        guard let first = sent.packets.first(where: { $0.time >= end }),
            let packet = heard.packets.first(where: { packet in
                packet.time >= end
                    && heard.samples[packet.position..<packet.position + packet.count].contains { abs(Int($0)) > 1000 }
            })
        else { return nil }
        return Double(packet.time - first.time) / 1e6
    }

    /// When the last delay was more than 3 ms above those before the trouble.
    private static func floorAfter(_ end: Int64, _ delays: [(time: Int64, milliseconds: Double)]) -> Double? {
        let before = Percentiles(delays.filter { $0.time < end - 3_200_000_000 }.map(\.milliseconds))
        let after = delays.filter { $0.time >= end }
        guard let floor = before.median, after.count > 50 else { return nil }
        guard let last = after.last(where: { $0.milliseconds > floor + 3 }) else { return 0 }
        return Double(last.time - end) / 1e6
    }

    private func sleep(_ seconds: Double) async throws {
        try await Task.sleep(nanoseconds: UInt64(seconds * 1e9))
    }
}
