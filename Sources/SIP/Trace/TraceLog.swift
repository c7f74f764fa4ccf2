// SPDX-License-Identifier: Apache-2.0

package import SDP
import Synchronization
package import Telephony

/// The newest SIP messages of calls, in memory, within bounds: what `partyline trace` looks into. The SIP thread writes, anybody
/// reads. What passed the screen and belongs to no call is kept for a moment only, since it may begin one: a flood neither
/// takes memory nor drives out the messages of calls.
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
    /// The same of messages that no call has claimed (yet): some seconds of what strangers may ask.
    package static let mostUnclaimed = 512
    package static let mostUnclaimedBytes = 256 << 10
    /// Calls whose Call-ID is remembered.
    private static let mostCalls = 2_048

    private struct Contents {
        var ofCalls = MessageRing(mostMessages: mostMessages, mostBytes: mostBytes)
        var unclaimed = MessageRing(mostMessages: mostUnclaimed, mostBytes: mostUnclaimedBytes)
        var callIDs: [LegID: String] = [:]
        /// How many legs have that Call-ID.
        var legsOf: [String: Int] = [:]
        var legs: [LegID] = []

        mutating func forget(_ leg: LegID) {
            guard let callID = callIDs.removeValue(forKey: leg), let count = legsOf[callID] else { return }
            legsOf[callID] = count > 1 ? count - 1 : nil
        }
    }

    private let contents = Mutex(Contents())

    package init() {}

    package func note(_ message: Message) {
        contents.withLock { contents in
            if contents.legsOf[message.callID] != nil {
                contents.ofCalls.append(message)
            } else {
                contents.unclaimed.append(message)
            }
        }
    }

    /// From now on the messages with that Call-ID are those of a call, and those that came shortly before.
    package func remember(_ leg: LegID, callID: String) {
        guard !callID.isEmpty else { return }
        contents.withLock { contents in
            if contents.callIDs[leg] == callID { return }
            if contents.callIDs[leg] == nil { contents.legs.append(leg) } else { contents.forget(leg) }
            contents.callIDs[leg] = callID
            contents.legsOf[callID, default: 0] += 1
            for message in contents.unclaimed.take(where: { $0.callID == callID }) { contents.ofCalls.append(message) }
            if contents.legs.count > Self.mostCalls { contents.forget(contents.legs.removeFirst()) }
        }
    }

    /// The messages of a call, the oldest first; empty when nothing is known of it.
    package func messages(of leg: LegID) -> [Message] {
        var found = contents.withLock { contents -> [Message] in
            guard let callID = contents.callIDs[leg] else { return [] }
            return contents.ofCalls.messages.filter { $0.callID == callID }
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
