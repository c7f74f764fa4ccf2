// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import SDP
import SIP
import Telephony
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

    @Test func `what is read of a source, and of all, is limited, and who was read before has a share of his own`()
        throws
    {
        let source = try #require(IPAddress("192.0.2.1"))
        var limits = StrangerLimits()
        let now = ContinuousClock.now
        let wouldLook = limits.wouldLook(at: source, now: now)
        #expect(wouldLook)
        var read = (0..<500).count { _ in limits.look(at: source, now: now) }
        #expect(read == Int(StrangerLimits.lookBurstPerSource))
        #expect(!limits.wouldLook(at: source, now: now))
        // Newcomers leave something to those who are known by now.
        let early = try #require(IPAddress("192.0.2.2"))
        let isRead = limits.look(at: early, now: now)
        #expect(isRead)
        read = 0
        for high in 0..<20 {
            for low in 0..<250 {
                let forged = try #require(IPAddress("10.0.\(high).\(low)"))
                if limits.look(at: forged, now: now) { read += 1 }
            }
        }
        #expect(read == Int(StrangerLimits.lookBurstInAll - StrangerLimits.lookReserve) - 101)
        let late = try #require(IPAddress("192.0.2.3"))
        #expect(!limits.wouldLook(at: late, now: now))
        #expect(limits.wouldLook(at: early, now: now))
        let isReadAgain = limits.look(at: early, now: now)
        #expect(isReadAgain)
        #expect(limits.wouldLook(at: late, now: now + .seconds(1)))
    }

    @Test func `an IPv6 source is its network`() throws {
        var limits = StrangerLimits()
        let now = ContinuousClock.now
        var read = 0
        for host in 1...500 {
            let source = try #require(IPAddress("2001:db8::\(String(host, radix: 16))"))
            if limits.look(at: source, now: now) { read += 1 }
        }
        #expect(read == Int(StrangerLimits.lookBurstPerSource))
    }

    @Test func `a flood of sources is told in some lines, not in one for each`() throws {
        var limits = StrangerLimits()
        let now = ContinuousClock.now
        var told = 0
        for high in 0..<10 {
            for low in 0..<250 {
                let source = try #require(IPAddress("10.0.\(high).\(low)"))
                if limits.shallReport(source, now: now) { told += 1 }
            }
        }
        #expect(told == Int(StrangerLimits.reportBurstInAll))
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

        @Test func `what a stranger asks is answered rightly without the library`() async throws {
            let exchange = try Exchange(allowed: try AddressList(["192.0.2.0/24"]))
            for (method, headers, expected) in [
                ("OPTIONS", [], 200), ("OPTIONS", ["Require: teleport"], 420), ("REFER", ["Refer-To: <sip:x@y>"], 405),
                ("SUBSCRIBE", ["Event: presence"], 405), ("NOTIFY", ["Event: presence"], 405), ("REGISTER", [], 405),
                ("PUBLISH", [], 405), ("MESSAGE", [], 405), ("BYE", [], 481), ("UPDATE", [], 481), ("INFO", [], 481),
                ("INVITE", [], 403), ("DANCE", [], 501),
            ] as [(String, [String], Int)] {
                let stranger = TestPhone(target: exchange.port)
                stranger.send(method, headers: headers)
                let (status, text) = stranger.finalResponse(method)
                #expect(status == expected, "\(method): \(text)")
                if status == 405 { #expect(TestPhone.header("Allow", of: text)?.hasPrefix("INVITE, ACK") ?? false) }
                if status == 420 { #expect(TestPhone.header("Unsupported", of: text) == "teleport") }
                #expect(TestPhone.header("To", of: text)?.contains(";tag=") ?? false)
            }
            // Nor does a request that says that it is of a call.
            let liar = TestPhone(target: exchange.port)
            liar.send(
                raw: Array(
                    ("BYE sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:\(liar.port);branch=z9hG4bKl;rport\r\n"
                        + "From: <sip:a@b>;tag=1\r\nTo: <sip:1@127.0.0.1>;tag=2\r\nCall-ID: liar\r\nCSeq: 1 BYE\r\n"
                        + "Max-Forwards: 9\r\nContent-Length: 0\r\n\r\n").utf8))
            #expect(liar.receive("SIP/2.0 481") != nil)
        }

        @Test func `whoever is called is heard in that call, and a stranger otherwise`() async throws {
            let exchange = try Exchange(allowed: try AddressList(["192.0.2.0/24"]))
            let callee = TestPhone(target: exchange.port)
            var request = DialRequest(
                destination: "sip:bob@127.0.0.1:\(callee.port)", callerNumber: "111", callerName: "", headers: [])
            request.kind = .uri
            _ = try #require(SIPDriver(server: exchange.server).dial(request))
            let invite = try #require(callee.receive("INVITE"))
            callee.respond("200 OK", to: invite, body: callee.offer("8 101"))
            _ = try #require(callee.receive("ACK"))
            #expect(await exchange.switchboard.waits(for: "answered"))
            let neighbour = TestPhone(target: exchange.port)
            for number in 0..<40 { neighbour.send(raw: Self.request(number, port: neighbour.port)) }
            let isFlood = await eventually(seconds: 3) {
                exchange.log.all.contains("sip refused source=127.0.0.1 method=any user=- reason=flood")
            }
            #expect(isFlood)
            // The limit is used up, and the one who was called hangs up all the same.
            let from = try #require(TestPhone.header("From", of: invite))
            let to = try #require(TestPhone.header("To", of: invite))
            let callID = try #require(TestPhone.header("Call-ID", of: invite))
            for (number, tag) in ["guessed", "callee\(callee.port)"].enumerated() {
                callee.send(
                    raw: Array(
                        ("BYE sip:111@127.0.0.1:\(exchange.port) SIP/2.0\r\n"
                            + "Via: SIP/2.0/UDP 127.0.0.1:\(callee.port);branch=z9hG4bKbye\(number);rport\r\n"
                            + "From: \(to);tag=\(tag)\r\nTo: \(from)\r\nCall-ID: \(callID)\r\n"
                            + "CSeq: \(number + 1) BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n").utf8))
                let answer = try #require(callee.receive("SIP/2.0"))
                #expect(answer.hasPrefix("SIP/2.0 200") == (number == 1), "\(answer)")
            }
            #expect(await exchange.switchboard.waits(for: "hung up normalClearing"))
        }

        @Test func `a flood of strangers is thrown away unread, and a friend behind it is answered at once`()
            async throws
        {
            let exchange = try Exchange(allowed: try AddressList(["127.0.0.1/32"]))
            let server = SocketAddress("127.0.0.1", exchange.port)
            let stranger = try UDPSocket(host: "127.0.0.66")
            var slowest = Duration.zero
            for round in 0..<5 {
                for number in 0..<500 {
                    stranger.send(Self.request(round * 500 + number, port: stranger.local.port), to: server)
                }
                let friend = TestPhone(target: exchange.port)
                let start = ContinuousClock.now
                friend.send("OPTIONS")
                #expect(friend.receive("SIP/2.0 200") != nil)
                slowest = max(slowest, start.duration(to: .now))
            }
            print("the friend was answered behind 500 messages of a stranger after \(slowest) at the latest")
            #expect(slowest < .seconds(1))
            let mark = "sip flood unread="
            let isTold = await eventually(seconds: 12) { exchange.log.all.contains { $0.hasPrefix(mark) } }
            #expect(isTold)
            let unread = exchange.log.all.compactMap { line in
                line.hasPrefix(mark) ? Int(line.dropFirst(mark.count).prefix(while: \.isNumber)) : nil
            }
            #expect(unread.reduce(0, +) > 1_500, "\(unread)")
            let told = exchange.log.all.filter { $0 == "sip refused source=127.0.0.66 method=any user=- reason=flood" }
            #expect((1...2).contains(told.count))
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
