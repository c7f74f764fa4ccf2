// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit

/// A phone on the virtual line card: from sample captured to sample played, on the clock of the card.
final class PhoneDelayEnd: DelayEnd {
    let handset: VirtualHandset

    init(folder: String) throws {
        handset = try VirtualHandset(path: folder)
    }

    var name: String { "phone" }
    var rate: Int { handset.rate }

    /// Lifts, waits for dial tone, dials the room.
    func enter(_ room: String) async throws {
        handset.hangUp()
        try await Task.sleep(nanoseconds: 800_000_000)
        handset.forget()
        handset.lift()
        try await waitForTone()
        await handset.press(room + "#")
        try await Task.sleep(nanoseconds: 1_000_000_000)
    }

    private func waitForTone() async throws {
        for _ in 0..<60 {
            try await Task.sleep(nanoseconds: 50_000_000)
            if AudioAnalysis.levelDBm0(handset.heard.tail(seconds: 0.1)[...]) > -30 { return }
        }
        throw DemoFault("the phone was lifted, but there was no dial tone within three seconds")
    }

    func say(_ samples: [Int16]) { handset.speak(samples) }
    func forget() { handset.forget() }
    var sent: Recording { handset.sent }
    var heard: Recording { handset.heard }
    var gaps: Int { handset.gaps }

    func leave() async {
        handset.hangUp()
        try? await Task.sleep(nanoseconds: 500_000_000)
    }
}
