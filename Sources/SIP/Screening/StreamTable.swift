// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 18.3 (streams), RFC 5923. Class of fault: connections that say nothing keep everybody else out.

package import SDP

/// Connections that came in by TCP and TLS: who gets one, and which must end. Strangers' are few; one that says nothing ends
/// after a while, and where there are too many of them the oldest gives way to the newest, so that a phone that comes is heard
/// however many others keep silent. A pure value: the time, and who is a stranger, are handed in.
///
///     admit --> hear, hear ... --> close            stranger and silent for so long --> overdue
package struct StreamTable: Sendable {
    package static let most = 480
    package static let mostOfStrangers = 128
    /// Of one address; of IPv6 of one /64.
    package static let mostPerStranger = 8
    package static let mostPerBanned = 4

    package struct Peer: Hashable, Sendable {
        package var source: IPAddress
        package var port: UInt16

        package init(source: IPAddress, port: UInt16) {
            self.source = source
            self.port = port
        }
    }

    /// How much whoever comes is believed.
    package enum Visitor: Sendable, Hashable {
        case listed, known, stranger, banned
    }

    package enum Verdict: Sendable, Hashable {
        case admitted
        /// That one ends for it, and is forgotten.
        case admittedInstead(of: Peer)
        case refused
    }

    private struct Stream {
        /// In which order they came.
        var number: UInt64
        /// When a whole message came last; before the first one, when it was opened.
        var heard: ContinuousClock.Instant
        var hasSpoken = false
    }

    private var streams: [Peer: Stream] = [:]
    private var count: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { streams.isEmpty }

    /// - Parameter isStranger: whether whoever is there has shown nothing by now.
    package mutating func admit(
        _ peer: Peer, as visitor: Visitor, now: ContinuousClock.Instant, isStranger: (IPAddress) -> Bool
    ) -> Verdict {
        var verdict = Verdict.admitted
        switch visitor {
        case .listed: break
        case .known: if streams.count >= Self.most { return .refused }
        case .stranger, .banned:
            let strangers = streams.filter { isStranger($0.key.source) }
            let network = peer.source.network
            let most = visitor == .banned ? Self.mostPerBanned : Self.mostPerStranger
            guard strangers.count(where: { $0.key.source.network == network }) < most else { return .refused }
            if strangers.count >= Self.mostOfStrangers || streams.count >= Self.most {
                guard let oldest = strangers.min(by: { Self.goesBefore($0.value, $1.value) }) else { return .refused }
                streams[oldest.key] = nil
                verdict = .admittedInstead(of: oldest.key)
            }
        }
        count += 1
        streams[peer] = Stream(number: count, heard: now)
        return verdict
    }

    /// Those that have said something stay longer.
    private static func goesBefore(_ one: Stream, _ other: Stream) -> Bool {
        one.hasSpoken == other.hasSpoken ? one.number < other.number : other.hasSpoken
    }

    /// A whole message came.
    package mutating func hear(_ peer: Peer, now: ContinuousClock.Instant) {
        streams[peer]?.heard = now
        streams[peer]?.hasSpoken = true
    }

    package mutating func close(_ peer: Peer) { streams[peer] = nil }

    /// Those of strangers that have been silent for longer than that; they are forgotten.
    package mutating func takeOverdue(
        after patience: Duration, now: ContinuousClock.Instant, isStranger: (IPAddress) -> Bool
    ) -> [Peer] {
        let overdue = streams.filter { $0.value.heard.duration(to: now) > patience && isStranger($0.key.source) }.map(
            \.key)
        for peer in overdue { streams[peer] = nil }
        return overdue
    }
}
