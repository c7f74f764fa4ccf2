// SPDX-License-Identifier: Apache-2.0
// RFC 3261 sections 12.1.2 and 13.2.2.4, RFC 3264. Not done: two calls of one INVITE; the first 200 has the call. After a
// reliable 1xx (RFC 3262) sofia-sip hands on only what comes with its tag: a 200 of another place it acknowledges and ends
// by itself, and the call goes on waiting for the first place.

package import SDP

/// The answers to one INVITE that a proxy sent to several places: each To tag is a dialog of its own, whose answer says nothing
/// about those of the others. A pure value.
///
///     our offer --+-- 183 tag=a, answer A --> A holds for a: early audio
///                 +-- 200 tag=b, answer B --> from the same offer: B counts, whatever A was
package struct ForkedAnswers: Sendable {
    /// Places whose answers are remembered; a further one begins afresh.
    package static let most = 16

    /// Our offer, before any answer.
    private let opened: OfferAnswer
    private var others: [String: OfferAnswer] = [:]
    /// Whose answer is being looked at; empty before the first.
    package private(set) var tag = ""

    /// - Parameter opened: with an offer that waits for its answer.
    package init(_ opened: OfferAnswer) { self.opened = opened }

    /// Turns to the place which a response came from.
    /// - Parameter current: what has become of the negotiation with the place so far.
    /// - Returns: the negotiation with the place of that tag.
    package mutating func turn(to next: String, from current: OfferAnswer) -> OfferAnswer {
        guard !next.isEmpty, next != tag else { return current }
        defer { tag = next }
        guard !tag.isEmpty else { return current }
        if others.count < Self.most || others[tag] != nil { others[tag] = current }
        return others[next] ?? opened
    }
}
