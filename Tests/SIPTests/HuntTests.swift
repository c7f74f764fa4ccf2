// SPDX-License-Identifier: Apache-2.0

import SIP
import Telephony
import Testing

@Suite struct HuntTests {
    @Test func `all places of a phone ring, the first that answers has the call`() {
        var hunt = Hunt(sizes: [3])
        #expect(hunt.start(orElse: .noUserResponding) == [.call([0, 1, 2])])
        #expect(hunt.take(.ringing, from: 1) == [.tellRinging])
        #expect(hunt.take(.ringing, from: 2).isEmpty)
        #expect(hunt.take(.earlyMedia, from: 2).isEmpty, "three early media at once make noise")
        #expect(hunt.take(.ended(.userBusy), from: 0).isEmpty)
        #expect(hunt.take(.answered, from: 2) == [.cancel(1), .tellAnswered(2)])
        #expect(hunt.take(.answered, from: 1).isEmpty)
        #expect(hunt.take(.ended(.normalClearing), from: 1).isEmpty)
        #expect(hunt.take(.ended(.normalClearing), from: 2) == [.tellHungUp(.normalClearing)])
        #expect(hunt.isOver)
    }

    @Test func `the next trunk is tried when one cannot be reached, and not when the number is busy`() {
        var hunt = Hunt(sizes: [1, 1, 1])
        #expect(hunt.start(orElse: .noRouteToDestination) == [.call([0])])
        #expect(hunt.take(.ended(.noUserResponding), from: 0) == [.call([1])])
        #expect(hunt.take(.earlyMedia, from: 1) == [.tellEarlyMedia(1)])
        #expect(hunt.take(.ended(.userBusy), from: 1) == [.tellHungUp(.userBusy)])
        var last = Hunt(sizes: [1, 1])
        _ = last.start(orElse: .noRouteToDestination)
        _ = last.take(.ended(.congestion), from: 0)
        #expect(last.take(.ended(.noCircuitAvailable), from: 1) == [.tellHungUp(.noCircuitAvailable)])
    }

    @Test func `a redirection waits for the others of its group, and then nobody else is asked`() {
        var trunks = Hunt(sizes: [1, 1])
        _ = trunks.start(orElse: .noRouteToDestination)
        #expect(trunks.take(.redirected, from: 0).isEmpty)
        #expect(trunks.take(.ended(.interworking), from: 0) == [.tellRedirected(0), .tellHungUp(.interworking)])
        var phones = Hunt(sizes: [2, 1])
        _ = phones.start(orElse: .noUserResponding)
        _ = phones.take(.redirected, from: 1)
        #expect(phones.take(.ended(.interworking), from: 1).isEmpty)
        #expect(phones.take(.answered, from: 0) == [.tellAnswered(0)])
        var busy = Hunt(sizes: [2, 1])
        _ = busy.start(orElse: .noUserResponding)
        _ = busy.take(.redirected, from: 1)
        _ = busy.take(.ended(.interworking), from: 1)
        #expect(busy.take(.ended(.userBusy), from: 0) == [.tellHungUp(.userBusy)])
    }

    @Test func `who was reached and declines, or does not answer, is not called by the next trunk`() {
        for (status, hasRung, goesOn) in [
            (603, false, false), (603, true, false), (600, false, false), (480, true, false), (408, true, false),
            (403, true, false), (480, false, true), (408, false, true), (403, false, true), (407, false, true),
            (503, true, true), (500, false, true), (486, false, false), (404, false, false),
        ] {
            var hunt = Hunt(sizes: [1, 1])
            _ = hunt.start(orElse: .noRouteToDestination)
            let cause = HangupCause(sipStatus: status, afterRinging: hasRung)
            let expected: [Hunt.Action] = goesOn ? [.call([1])] : [.tellHungUp(cause)]
            #expect(hunt.take(.ended(cause), from: 0) == expected, "\(status), rung: \(hasRung)")
        }
    }

    @Test func `in an emergency every trunk is asked, whatever those before have said`() {
        var hunt = Hunt(sizes: [1, 1, 1], isEmergency: true)
        _ = hunt.start(orElse: .noRouteToDestination)
        #expect(hunt.take(.ended(.unallocatedNumber), from: 0) == [.call([1])])
        #expect(hunt.take(.redirected, from: 1).isEmpty)
        #expect(hunt.take(.ended(.interworking), from: 1) == [.call([2])])
        #expect(hunt.take(.ended(.userBusy), from: 2) == [.tellHungUp(.userBusy)])
    }

    @Test func `nobody to call is told at once, and giving up cancels all that is open`() {
        var nobody = Hunt(sizes: [0])
        #expect(nobody.start(orElse: .noUserResponding) == [.tellHungUp(.noUserResponding)])
        var hunt = Hunt(sizes: [2])
        _ = hunt.start(orElse: .noUserResponding)
        _ = hunt.take(.ended(.noAnswer), from: 0)
        #expect(hunt.giveUp(.normalClearing) == [.cancel(1), .tellHungUp(.normalClearing)])
        #expect(hunt.giveUp(.normalClearing).isEmpty)
        #expect(hunt.take(.answered, from: 1).isEmpty)
    }

    @Test func `of several refusals the one that says most is told`() {
        for order in [[HangupCause.noUserResponding, .userBusy, .noAnswer], [.noAnswer, .userBusy, .congestion]] {
            var hunt = Hunt(sizes: [3])
            _ = hunt.start(orElse: .noUserResponding)
            var told: [Hunt.Action] = []
            for (branch, cause) in order.enumerated() { told += hunt.take(.ended(cause), from: branch) }
            #expect(told == [.tellHungUp(.userBusy)])
        }
    }

    @Test func `any order of events ends with exactly one end`() {
        var random = SystemRandomNumberGenerator()
        let inputs: [Hunt.Input] = [
            .ringing, .earlyMedia, .answered, .ended(.userBusy), .ended(.noUserResponding), .ended(.normalClearing),
        ]
        for _ in 0..<2_000 {
            var hunt = Hunt(sizes: [2, 1, 3])
            var actions = hunt.start(orElse: .noUserResponding)
            for _ in 0..<30 {
                let branch = Int.random(in: 0..<6, using: &random)
                actions += hunt.take(inputs.randomElement(using: &random) ?? .ringing, from: branch)
            }
            for branch in 0..<6 { actions += hunt.take(.ended(.normalClearing), from: branch) }
            for branch in 0..<6 { actions += hunt.take(.ended(.normalClearing), from: branch) }
            for branch in 0..<6 { actions += hunt.take(.ended(.normalClearing), from: branch) }
            let ends = actions.filter { if case .tellHungUp = $0 { true } else { false } }
            let answers = actions.filter { if case .tellAnswered = $0 { true } else { false } }
            #expect(ends.count == 1 && answers.count <= 1)
        }
    }
}
