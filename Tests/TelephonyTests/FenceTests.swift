// SPDX-License-Identifier: Apache-2.0

import Patterns
import Telephony
import Testing

struct WholePattern: DestinationPattern {
    let pattern: Pattern

    init(_ text: String) throws { pattern = try Pattern(text) }

    func matchesWhole(_ destination: String) -> Bool { (try? pattern.matches(destination)) ?? false }
    func canGoOn(from digits: String) -> Bool { pattern.canGoOn(from: digits) }
}

@Suite struct FenceTests {
    static func options(minutes: Int = 10, calls: Int = 2, code: String = "") throws -> FenceOptions {
        FenceOptions(
            allowed: [try WholePattern("0[1-9][0-9]+")], barred: [try WholePattern("0900.*")], hosts: ["192.0.2.9"],
            minutesPerDay: minutes, mostCalls: calls, code: code, ownNumbers: ["4930123"], ownHosts: ["192.0.2.1"])
    }

    private func judge(
        _ fence: inout Fence, _ number: String, _ options: FenceOptions, for party: Fence.Party = .house, day: Int = 1,
        now: Int64 = 0
    ) -> Fence.Verdict {
        fence.judge(.number(number), for: party, by: options, day: day, now: now)
    }

    @Test func `nothing leaves the house by default`() {
        var fence = Fence()
        for number in ["0301234567", "1", "+4930", ""] {
            #expect(judge(&fence, number, .closed) == .refused(.notAllowed))
        }
        let address = Fence.Destination.address(user: "a", host: "example.com")
        #expect(fence.judge(address, for: .house, by: .closed, day: 1, now: 0) == .refused(.notAllowed))
    }

    @Test func `numbers and hosts are allowed and barred by pattern, and one's own are a loop`() throws {
        let options = try Self.options()
        var fence = Fence()
        #expect(judge(&fence, "0301234567", options) == .allowed)
        #expect(judge(&fence, "0900123", options) == .refused(.barred))
        #expect(judge(&fence, "00491234", options) == .refused(.notAllowed))
        #expect(judge(&fence, "+4930123", options) == .refused(.loop))
        for (host, verdict) in [
            ("192.0.2.9", Fence.Verdict.allowed), ("192.0.2.8", .refused(.notAllowed)), ("192.0.2.1", .refused(.loop)),
        ] {
            let address = Fence.Destination.address(user: "a", host: host)
            #expect(fence.judge(address, for: .house, by: options, day: 1, now: 0) == verdict)
        }
    }

    @Test func `so many calls at a time, and so many minutes a day`() throws {
        let options = try Self.options(minutes: 10, calls: 2)
        var fence = Fence()
        fence.began(CallID(1), to: "0301")
        fence.began(CallID(2), to: "0302")
        #expect(judge(&fence, "0303", options) == .refused(.tooManyCalls))
        fence.answered(CallID(1), now: 0)
        fence.answered(CallID(2), now: 60_000)
        // Two calls use what is left twice as fast.
        #expect(fence.exhausted(by: options, now: 60_000) == Int64(330_000))
        #expect(fence.ended(CallID(2), now: 120_000) == true)
        #expect(judge(&fence, "0303", options, now: 120_000) == .allowed)
        #expect(judge(&fence, "0303", options, now: 540_000) == .refused(.noMinutes))
        #expect(fence.ended(CallID(1), now: 540_000) == true)
        #expect(fence.ledger.seconds == 600)
        #expect(judge(&fence, "0303", options, now: 541_000) == .refused(.noMinutes))
        #expect(judge(&fence, "0303", options, day: 2, now: 542_000) == .allowed)
    }

    @Test func `a restart does not give the minutes back, and an unanswered call costs nothing`() throws {
        let options = try Self.options(minutes: 1)
        var fence = Fence()
        _ = judge(&fence, "0301", options)
        fence.began(CallID(1), to: "0301")
        #expect(fence.ended(CallID(1), now: 50_000) == false)
        fence.began(CallID(1), to: "0301")
        fence.answered(CallID(1), now: 0)
        fence.ended(CallID(1), now: 59_500)
        var restarted = Fence(ledger: fence.ledger)
        #expect(judge(&restarted, "0301", options) == .refused(.noMinutes))
    }

    @Test func `somebody from outside needs a code, and without one there is none`() throws {
        var fence = Fence()
        let closed = try Self.options()
        let open = try Self.options(code: "4829")
        #expect(judge(&fence, "0301", closed, for: .outside(hasCode: true)) == .refused(.noCode))
        #expect(judge(&fence, "0301", open, for: .outside(hasCode: false)) == .needsCode)
        #expect(judge(&fence, "0301", open, for: .outside(hasCode: true)) == .allowed)
        #expect(judge(&fence, "0900", open, for: .outside(hasCode: false)) == .refused(.barred))
    }

    @Test func `a call that comes back is known`() throws {
        let options = try Self.options()
        var fence = Fence()
        fence.began(CallID(1), to: "0301234")
        #expect(fence.isLoop(from: "+4930123", to: "4930123", by: options))
        #expect(fence.isLoop(from: "4930123", to: "0301234", by: options))
        #expect(!fence.isLoop(from: "0177", to: "4930123", by: options))
        fence.answered(CallID(1), now: 0)
        #expect(!fence.isLoop(from: "4930123", to: "4930123", by: options))
    }

    @Test func `who guesses at the code waits twice as long after each call in vain`() {
        var guardian = CodeGuard()
        #expect(guardian.wait("a", now: 0) == 0)
        #expect((0..<4).map { guardian.failed("a", now: Int64($0)) } == [30_000, 60_000, 120_000, 240_000])
        #expect(guardian.wait("a", now: 240_002) == 1 && guardian.wait("b", now: 0) == 0)
        for _ in 0..<40 { guardian.failed("a", now: 300_000) }
        #expect(guardian.wait("a", now: 300_000) == CodeGuard.longestDelay)
        // What is kept does not grow with the number of sources.
        for other in 0..<2_000 { guardian.failed("c\(other)", now: 300_000 + Int64(other)) }
        #expect(guardian.wait("c1999", now: 302_000) > 0 && guardian.wait("c0", now: 300_001) == 0)
        #expect(guardian.wait("a", now: 300_000) > 0, "the longest wait is kept longest")
        guardian.succeeded("a")
        #expect(guardian.wait("a", now: 300_000) == 0)
    }

    @Test func `the code is right, wrong three times, or begun anew`() {
        func press(_ keys: String, _ dialog: inout CodeDialog) -> [CodeDialog.Outcome] {
            keys.compactMap { DTMFDigit($0) }.map { dialog.press($0) }
        }
        var right = CodeDialog(code: "4829")
        #expect(press("48*4829", &right).last == .right)
        var wrong = CodeDialog(code: "4829")
        #expect(press("1#", &wrong).last == .wrong)
        #expect(press("1234", &wrong).last == .wrong)
        #expect(press("#", &wrong).last == .givenUp)
        var none = CodeDialog(code: "")
        #expect(press("#", &none).last != .right)
    }
}
