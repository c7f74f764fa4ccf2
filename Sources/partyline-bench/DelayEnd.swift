// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit

/// One side of a delay measurement: what it said and heard, sample by sample, on one clock.
protocol DelayEnd: Sendable {
    var name: String { get }
    var rate: Int { get }
    /// Enters a room and returns when in it.
    func enter(_ room: String) async throws
    /// Says samples once, from now on; silence afterwards.
    func say(_ samples: [Int16])
    func forget()
    var sent: Recording { get }
    var heard: Recording { get }
    func leave() async
    /// Gaps of the sound card, where it has one.
    var gaps: Int { get }
}

/// A SIP phone with a phase by chance.
final class SIPDelayEnd: DelayEnd {
    let caller: SIPCaller

    init(_ name: String, _ crew: CallerThread, _ server: SocketAddress, milliseconds: Int) throws {
        caller = try crew.caller(name, server: server, milliseconds: milliseconds)
    }

    var name: String { "SIP" }
    var rate: Int { caller.codec.rate }

    func enter(_ room: String) async throws {
        caller.call("conf_\(room)")
        try await caller.answered(within: 8)
    }

    func say(_ samples: [Int16]) { caller.speak(samples) }
    func forget() { caller.clearRecordings() }
    var sent: Recording { caller.sent }
    var heard: Recording { caller.heard }
    var gaps: Int { 0 }

    func leave() async {
        caller.hangUp()
        _ = await caller.wait(3) { $0.isOver }
    }
}
