// SPDX-License-Identifier: Apache-2.0
// RFC 3261 sections 10.2 and 11 (OPTIONS), RFC 5626 section 4.4 (what a keep-alive is good for: it holds the NAT's way open,
// too).

import CSofia
import Logging
import SDP
import Telephony

/// Whether a trunk's server is there: where we register REGISTER tells (`Registration`), otherwise OPTIONS asks.
extension SIPCore {
    /// An answer must come within this time.
    private static let patience = 6_000

    /// Somebody has reason to doubt it.
    func doubt(_ trunk: SIPTrunk) {
        if trunk.account.registers {
            // The other address, if there is one, for this and for the calls that come meanwhile.
            if trunk.addresses.count > 1 { trunk.choice &+= 1 }
            if trunk.registration.state == .registered { run(trunk, .timerRang) }
        } else if trunk.account.pingInterval > 0 {
            ping(trunk)
        } else {
            trunk.choice &+= 1
        }
    }

    /// A REGISTER went out: without any answer the trunk is not there. UDP repeats it every 4 s, so a server that comes back
    /// is found at once; a connection on which nothing came back is given up, and another address is tried where there is one.
    func expectAnswer(of trunk: SIPTrunk) {
        trunk.registerNumber += 1
        let number = trunk.registerNumber
        after(milliseconds: Self.patience) { core in
            guard trunk.registerNumber == number, trunk.registration.state == .registering else { return }
            let former = trunk.address
            core.run(trunk, .silent)
            if trunk.addresses.count > 1 {
                trunk.choice &+= 1
                core.sendRegister(trunk, seconds: trunk.account.expires)
            }
            if trunk.account.transport != "udp", let former {
                csofia_end_connections_to(former.address.description, former.port)
            }
        }
    }

    func ping(_ trunk: SIPTrunk) {
        trunk.pingNumber += 1
        let number = trunk.pingNumber
        guard !isClosing, let stack, let listener = trunk.listener, let address = trunk.address else { return }
        let token = queue.newToken()
        let account = trunk.account
        let request = OutgoingRequest(
            method: "OPTIONS", uri: "sip:\(account.domain)",
            from: "<sip:\(SIPURI.escaped(account.user))@\(account.domain)>", to: "<sip:\(account.domain)>",
            contact: trunkContact(trunk, listener, address.address), nextHop: trunk.nextHop(address), headers: "")
        guard let handle = request.withC({ csofia_request_out(stack, listener, token, $0) }) else {
            return pingAgain(trunk, number)
        }
        requests[token] = { core, event in
            core.requests[token] = nil
            csofia_forget(handle)
            // Any answer of the server's is a sign of life; these two also stand for none.
            core.pinged(trunk, number, isThere: event.status != 408 && event.status != 503)
        }
        after(milliseconds: Self.patience) { core in
            guard core.requests.removeValue(forKey: token) != nil else { return }
            csofia_forget(handle)
            core.pinged(trunk, number, isThere: false)
        }
    }

    private func pinged(_ trunk: SIPTrunk, _ number: Int, isThere: Bool) {
        guard trunk.pingNumber == number else { return }
        if trunk.isReachable != isThere {
            if isThere {
                logger.notice("sip trunk reachable name=\(trunk.account.name)")
            } else {
                logger.warning("sip trunk lost name=\(trunk.account.name) reason=no-answer")
            }
        }
        trunk.isReachable = isThere
        if !isThere { trunk.choice &+= 1 }
        trunksChanged()
        pingAgain(trunk, number)
    }

    private func pingAgain(_ trunk: SIPTrunk, _ number: Int) {
        // Nothing else finds out when it is back.
        after(
            milliseconds: trunk.isReachable == false
                ? min(3_000, trunk.account.pingInterval * 1_000) : trunk.account.pingInterval * 1_000
        ) { core in
            if trunk.pingNumber == number { core.ping(trunk) }
        }
    }
}
