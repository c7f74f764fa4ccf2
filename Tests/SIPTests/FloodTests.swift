// SPDX-License-Identifier: Apache-2.0

import Foundation
import SDP
import SIP
import Testing

@Suite struct StrangerLimitsTests {
    @Test func `a source has its burst, then a trickle`() throws {
        let source = try #require(IPAddress("192.0.2.1"))
        let other = try #require(IPAddress("192.0.2.2"))
        var limits = StrangerLimits()
        let start = ContinuousClock.now
        var admitted = (0..<100).count { _ in limits.admit(source, now: start) }
        #expect(admitted == Int(StrangerLimits.burstPerSource))
        admitted = (0..<100).count { _ in limits.admit(source, now: start + .seconds(3)) }
        #expect(admitted == Int(3 * StrangerLimits.perSecondPerSource))
        let isFree = limits.admit(other, now: start + .seconds(3))
        #expect(isFree)
        let reports = [0, 1, 9, 10, 19, 20].map { limits.shallReport(source, now: start + .seconds($0)) }
        #expect(reports == [true, false, false, true, false, true])
    }

    @Test func `forged sources share a burst`() throws {
        var limits = StrangerLimits()
        let now = ContinuousClock.now
        var admitted = 0
        for high in 0..<20 {
            for low in 0..<250 {
                if limits.admit(try #require(IPAddress("10.0.\(high).\(low)")), now: now) { admitted += 1 }
            }
        }
        #expect(admitted == Int(StrangerLimits.burstInAll))
    }
}

extension Conversations {
    @Suite struct FloodTests {
        static func request(_ number: Int, port: UInt16) -> [UInt8] {
            Array(
                ("INVITE sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:\(port);branch=z9hG4bK\(number);rport\r\n"
                    + "From: <sip:a@b>;tag=\(number)\r\nTo: <sip:1@127.0.0.1>\r\nCall-ID: flood\(number)\r\nCSeq: 1 INVITE\r\n"
                    + "Max-Forwards: 9\r\nContact: <sip:a@127.0.0.1:9>\r\nContent-Length: 0\r\n\r\n").utf8)
        }

        @Test func `a stranger who goes on and on is refused without a trace`() async throws {
            let exchange = try Exchange(allowed: try AddressList(["192.0.2.0/24"]))
            let phone = TestPhone(target: exchange.port)
            var statuses: [String: Int] = [:]
            for number in 0..<60 {
                phone.send(raw: Self.request(number, port: phone.port))
                var message = try #require(phone.receive())
                // 100 comes first, and 403 again and again until it is acknowledged.
                while TestPhone.header("Call-ID", of: message) != "flood\(number)" || message.hasPrefix("SIP/2.0 100") {
                    message = try #require(phone.receive())
                }
                statuses[String(message.dropFirst(8).prefix(3)), default: 0] += 1
            }
            #expect((20...22).contains(statuses["403"] ?? 0), "\(statuses)")
            #expect((statuses["503"] ?? 0) + (statuses["403"] ?? 0) == 60)
            let lines = exchange.log.all
            #expect(lines.filter { $0 == "sip refused source=127.0.0.1 method=any user=- reason=flood" }.count == 1)
            #expect(lines.filter { $0.hasSuffix("reason=not-allowed") }.count == statuses["403"])
        }

        /// What a flood of strangers costs; printed, not asserted (PARTYLINE_MEASURE=1).
        @Test(.enabled(if: ProcessInfo.processInfo.environment["PARTYLINE_MEASURE"] != nil))
        func `cost of twenty thousand INVITEs of a stranger`() async throws {
            let exchange = try Exchange(allowed: try AddressList(["192.0.2.0/24"]))
            let before = SippTests.proportionalKilobytes()
            let phone = TestPhone(target: exchange.port)
            let start = ContinuousClock.now
            let used = clock()
            for round in 0..<200 {
                for each in 0..<100 { phone.send(raw: Self.request(round * 100 + each, port: 9)) }
                try await Task.sleep(for: .milliseconds(20))
            }
            let seconds = Double(clock() - used) / Double(CLOCKS_PER_SEC)
            print("20000 in \(start.duration(to: .now)), \(seconds) s of CPU with the sender's")
            print("kB before \(before), after \(SippTests.proportionalKilobytes())")
        }
    }
}
