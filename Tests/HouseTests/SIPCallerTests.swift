// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Testing

/// The test caller against sipp's answering side with its RTP echo: another person's SIP.
@Suite(.serialized) struct SIPCallerTests {
    @Test(.enabled(if: Tool.sipp != nil, "sipp is not installed (apt-get install sip-tester)"))
    func `a caller is answered by sipp, hears its own echo, and hangs up`() async throws {
        let echo = try Tool.start(
            Tool.sipp, ["-sn", "uas", "-i", "127.0.0.1", "-p", "34010", "-mp", "34020", "-rtp_echo", "-nostdin"])
        defer { echo.end() }
        let crew = try CallerThread()
        defer { crew.stop() }
        let anna = try crew.caller("anna", server: SocketAddress("127.0.0.1", 34010))
        anna.setPhase(nanoseconds: 3_000_000)
        anna.call("echo")
        try await anna.answered(within: 5)
        #expect(anna.answers == [200])
        let voice = Voice(2).samples(seconds: 1.5)
        anna.speak(voice)
        try await Task.sleep(nanoseconds: 1_800_000_000)
        let level = AudioAnalysis.presence(of: voice, in: anna.heard.samples).levelDB
        #expect(abs(level) < 0.5)
        #expect(anna.sent.packets.count > 70)
        anna.hangUp()
        #expect(await anna.wait(3) { $0 == .over(.hungUpByUs) })
    }

    @Test func `a caller whom nobody answers knows it`() async throws {
        let crew = try CallerThread()
        defer { crew.stop() }
        let anna = try crew.caller("anna", server: SocketAddress("127.0.0.1", 34999))
        anna.call("nobody")
        #expect(await anna.wait(0.5) { $0.isOver } == false)
        anna.cancel()
        #expect(anna.phase == .ending)
    }
}
