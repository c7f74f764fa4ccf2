// SPDX-License-Identifier: Apache-2.0

import CLinux
package import RTP

/// One call's media on the network: a socket pair, the latch that decides whom to believe, a receive half that turns
/// packets into a `SampleTrack`, and a send half.
///
///     PacketInlet --packet, arrival--> RTPPort -- latch --> RTPReceiver --> SampleTrack --> mixer
///     far end <-- SendBatch <-- RTPSender <-- encoded frame <------------------------------ mixer
///
/// Built on the control side (`MediaNetwork`), handed to the mix thread by pointer, used by that thread alone until it
/// comes back through the retire queue; freeing it closes the sockets. Nothing here allocates after `init`.
package final class RTPPort: @unchecked Sendable {
    /// Sockets of RTP and RTCP; negative in memory networks.
    package let socket: Int32
    package let controlSocket: Int32
    /// Where the sockets are bound; what the SDP says has this port.
    package let local: TransportAddress
    package private(set) var streams: RTPStreams
    /// Its receiver, without references to count for each packet.
    private var ear: Unmanaged<RTPReceiver>
    package private(set) var latch: SourceLatch
    /// Newest packet from the believed source, of any kind, ns; 0: none yet. For the 60 s without media.
    package private(set) var lastHeard: Int64 = 0
    /// Packets from sources that are not believed.
    package private(set) var refusedPackets: UInt64 = 0
    package private(set) var control: RTCPSession
    private var binding = PeerBinding()
    /// The kernel sends what we write to `destination`, and nowhere else.
    package var isBound: Bool { binding.isBound }

    /// Copies of packets go there (`partyline trace`). Retained.
    var tap: Unmanaged<PacketTap>?

    private let sockets: SocketPair?
    /// The port of the mixer that it belongs to, while it is open.
    var owner: Unmanaged<MixPort>?
    /// What a packet leads through.
    private var lines = HotLines()
    var hotLines: HotLines.Reference { lines.reference }

    package var receiver: RTPReceiver { streams.receiver }
    package var sender: RTPSender { streams.sender }
    /// Where our packets go now.
    package var destination: TransportAddress { latch.destination }

    init(sockets: SocketPair, streams: RTPStreams) {
        self.sockets = sockets
        socket = sockets.media
        controlSocket = sockets.control
        local = sockets.local
        self.streams = streams
        ear = .passUnretained(streams.receiver)
        latch = SourceLatch(
            expected: streams.remote, signalling: streams.signalling, takesForeigners: streams.takesForeigners)
        control = RTCPSession(streams)
        findHotLines()
    }

    /// A port without sockets: its packets go through `MemoryNetwork`.
    init(memory number: Int32, local: TransportAddress, streams: RTPStreams) {
        sockets = nil
        socket = number
        controlSocket = number
        self.local = local
        self.streams = streams
        ear = .passUnretained(streams.receiver)
        latch = SourceLatch(
            expected: streams.remote, signalling: streams.signalling, takesForeigners: streams.takesForeigners)
        control = RTCPSession(streams)
        findHotLines()
    }

    // On the control side: the mix thread has given the port back.
    deinit { tap?.release() }

    /// A new SDP exchange: the new halves go on with our source, sequence and time line. Returns the old ones to be
    /// freed on the control side. The track may be another one afterwards (`receiver.track`).
    package func adopt(_ new: RTPStreams, now: Int64) -> RTPStreams {
        let old = streams
        new.sender.takeOver(from: old.sender)
        new.receiver.takeOver(from: old.receiver)
        if let mine = new.security, let former = old.security { mine.takeOver(from: former) }
        latch.expect(new.remote, signalling: new.signalling, takesForeigners: new.takesForeigners)
        control.adopt(new)
        streams = new
        ear = .passUnretained(new.receiver)
        reviewBinding(now: now)
        findHotLines()
        return old
    }

    /// `digits`: what looks at the audio when it has come.
    func findHotLines(_ digits: DigitFilter? = nil) {
        lines.clear(owner: Unmanaged.passUnretained(self).toOpaque())
        lines.add(self, atMost: 256)
        lines.add(streams, atMost: 64)
        streams.receiver.addWay(to: &lines)
        lines.beginLoudPart()
        digits?.addWay(to: &lines)
    }

    /// What it says is loud enough for digits.
    func note(isLoud: Bool) { lines.set(isLoud: isLoud) }

    /// One packet from the network. `arrival` in ns of the clock that the mix thread runs on. What is secured is made plain in
    /// place, whatever was there.
    package func receive(
        _ bytes: UnsafeMutablePointer<UInt8>, count: Int, from source: TransportAddress, isControl: Bool, arrival: Int64
    ) {
        let isControl = isControl || (streams.multiplexesControl && RTPHeader.isControl(bytes, count: count))
        tap?._withUnsafeGuaranteedRef {
            $0.note(bytes, count: count, peer: source, isIncoming: true, isControl: isControl, at: arrival)
        }
        if isControl {
            receiveControl(bytes, count: count, from: source, arrival: arrival)
            return
        }
        var count = count
        if let security = streams.security {
            // Whoever does not have the key cannot win the latch, nor the time that decoding takes.
            count = security.incoming.unprotect(bytes, count: count)
            guard count > 0 else {
                refusedPackets &+= 1
                return
            }
        }
        guard let header = RTPHeader(bytes, count: count) else {
            refusedPackets &+= 1
            return
        }
        // What we have no use for cannot win the latch either.
        let isUnderstood = ear._withUnsafeGuaranteedRef { $0.understands(header.payloadType) }
        guard isUnderstood else {
            refusedPackets &+= 1
            return
        }
        let verdict = latch.judge(from: source, ssrc: header.ssrc, sequence: header.sequence, at: arrival)
        guard verdict != .refuse else {
            refusedPackets &+= 1
            return
        }
        lastHeard = max(lastHeard, arrival)
        ear._withUnsafeGuaranteedRef { $0.take(header, payload: bytes + header.payloadOffset, arrival: arrival) }
    }

    /// Ties the socket to the peer, or opens it, when it is time for that.
    package func reviewBinding(now: Int64) {
        guard sockets != nil else { return }
        switch binding.review(latch, lastHeard: lastHeard, now: now) {
        case .none: break
        case .open: _ = partyline_udp_bind_peer(socket, nil)
        case .bind(let peer):
            var address = partyline_address(peer)
            if partyline_udp_bind_peer(socket, &address) != 0 {
                _ = partyline_udp_bind_peer(socket, nil)
                binding.fail()
            }
        }
    }

    /// When the next report is due, ns. The mixer looks at it whenever it serves the port.
    package var nextReport: Int64 { control.next }

    /// Sends the report that is due, and plans the next one. `wallOffset`: CLOCK_REALTIME - CLOCK_MONOTONIC.
    package func report(now: Int64, wallOffset: Int64, into batch: SendBatch) {
        control.report(
            receiver: streams.receiver, sender: streams.sender, now: now, wallOffset: wallOffset, socket: controlSocket,
            mediaSocket: socket, destination: controlDestination, isLast: false,
            security: streams.security?.outgoing, tap: tap, into: batch)
    }

    /// Says goodbye: the last packet of the port.
    package func sayGoodbye(now: Int64, wallOffset: Int64, into batch: SendBatch) {
        control.report(
            receiver: streams.receiver, sender: streams.sender, now: now, wallOffset: wallOffset, socket: controlSocket,
            mediaSocket: socket, destination: controlDestination, isLast: true,
            security: streams.security?.outgoing, tap: tap, into: batch)
    }

    /// Where our reports go: beside the media, unless the SDP or the peer's own reports say otherwise.
    private var controlDestination: TransportAddress {
        let media = latch.destination
        if streams.multiplexesControl { return media }
        if let heard = control.source, heard.hasSameHost(as: media) { return heard }
        if media == latch.expected, let named = streams.remoteControl { return named }
        return media.with(port: media.port &+ 1)
    }

    private func receiveControl(
        _ bytes: UnsafeMutablePointer<UInt8>, count: Int, from source: TransportAddress, arrival: Int64
    ) {
        // Reports move nothing: they are read only from the host that the media come from.
        let isNamed = streams.remoteControl.map { $0.hasSameHost(as: source) } ?? false
        guard source.hasSameHost(as: latch.destination) || isNamed else {
            refusedPackets &+= 1
            return
        }
        var count = count
        if let security = streams.security {
            count = security.incoming.unprotectControl(bytes, count: count)
            guard count > 0 else {
                refusedPackets &+= 1
                return
            }
        }
        control.take(bytes, count: count, from: source, ourSSRC: streams.sender.ssrc, arrival: arrival)
    }
}
