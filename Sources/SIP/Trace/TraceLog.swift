// SPDX-License-Identifier: Apache-2.0

package import SDP
import Synchronization
package import Telephony

/// The newest SIP messages, in memory, within bounds: what `partyline trace` looks into. The SIP thread writes, anybody reads.
/// Of strangers only what passed the screen is kept.
package final class TraceLog: Sendable {
    package struct Message: Sendable {
        /// Seconds since 1970.
        package var time: Double
        package var isIncoming: Bool
        package var peer: IPAddress
        package var peerPort: UInt16
        package var transport: String
        package var callID: String
        package var bytes: [UInt8]
    }

    package static let mostMessages = 4_096
    package static let mostBytes = 4 << 20
    /// Calls whose Call-ID is remembered.
    private static let mostCalls = 2_048

    private struct Contents {
        var messages: [Message] = []
        /// Of the first message that is still there.
        var first = 0
        var bytes = 0
        var callIDs: [LegID: String] = [:]
        var legs: [LegID] = []
    }

    private let contents = Mutex(Contents())

    package init() {}

    func note(_ message: Message) {
        contents.withLock { contents in
            contents.messages.append(message)
            contents.bytes += message.bytes.count
            while contents.bytes > Self.mostBytes || contents.messages.count - contents.first > Self.mostMessages {
                contents.bytes -= contents.messages[contents.first].bytes.count
                contents.messages[contents.first].bytes = []
                contents.first += 1
            }
            if contents.first > Self.mostMessages {
                contents.messages.removeFirst(contents.first)
                contents.first = 0
            }
        }
    }

    func remember(_ leg: LegID, callID: String) {
        guard !callID.isEmpty else { return }
        contents.withLock { contents in
            if contents.callIDs.updateValue(callID, forKey: leg) == nil { contents.legs.append(leg) }
            if contents.legs.count > Self.mostCalls { contents.callIDs[contents.legs.removeFirst()] = nil }
        }
    }

    /// The messages of a call, the oldest first; empty when nothing is known of it.
    package func messages(of leg: LegID) -> [Message] {
        var found = contents.withLock { contents -> [Message] in
            guard let callID = contents.callIDs[leg] else { return [] }
            return contents.messages[contents.first...].filter { $0.callID == callID }
        }
        // What comes in by a connection does not say whether it is TLS; what we send on it does.
        let secured = Set(found.lazy.filter { $0.transport == "tls" }.map(\.way))
        for index in found.indices where found[index].transport == "tcp" && secured.contains(found[index].way) {
            found[index].transport = "tls"
        }
        return found
    }
}

extension TraceLog.Message {
    /// The connection, as far as it can be told.
    fileprivate var way: String { "\(peer) \(peerPort)" }

    /// One line of the ladder.
    package var step: TraceStep {
        let message = RawMessage(bytes)
        var step = TraceStep()
        step.time = time
        step.isIncoming = isIncoming
        step.peer = "\(peer.bracketed):\(peerPort) \(transport)"
        step.line = SIPText.cleaned(String(decoding: message.bytes[message.startLine], as: UTF8.self), most: 256)
        let sequence = message.first("cseq").map { message.text($0) } ?? ""
        let type = message.first("content-type").map { message.text($0) } ?? ""
        step.note = SIPText.cleaned([sequence, type].filter { !$0.isEmpty }.joined(separator: ", "), most: 256)
        return step
    }
}
