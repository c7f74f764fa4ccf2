// SPDX-License-Identifier: Apache-2.0
// Symmetric RTP (RFC 4961) behind NAT, without letting a stranger take the call over.

/// Decides from which address a call's packets are believed, and so where ours are sent.
///
///     expecting --packet from the SDP address-----------------------> latched (stays)
///     expecting --3 in a row from another port of a host that the
///                 signalling names: the SDP's, or its own-----------> latched by guess (the SDP address takes it back)
///     expecting --3 in a row from a foreign host, two seconds after
///                 the first packet, where that is allowed-----------> latched by guess
///     latched ---500 ms silent, then 3 in a row, same SSRC, sequence goes on--> latched to the new address
///
/// Everything else is refused. Foreign hosts are allowed for trunks and phones that say so; whoever sends the most would
/// otherwise get the audio of everybody who is silent. The mix thread owns it; times are handed in.
package struct SourceLatch: Sendable, BitwiseCopyable {
    package enum Verdict: Sendable, BitwiseCopyable {
        case accept
        /// Accepted, and from now on the peer is at another address than before.
        case acceptMoved
        case refuse
    }

    package static let silenceBeforeMove: Int64 = 500_000_000
    /// Where foreign hosts are allowed at all, one is believed only after so long: the call's own hosts come first.
    package static let silenceBeforeForeigners: Int64 = 2_000_000_000
    private static let runLength = 3
    /// Sequence numbers that may be missing when a source reappears elsewhere: 10 s of 10 ms packets.
    private static let longestGap: Int16 = 1000

    /// From the SDP; `none` while it is not known.
    package private(set) var expected: TransportAddress
    /// The host that the call's signalling comes from; `none`: not known.
    package private(set) var signalling: TransportAddress
    /// A host that no signalling has named may be believed.
    package private(set) var takesForeigners: Bool
    package private(set) var latched: TransportAddress?
    /// When the first packet came, from whomever; 0: none yet.
    private var began: Int64 = 0
    private var isGuess = false
    private var ssrc: UInt32 = 0
    private var sequence: UInt16 = 0
    private var lastAccepted: Int64 = 0

    private var candidate = TransportAddress.none
    private var candidateSSRC: UInt32 = 0
    private var candidateSequence: UInt16 = 0
    private var candidateRun = 0

    package init(expected: TransportAddress, signalling: TransportAddress = .none, takesForeigners: Bool = false) {
        self.expected = expected
        self.signalling = signalling
        self.takesForeigners = takesForeigners
    }

    /// The latched source is the one that the SDP names, or nothing can take it back any more.
    package var isCertain: Bool { latched != nil && !isGuess }

    /// Where our packets go: to the latched source, before that to the SDP address.
    package var destination: TransportAddress { latched ?? expected }

    /// A new SDP. The latch opens only when the peer named another address.
    package mutating func expect(
        _ address: TransportAddress, signalling: TransportAddress = .none, takesForeigners: Bool = false
    ) {
        self.signalling = signalling
        self.takesForeigners = takesForeigners
        guard address != expected else { return }
        self = SourceLatch(expected: address, signalling: signalling, takesForeigners: takesForeigners)
    }

    package mutating func judge(
        from source: TransportAddress, ssrc packetSSRC: UInt32, sequence packetSequence: UInt16, at now: Int64
    ) -> Verdict {
        if began == 0 { began = max(1, now) }
        if source == latched {
            accept(packetSSRC, packetSequence, now)
            return .accept
        }
        if source == expected, latched == nil || isGuess {
            let moved = latched != nil
            take(source, packetSSRC, packetSequence, now, guess: false)
            return moved ? .acceptMoved : .accept
        }
        guard runs(source, packetSSRC, packetSequence) else { return .refuse }
        if latched == nil {
            guard isLikely(source, now) else { return .refuse }
            take(source, packetSSRC, packetSequence, now, guess: true)
            return .acceptMoved
        }
        let gap = Int16(bitPattern: packetSequence &- sequence)
        guard now &- lastAccepted >= Self.silenceBeforeMove, packetSSRC == ssrc, gap > 0, gap <= Self.longestGap
        else { return .refuse }
        take(source, packetSSRC, packetSequence, now, guess: isGuess)
        return .acceptMoved
    }

    private func isLikely(_ source: TransportAddress, _ now: Int64) -> Bool {
        source.hasSameHost(as: signalling) || source.hasSameHost(as: expected)
            || takesForeigners && now &- began >= Self.silenceBeforeForeigners
    }

    /// Counts packets in a row of one candidate; true from the third on.
    private mutating func runs(_ source: TransportAddress, _ ssrc: UInt32, _ sequence: UInt16) -> Bool {
        let continues = source == candidate && ssrc == candidateSSRC && sequence == candidateSequence &+ 1
        candidateRun = continues ? min(candidateRun &+ 1, Self.runLength) : 1
        candidate = source
        candidateSSRC = ssrc
        candidateSequence = sequence
        return candidateRun >= Self.runLength
    }

    private mutating func take(
        _ source: TransportAddress, _ ssrc: UInt32, _ sequence: UInt16, _ now: Int64, guess: Bool
    ) {
        latched = source
        isGuess = guess
        self.ssrc = ssrc
        self.sequence = sequence
        lastAccepted = now
        candidateRun = 0
    }

    private mutating func accept(_ ssrc: UInt32, _ sequence: UInt16, _ now: Int64) {
        if ssrc != self.ssrc || Int16(bitPattern: sequence &- self.sequence) > 0 {
            self.sequence = sequence
        }
        self.ssrc = ssrc
        lastAccepted = max(lastAccepted, now)
    }
}
