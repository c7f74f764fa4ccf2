// SPDX-License-Identifier: Apache-2.0

import Logging
import SDP

extension SIPCore {
    /// A wrong password from there; the tenth within ten minutes bans the source. Never from an address on the list, or where
    /// a phone of the house is registered: others may share it.
    func noteFailure(_ source: IPAddress) {
        guard case .stranger = standing(of: source), let ban = bans.fail(source) else { return }
        let seconds = Int(ban.until - bans.now)
        logger.warning("sip banned source=\(source) seconds=\(seconds) times=\(ban.times)")
    }

    /// A right password from there ends its ban.
    func noteProof(_ name: String, _ source: IPAddress) {
        bans.succeed(source)
        if bans.isBanned(source), bans.lift(source) {
            logger.notice("sip unbanned source=\(source) user=\(SIPText.logWord(name, most: 64)) reason=password")
        }
    }

    /// What becomes of a message from a banned source.
    enum BannedHearing {
        case nothing
        case answer(StatelessAnswer)
        /// A right password: the library sees it, and the ban ends when it has been checked in full.
        case pass
    }

    /// Behind the address of somebody who guesses may stand a phone of the house, or it is one of its own phones that still
    /// has an old password. So a banned source goes on being asked for a password, and a right one is heard, at a slow pace;
    /// a wrong one gets silence, and so does all else.
    func hearBanned(_ message: RawMessage, _ source: IPAddress) -> BannedHearing {
        guard let request = RequestLine(message.bytes[message.startLine]), asksForPassword(request, message) else {
            return .nothing
        }
        let answers = message.all("authorization").map { message.text($0) }
        switch phoneGuard.look(at: answers, caller: caller(of: message), from: source, at: seconds()) {
        case .ask(let lines):
            return .answer(StatelessAnswer(status: 401, phrase: "Unauthorized", lines: lines, reason: ""))
        case .tries(let name):
            let identity = identity(of: message, source)
            // Names that nobody has cost the others nothing.
            guard phoneGuard.account(named: name) != nil, !wrongTries.repeats(identity, at: seconds()),
                strangers.mayTry(name, from: source, isBanned: true, now: .now)
            else { return .nothing }
            if phoneGuard.isRight(answers, method: request.method) { return .pass }
            wrongTries.note(identity, at: seconds())
            return .nothing
        }
    }
}
