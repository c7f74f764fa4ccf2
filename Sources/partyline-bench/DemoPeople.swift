// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit

/// Somebody with a telephone who can enter a room, speak, and tell what he heard.
protocol DemoPerson: Sendable {
    var name: String { get }
    /// Samples a second of what he speaks and hears.
    var rate: Int { get }
    /// Calls and types the room number; says in words what happens.
    func enter(room: String, tell: @Sendable (String) -> Void) async throws
    func speak(_ samples: [Int16])
    /// Everything heard since the last `startListening`.
    func startListening()
    func heard() -> [Int16]
    func leave() async
}

/// What went wrong in the demo, for a newcomer.
struct DemoFault: Error, CustomStringConvertible {
    let description: String

    init(_ text: String) {
        description = text
    }
}

/// A SIP caller who goes through the greeting like anybody from outside.
final class DemoSIPCaller: DemoPerson {
    let name: String
    let caller: SIPCaller

    init(_ name: String, _ crew: CallerThread, _ server: SocketAddress) throws {
        self.name = name
        caller = try crew.caller(name.lowercased(), server: server)
    }

    var rate: Int { caller.codec.rate }

    func enter(room: String, tell: @Sendable (String) -> Void) async throws {
        tell("\(name) (SIP) calls sip:welcome@\(caller.serverText)")
        caller.call("welcome")
        try await caller.answered(within: 10)
        try await Task.sleep(nanoseconds: 2_500_000_000)
        let level = AudioAnalysis.levelDBm0(caller.heard.tail(seconds: 1.5)[...])
        tell("\(name) is answered, hears the greeting (\(BenchOutput.number(level, 0)) dBm0) and types \(room)#")
        caller.press(room + "#")
        await caller.pressed()
    }

    func speak(_ samples: [Int16]) { caller.speak(samples, loop: true) }
    func startListening() { caller.clearRecordings() }
    func heard() -> [Int16] { caller.heard.samples }

    func leave() async {
        caller.hangUp()
        _ = await caller.wait(3) { $0.isOver }
    }
}
