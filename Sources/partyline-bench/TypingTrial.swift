// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony

/// Callers behind a lossy network who type a room number into the greeting; the roster tells where they ended.
struct TypingTrial {
    struct Result: Codable {
        var lossPercent: Double
        var calls: Int
        var right: Int
        var isGood: Bool { lossPercent > 5 ? right * 100 >= calls * 99 : right == calls }
    }

    let crew: CallerThread
    let server: SocketAddress
    let control: ControlClient
    private static let atOnce = 10

    func run(calls: Int, lossPercent: Double, seed: UInt64) async throws -> Result {
        var random = SplitMix(seed: seed)
        var right = 0
        var done = 0
        while done < calls {
            let count = min(Self.atOnce, calls - done)
            let numbers = (0..<count).map { index in
                // Few different digits, so that equal ones follow each other; the last ones tell the callers apart.
                (0..<4).map { _ in String(5 + random.next() % 3) }.joined() + "\(index)\(1 + random.next() % 9)"
            }
            right += try await batch(numbers, lossPercent, seed: seed &+ UInt64(done))
            done += count
            BenchOutput.note("typed \(done), right \(right)")
        }
        return Result(lossPercent: lossPercent, calls: calls, right: right)
    }

    private func batch(_ numbers: [String], _ lossPercent: Double, seed: UInt64) async throws -> Int {
        var callers: [(SIPCaller, MediaRelay)] = []
        defer { for (_, relay) in callers { relay.stop() } }
        for (index, number) in numbers.enumerated() {
            let relay = try MediaRelay(outward: .loss(lossPercent), seed: seed &* 31 &+ UInt64(index))
            let caller = try crew.caller("typist\(index)", server: server)
            caller.relay = relay
            caller.call("welcome")
            callers.append((caller, relay))
            try await caller.answered(within: 8)
            _ = number
        }
        try await Task.sleep(nanoseconds: 1_500_000_000)
        for (index, (caller, _)) in callers.enumerated() { caller.press(numbers[index] + "#") }
        for (caller, _) in callers { await caller.pressed(within: 10) }
        var right = 0
        for _ in 0..<40 {
            try await Task.sleep(nanoseconds: 100_000_000)
            right =
                numbers.filter { number in
                    ((try? control.get("/v1/rooms/\(number)", as: RoomReport.self))?.participants.count ?? 0) == 1
                }.count
            if right == numbers.count { break }
        }
        for (caller, _) in callers { caller.hangUp() }
        for (caller, _) in callers { _ = await caller.wait(3) { $0.isOver } }
        return right
    }
}
