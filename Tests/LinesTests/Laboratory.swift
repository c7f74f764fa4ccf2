// SPDX-License-Identifier: Apache-2.0
import CALSA
import CLinux
import Foundation
import Glibc
import Media
import Synchronization
import Telephony

@testable import Lines

/// One virtual line card for all tests of this process: alsa-lib reads its configuration once.
enum Laboratory {
    static let card: Result<VirtualCard, LineError> = {
        let folder = NSTemporaryDirectory() + "/partyline-lines-\(getpid())"
        do throws(LineError) {
            let card = try VirtualCard(folder: folder, plugins: nil)
            try card.adopt()
            return .success(card)
        } catch {
            return .failure(error)
        }
    }()

    private static let numbers = Mutex(0)

    /// A fresh line with a name of its own.
    static func line(sampleRate: Int = 16_000, isManual: Bool = true) throws -> VirtualLine {
        let number = numbers.withLock { numbers in
            numbers += 1
            return numbers
        }
        return try card.get().addLine(named: "t\(number)", sampleRate: sampleRate, isManual: isManual)
    }

    /// Bounded wait in real time, for what other threads do.
    static func eventually(milliseconds: Int = 3_000, _ isTrue: () throws -> Bool) async rethrows -> Bool {
        for _ in 0..<(milliseconds / 5) {
            if try isTrue() { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return try isTrue()
    }

    static func card(
        on line: VirtualLine, sampleRate: Int? = nil, periodMilliseconds: Double = 5
    ) throws -> ALSACard {
        try ALSACard(
            device: VirtualCard.device(of: line.name), sampleRate: sampleRate ?? line.sampleRate,
            periodMilliseconds: periodMilliseconds, isVirtualTime: line.isManual)
    }
}

/// The mix thread's side of a card, by hand.
struct HandTurnedCard {
    let functions: CardFunctions

    init(_ card: ALSACard) { functions = card.functions }

    func capture(_ count: Int) -> (result: Int, samples: [Int16]) {
        var samples = [Int16](repeating: 0, count: count)
        let result = functions.capture(functions.context, &samples, Int32(count))
        return (Int(result), Array(samples.prefix(max(0, Int(result)))))
    }

    func play(_ samples: [Int16]) -> Int { Int(functions.play(functions.context, samples, Int32(samples.count))) }

    func capturePosition(now: Int64 = 0) -> CardPosition? {
        var position = CardPosition()
        return functions.capturePosition(functions.context, now, &position) == 0 ? position : nil
    }

    func playPosition(now: Int64 = 0) -> CardPosition? {
        var position = CardPosition()
        return functions.playPosition(functions.context, now, &position) == 0 ? position : nil
    }
}

/// Samples that tell their own place: no two stretches within eight seconds at 8 kHz are alike.
func signature(_ range: Range<Int64>) -> [Int16] {
    let start = Int(range.lowerBound & 0xFFFF)
    return Array(signatures[start..<start + range.count])
}

/// Twice a table of 65536, so that a stretch of up to that length is one slice.
private let signatures: [Int16] = {
    var state: UInt32 = 0x2545_F491
    let once = (0..<65_536).map { _ in
        state ^= state << 13
        state ^= state >> 17
        state ^= state << 5
        return Int16(truncatingIfNeeded: state)
    }
    return once + once
}()
