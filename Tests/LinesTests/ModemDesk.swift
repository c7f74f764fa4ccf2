// SPDX-License-Identifier: Apache-2.0
import PartylineTestKit
import Telephony
import Testing

@testable import Lines

/// The real transport on a pseudo-terminal with a fake modem behind it, in virtual time. One thread only.
final class ModemDesk {
    let modem: FakeModem
    private(set) var transport: V253Transport
    var signals: [LineSignal] = []
    var now: Int64 = 0
    private let country: String?

    init(_ maker: FakeModem.Maker, country: String? = nil) throws {
        modem = try FakeModem(maker)
        self.country = country
        transport = try V253Transport(path: modem.path, country: country)
    }

    /// As after a fault, or by the next daemon.
    func reopen() throws { transport = try V253Transport(path: modem.path, country: country) }

    /// 20 ms on both sides.
    func step() throws {
        now += 20
        modem.step()
        try turn()
    }

    func turn() throws {
        signals += try transport.read(now: now)
        for _ in 0..<8 {
            guard let deadline = transport.deadline, now >= deadline else { return }
            signals += try transport.expire(now: now)
        }
        Issue.record("the deadline is never over: the thread would not sleep")
    }

    func pass(_ milliseconds: Int64) throws {
        let end = now + milliseconds
        while now < end { try step() }
    }

    /// What the transport fails with within so many milliseconds, and after how many.
    func fault(within milliseconds: Int64) -> (words: String, after: Int64)? {
        let begin = now
        do {
            try pass(milliseconds)
            return nil
        } catch {
            return ("\(error)", now - begin)
        }
    }

    /// Until it is ready for calls.
    func begin() throws {
        try pass(900)
        #expect(transport.state == .onHook && transport.isReady)
    }

    /// Until it is in a call.
    func call() throws {
        transport.perform(.seize(true), now: now)
        try pass(300)
        #expect(transport.state == .talking && modem.isOffHook && modem.isDuplex)
    }
}
