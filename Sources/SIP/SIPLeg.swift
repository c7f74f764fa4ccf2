// SPDX-License-Identifier: Apache-2.0

import Synchronization
package import Telephony

/// What a leg asks of the SIP thread.
enum SIPCommand: Sendable {
    case ring([HeaderField])
    case startEarlyMedia([HeaderField])
    case answer([HeaderField])
    case reject(Int, [HeaderField])
    case hangUp(HangupCause, [HeaderField])
    case info(contentType: String, body: String, [HeaderField])
    case message(String)
    case renegotiate
    case transfer(status: Int, isLast: Bool)
}

/// One SIP dialog as the switchboard sees it: a number and a queue to the SIP thread. Methods may be called from any thread.
package final class SIPLeg: Leg {
    package let id: LegID
    package var port: PortID? { ownPort.withLock { $0 } }
    package var technology: String { "sip" }

    let token: UInt64
    private let queue: SIPQueue
    /// Of an outgoing leg only when the far end is heard or has answered: until then several may be called.
    private let ownPort: Mutex<PortID?>

    init(id: LegID, port: PortID?, token: UInt64, queue: SIPQueue) {
        self.id = id
        ownPort = Mutex(port)
        self.token = token
        self.queue = queue
    }

    func adopt(_ port: PortID) { ownPort.withLock { $0 = port } }

    package func ring(_ headers: [HeaderField]) { queue.post(.command(token, .ring(headers))) }
    package func startEarlyMedia(_ headers: [HeaderField]) { queue.post(.command(token, .startEarlyMedia(headers))) }
    package func answer(_ headers: [HeaderField]) { queue.post(.command(token, .answer(headers))) }
    package func reject(status: Int, _ headers: [HeaderField]) { queue.post(.command(token, .reject(status, headers))) }
    package func hangUp(_ cause: HangupCause, _ headers: [HeaderField]) {
        queue.post(.command(token, .hangUp(cause, headers)))
    }
    package func sendInfo(contentType: String, body: String, _ headers: [HeaderField]) {
        queue.post(.command(token, .info(contentType: contentType, body: body, headers)))
    }
    package func sendMessage(_ text: String) { queue.post(.command(token, .message(text))) }
    package func tellTransfer(status: Int, isLast: Bool) {
        queue.post(.command(token, .transfer(status: status, isLast: isLast)))
    }
    /// Sends a re-INVITE with a fresh offer of what this box takes; tried again after 491.
    package func renegotiate() { queue.post(.command(token, .renegotiate)) }
}
