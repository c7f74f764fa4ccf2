// SPDX-License-Identifier: Apache-2.0

import ScenarioProtocol
package import Scripting
import Telephony

/// Runs scenarios without phones: the real exchange and a real worker, with people and sounds that are only reckoned, in
/// virtual time. A minute of a call takes some milliseconds.
///
///     people, media, timers -> exchange -> sessions -> worker
///            ^------------------- commands ----------------'
package final class Rehearsal {
    private let plan: RehearsalPlan
    let media: RehearsedMedia
    private let mail = RehearsalMail()
    private let exchange: Exchange
    private let worker: VirtualWorker
    private var services: RehearsedServices
    private var people: [RehearsedPerson] = []
    private var transcript = Transcript()
    private var now: Int64 = 0
    private var workerNext: Int64?
    /// The worker has been told something since it settled.
    private var hasReplied = false
    private var running: Set<SessionID> = []
    /// What was played to somebody whom no sound reached then.
    private var unheard: Set<PlayerID> = []

    package init(_ plan: RehearsalPlan) throws(ScenarioWorkersFailure) {
        self.plan = plan
        media = RehearsedMedia(promptsFolder: plan.promptsFolder)
        services = RehearsedServices(pages: plan.pages)
        worker = try VirtualWorker(
            options: ScenarioWorkerOptions(
                executable: plan.executable, scenarioFolder: plan.scenarioFolder, workers: 1,
                memoryCapBytes: ScenarioWorkerOptions.standardMemoryCapBytes), epoch: plan.epoch)
        let mail = mail
        var options = ExchangeOptions(
            rules: plan.rules, dialPlan: DialPlan(emergencyNumbers: [], roomNumbers: nil), maxCalls: 100,
            voice: plan.voice)
        options.fence = Self.openFence(plan)
        exchange = Exchange(
            options: options, media: media, host: RehearsedHost(mail: mail),
            drivers: [RehearsedNetwork(plan: plan, mail: mail)]
        ) { event in Self.note(event, mail) }
    }

    /// Everybody may be called: nobody is. (SIP addresses at hosts that the plan knows somebody at.)
    private static func openFence(_ plan: RehearsalPlan) -> FenceOptions {
        let hosts = plan.answers.keys.compactMap { address in
            address.split(separator: "@").dropFirst().first?.prefix { $0 != ":" && $0 != ";" }.lowercased()
        }
        return FenceOptions(
            allowed: [EveryDestination()], barred: [], hosts: Set(hosts), minutesPerDay: 100_000, mostCalls: 100,
            code: "",
            ownNumbers: [], ownHosts: [])
    }

    /// From the caller's call to the end of the last session. Throws when the worker was lost.
    package func run() throws(ScenarioWorkersFailure) -> Transcript {
        let caller = RehearsedLeg(name: "caller", isCaller: true, mail: mail)
        transcript.add(now, "caller", "calls \(plan.destination) from \(plan.callerNumber)")
        mail.post(
            .exchange(
                .incoming(
                    CallOffer(
                        leg: caller, destination: plan.destination, callerNumber: plan.callerNumber,
                        callerName: plan.callerName, origin: plan.origin, fromURI: "sip:\(plan.callerNumber)@rehearsal",
                        toURI: "sip:\(plan.destination)@rehearsal", headers: [], peer: "rehearsal"))))
        people.append(
            RehearsedPerson(caller, steps: plan.steps, silence: plan.silenceMilliseconds, now: now))
        var isLate = false
        while true {
            try settle()
            if running.isEmpty, people.allSatisfy(\.isGone) { break }
            let deadlines = [exchange.nextDeadline(), workerNext, media.nextEnd] + people.map(\.nextAction)
            // Somebody who hears music for ever is not left there.
            let last = isLate || people.allSatisfy(\.isGone) ? nil : plan.longestMilliseconds + 1
            guard let next = (deadlines + [last]).compactMap(\.self).min() else { break }
            if next > plan.longestMilliseconds, !isLate {
                isLate = true
                now = plan.longestMilliseconds
                transcript.add(now, "caller", "has had enough")
                hangUpAll()
                continue
            }
            // A session may stay for a minute after its last call.
            if next > plan.longestMilliseconds + Self.afterwards { break }
            now = max(now, next)
        }
        return transcript
    }

    private static let afterwards: Int64 = 200_000

    private func hangUpAll() {
        for index in people.indices where !people[index].isGone {
            people[index].gone()
            people[index].leg.post(.hungUp(.normalClearing, []))
        }
    }

    // MARK: - One moment

    /// Lets everybody do what is due, until nobody has anything to do any more at this moment.
    private func settle() throws(ScenarioWorkersFailure) {
        var rounds = 0
        repeat {
            rounds += 1
            guard rounds < Self.mostRounds else {
                throw ScenarioWorkersFailure(text: "the scenarios keep each other busy without an end")
            }
            exchange.expire(now: now)
            for event in media.advance(to: now) { exchange.handle(event: event, now: now) }
            var letters = mail.takeAll()
            while !letters.isEmpty {
                for letter in letters { try take(letter) }
                exchange.settle(now: now)
                listen()
                letters = mail.takeAll()
            }
            hasReplied = false
            let (news, next) = try worker.settle(at: now)
            workerNext = next
            for one in news { try take(one) }
            exchange.settle(now: now)
            listen()
            act()
        } while isBusy
    }

    private static let mostRounds = 10_000

    private var isBusy: Bool {
        let letters = mail.takeAll()
        for letter in letters { mail.post(letter) }
        let due = [exchange.nextDeadline(), media.nextEnd] + people.map(\.nextAction)
        return !letters.isEmpty || hasReplied || media.hasNews || due.compactMap(\.self).contains { $0 <= now }
    }

    private func take(_ letter: RehearsalMail.Letter) throws(ScenarioWorkersFailure) {
        switch letter {
        case .exchange(let event):
            if case .leg(let leg, let what) = event { heed(what, leg) }
            exchange.handle(event, now: now)
        case .start(let start):
            running.insert(start.session)
            if let reason = try worker.start(start) {
                transcript.faults.append(reason)
                ended(start.session, reason)
            }
        case .deliver(let event, let session): try worker.deliver(event, to: session)
        case .end(let session): try worker.end(session)
        case .note(let who, let words): transcript.add(now, who, words)
        case .placed(let leg):
            people.append(RehearsedPerson(leg, plan.answers[leg.name] ?? plan.usualAnswer, now: now))
        }
    }

    private func take(_ news: VirtualWorker.News) throws(ScenarioWorkersFailure) {
        switch news {
        case .command(let session, let command): exchange.handle(.command(session, command), now: now)
        case .service(let session, let request):
            let (reply, words) = services.perform(request, seconds: (plan.epoch + Double(now)) / 1000)
            transcript.add(now, "script", words)
            try worker.reply(reply, to: session)
            hasReplied = true
        case .log(_, let line):
            let place = line.file.isEmpty ? "" : " (\(line.file):\(line.line))"
            let level = line.level == .info ? "logs" : line.level.rawValue
            transcript.add(now, "script", "\(level): \(line.text)\(place)")
        case .ended(let session, let reason):
            if let reason {
                transcript.faults.append(reason)
                transcript.add(now, "script", "ended by itself: \(reason)")
            }
            ended(session, reason)
        }
    }

    private func ended(_ session: SessionID, _ reason: String?) {
        running.remove(session)
        exchange.handle(.sessionEnded(session, reason: reason, orphaned: false), now: now)
    }

    // MARK: - People

    private func heed(_ event: LegEvent, _ leg: LegID) {
        guard let index = people.firstIndex(where: { $0.leg.id == leg }) else { return }
        switch event {
        case .answered: people[index].connected(now: now)
        case .hungUp: people[index].gone()
        default: break
        }
    }

    /// What everybody hears now, and what of it is news.
    private func listen() {
        for index in people.indices where !people[index].isGone && !isOutOfHearing(people[index].leg) {
            guard let port = people[index].leg.port else { continue }
            let heard = media.heard(by: port)
            let news = people[index].hears(heard.players, endless: heard.endless, heard.ports, now: now)
            let name = people[index].leg.name
            for words in news.begun { transcript.add(now, name, "hears \(words)") }
            guard let ports = news.ports else { continue }
            let others = people.filter { $0.leg.port.map(ports.contains) ?? false }.map(\.leg.name)
            transcript.add(now, name, others.isEmpty ? "hears nobody" : "hears \(others.joined(separator: " and "))")
        }
    }

    /// Whether nothing gets there yet; what is played all the same is told once.
    private func isOutOfHearing(_ leg: RehearsedLeg) -> Bool {
        guard !leg.isAudible else { return false }
        let played = Set(leg.port.map { media.heard(by: $0).players.keys.map(\.self) } ?? [])
        guard !played.isSubset(of: unheard) else { return true }
        unheard.formUnion(played)
        let remedy = leg.isCaller ? "call.answer() or call.startEarlyMedia() comes first" : "wait for Connected"
        transcript.add(now, leg.name, "does not hear what is played: the call is not answered; \(remedy)")
        return true
    }

    private func act() {
        for index in people.indices {
            while let action = people[index].act(now: now) { perform(action, people[index].leg) }
        }
    }

    private func perform(_ action: RehearsedPerson.Action, _ leg: RehearsedLeg) {
        switch action {
        case .type(let digit):
            transcript.add(now, leg.name, "types \(digit)")
            guard let port = leg.port, let digit = DTMFDigit(digit) else { return }
            mail.post(.exchange(.media(.digit(port, digit, .telephoneEvent))))
        case .hangUp:
            transcript.add(now, leg.name, "hangs up")
            leg.post(.hungUp(.normalClearing, []))
        case .ring: leg.post(.ringing([]))
        case .answer:
            transcript.add(now, leg.name, "answers")
            leg.post(.answered([]))
        case .refuse:
            transcript.add(now, leg.name, "is busy")
            leg.post(.hungUp(.userBusy, []))
        }
    }

    // MARK: - What the exchange reports

    private static func note(_ event: ControlEvent, _ mail: RehearsalMail) {
        let fields = event.fields
        switch event.event {
        case "room.joined":
            mail.post(.note(who: "room \(fields["room"] ?? "")", words: "\(fields["from"] ?? "") joins"))
        case "room.left": mail.post(.note(who: "room \(fields["room"] ?? "")", words: "somebody leaves"))
        case "call.refused", "player.failed", "room.failed", "media.full":
            mail.post(
                .note(
                    who: "exchange", words: "\(event.event): \(fields["destination"] ?? "") \(fields["reason"] ?? "")"))
        case "call.deserted": mail.post(.note(who: "exchange", words: "nobody is left to talk to"))
        default: break
        }
    }
}

extension Exchange {
    fileprivate func handle(event: MediaEvent, now: Int64) { handle(.media(event), now: now) }
}
