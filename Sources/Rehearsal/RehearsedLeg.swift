// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Telephony

/// What happens to the exchange from outside in a rehearsal, in order. Legs, drivers and sessions post to it.
final class RehearsalMail: Sendable {
    enum Letter: Sendable {
        case exchange(ExchangeEvent)
        case start(SessionStart)
        case deliver(SessionEvent, SessionID)
        case end(SessionID)
        /// For the transcript.
        case note(who: String, words: String)
        case placed(RehearsedLeg)
    }

    private let letters = Mutex<[Letter]>([])
    private let legNumbers = Atomic<UInt64>(1)

    func post(_ letter: Letter) { letters.withLock { $0.append(letter) } }

    func takeAll() -> [Letter] {
        letters.withLock { letters in
            defer { letters = [] }
            return letters
        }
    }

    func newLegNumber() -> UInt32 {
        UInt32(truncatingIfNeeded: legNumbers.wrappingAdd(1, ordering: .relaxed).newValue)
    }
}

/// Somebody on the telephone: the caller, or one who is called. Does at once what it is told.
final class RehearsedLeg: Leg {
    let id: LegID
    let port: PortID?
    let technology = "sip"
    /// "caller", or the number that was called.
    let name: String
    let isCaller: Bool
    private let mail: RehearsalMail
    private let isOpen = Atomic(false)

    /// Sound gets to the caller: the call is answered, or has early media. (Of one who is called: it has lifted.)
    var isAudible: Bool { isOpen.load(ordering: .relaxed) }

    init(name: String, isCaller: Bool, mail: RehearsalMail) {
        let number = mail.newLegNumber()
        id = LegID(UInt64(number))
        port = PortID(slot: number, generation: 1)
        self.name = name
        self.isCaller = isCaller
        self.mail = mail
    }

    func post(_ event: LegEvent) {
        if case .answered = event { open() }
        mail.post(.exchange(.leg(id, event)))
    }
    private func open() { isOpen.store(true, ordering: .relaxed) }
    private func note(_ words: String) { mail.post(.note(who: name, words: words)) }

    func ring(_ headers: [HeaderField]) { note("is told that it rings") }
    func startEarlyMedia(_ headers: [HeaderField]) {
        note("hears before the answer")
        open()
    }
    func answer(_ headers: [HeaderField]) {
        note("is answered")
        post(.answered([]))
    }
    func reject(status: Int, _ headers: [HeaderField]) {
        note("is refused with \(status)")
        post(.hungUp(HangupCause(sipStatus: status), []))
    }
    func hangUp(_ cause: HangupCause, _ headers: [HeaderField]) {
        note("is hung up (\(cause.words))")
        post(.hungUp(cause, []))
    }
    func sendInfo(contentType: String, body: String, _ headers: [HeaderField]) {
        note("gets INFO \(contentType): \(body)")
    }
    func sendMessage(_ text: String) { note("gets the message \"\(text)\"") }
}

/// Calls out of a rehearsal: everybody exists whom the plan does not deny.
final class RehearsedNetwork: LegDriver {
    private let plan: RehearsalPlan
    private let mail: RehearsalMail

    init(plan: RehearsalPlan, mail: RehearsalMail) {
        self.plan = plan
        self.mail = mail
    }

    /// The caller's own number must reach the rules.
    func knows(_ destination: String) -> Bool { false }

    func dial(_ request: DialRequest) -> (any Leg)? {
        mail.post(.note(who: "script", words: "calls \(request.destination)"))
        if plan.answers[request.destination] ?? plan.usualAnswer == .unknown { return nil }
        let leg = RehearsedLeg(name: request.destination, isCaller: false, mail: mail)
        mail.post(.placed(leg))
        return leg
    }
}

/// Brings what the exchange says to sessions into the order of the rehearsal.
struct RehearsedHost: ScenarioHost {
    let mail: RehearsalMail

    func start(_ session: SessionStart) { mail.post(.start(session)) }
    func deliver(_ event: SessionEvent, to session: SessionID) { mail.post(.deliver(event, session)) }
    func end(_ session: SessionID) { mail.post(.end(session)) }
}
