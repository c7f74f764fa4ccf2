// SPDX-License-Identifier: Apache-2.0

import SIP
import Testing

@Suite struct LivenessProbeTests {
    @Test func `who sends audio is never asked`() {
        var probe = LivenessProbe()
        #expect(probe.take(.agreed(sends: true)) == nil)
        #expect(probe.take(.timerRang(0)) == nil)
        #expect(probe.take(.answered(408)) == nil)
    }

    @Test func `who is on hold is asked again and again, and resuming ends it`() {
        var probe = LivenessProbe()
        #expect(probe.take(.agreed(sends: false)) == .wait(1))
        #expect(probe.take(.agreed(sends: false)) == nil)
        #expect(probe.take(.timerRang(1)) == .ask)
        #expect(probe.take(.timerRang(1)) == nil)
        // A far end that does not know the method is there.
        for (number, status) in zip(2..., [200, 405, 501, 503, 200, 503, 486]) {
            #expect(probe.take(.answered(status)) == .wait(number))
            #expect(probe.take(.timerRang(number)) == .ask)
        }
        #expect(probe.take(.agreed(sends: true)) == nil)
        #expect(probe.take(.answered(481)) == nil)
        // Held once more: the timer of the former time means nothing.
        #expect(probe.take(.agreed(sends: false)) == .wait(9))
        #expect(probe.take(.timerRang(8)) == nil)
        #expect(probe.take(.timerRang(9)) == .ask)
    }

    @Test(arguments: [[481], [408], [200, 408], [503, 503]])
    func `who knows of no call, says nothing, or cannot be reached twice, is gone`(_ answers: [Int]) {
        var probe = LivenessProbe()
        var action = probe.take(.agreed(sends: false))
        for answer in answers {
            guard case .wait(let number) = action else {
                Issue.record("it did not wait")
                return
            }
            #expect(probe.take(.timerRang(number)) == .ask)
            action = probe.take(.answered(answer))
        }
        #expect(action == .end)
    }
}

extension Conversations {
    @Suite struct LivenessTests {
        /// A phone that has put us on hold, at an exchange that asks each second.
        private func held(_ direction: String = "sendonly") async throws -> (Exchange, TestPhone) {
            let exchange = try Exchange(probeSeconds: 1)
            let phone = try await exchange.talking()
            phone.send("INVITE", body: phone.offer(direction: direction, version: 2))
            try #require(phone.finalResponse("INVITE").status == 200)
            return (exchange, phone)
        }

        @Test(arguments: ["sendonly", "inactive", "recvonly"])
        func `a phone that sends no audio is asked, and its answer keeps the call`(_ direction: String) async throws {
            let (exchange, phone) = try await held(direction)
            for answer in ["200 OK", "405 Method Not Allowed", "200 OK"] {
                let question = try #require(phone.receive("OPTIONS"))
                #expect(TestPhone.header("Call-ID", of: question) == phone.callID)
                phone.respond(answer, to: question)
            }
            #expect(exchange.ports.openCount == 1)
            // It talks again, and is asked no more.
            phone.send("INVITE", body: phone.offer(version: 3))
            #expect(phone.finalResponse("INVITE").status == 200)
            #expect(phone.receive("OPTIONS") == nil)
            #expect(exchange.ports.openCount == 1)
        }

        @Test func `a phone that has forgotten the call ends it`() async throws {
            let (exchange, phone) = try await held()
            let question = try #require(phone.receive("OPTIONS"))
            phone.respond("481 Call Does Not Exist", to: question)
            let isOver = await exchange.switchboard.waits(for: "hung up recoveryOnTimerExpiry")
            #expect(isOver, "\(exchange.switchboard.events)")
            #expect(await eventually(seconds: 3) { exchange.ports.openCount == 0 })
        }

        @Test func `a dead phone does not stay on hold for ever`() async throws {
            let (exchange, phone) = try await held()
            _ = try #require(phone.receive("OPTIONS"))
            // Not a word: 32 seconds of the library's transaction, then the end.
            let isOver = await exchange.switchboard.waits(for: "hung up recoveryOnTimerExpiry", seconds: 45)
            #expect(isOver, "\(exchange.switchboard.events)")
            #expect(await eventually(seconds: 3) { exchange.ports.openCount == 0 })
            withExtendedLifetime(phone) {}
        }
    }
}
