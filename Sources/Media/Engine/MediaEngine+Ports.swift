package import RTP
// SPDX-License-Identifier: Apache-2.0
import RealTime
import Signals
import Synchronization
package import Telephony

// Ports: for SIP a socket pair and what was negotiated for it, for Lines a ready sound card.

extension MediaEngine {
    /// Opens a socket pair at this local address (its port is ignored: the range decides) before the answer is known.
    /// The local address that the SDP names comes with it.
    package func openRTPPort(_ address: TransportAddress) throws -> (port: PortID, local: TransportAddress) {
        let offered = RTPParameters(audio: [RTPParameters.Audio(payloadType: 0, codec: .pcmu)], remote: .none)
        let rtp = try network.open(address, offered)
        return (try insert { MixPort(id: $0, rtp: rtp) }, rtp.local)
    }

    /// Puts into effect what one offer and answer have agreed on; again after every re-INVITE.
    package func configure(_ port: PortID, _ parameters: RTPParameters) throws(MediaError) {
        guard let streams = RTPStreams(parameters, workspace: network.workspace) else { throw .noCodec }
        let sender = streams.sender
        guard let encoder = AudioEncoder(sender.codec, opus: opusOptions(parameters)) else { throw .noCodec }
        let frame8 = max(20, min(480, sender.frameSamples * 8000 / max(1, sender.codec.sampleRate)))
        let configuration = PortConfiguration(streams: streams, encoder: encoder, frame8: frame8)
        state.withLock { $0.ports[port] }?.codecName.withLock { $0 = sender.codec.name }
        send(.configure(port, .passRetained(configuration)))
    }

    /// Ours, as far as the far end wishes it.
    private func opusOptions(_ parameters: RTPParameters) -> OpusOptions {
        var opus = options.opus
        opus.bitsPerSecond = min(opus.bitsPerSecond, parameters.mostBitsPerSecond ?? .max)
        opus.sendsCopies = parameters.wantsForwardErrorCorrection
        opus.discontinuous = opus.discontinuous && parameters.wantsDiscontinuousTransmission
        return opus
    }

    /// Says goodbye to the far end (RTCP) and closes the sockets.
    package func closeRTPPort(_ port: PortID) { close(port) }

    /// Takes over a card that runs. Nil: no room. `onRelease` is called once, on some thread, when the mix thread will
    /// not call any of its functions again after `closeCardPort`.
    package func openCardPort(_ card: CardFunctions, onRelease: @escaping @Sendable () -> Void) -> PortID? {
        let line = CardLine(card, fill: options.cardFill, onRelease: onRelease)
        let tick8 = options.cardTick8
        return try? insert { MixPort(id: $0, card: line, tick8: tick8) }
    }

    /// After `portFailed`: the card works again (both its streams were started anew).
    package func resumeCardPort(_ port: PortID) { send(.resumeCard(port)) }

    package func closeCardPort(_ port: PortID) { close(port) }

    /// What happened on a card; nil when the port is closed.
    package func cardReport(_ port: PortID) -> (counters: CardCounters, driftPPM: Double)? {
        guard let meters = state.withLock({ $0.ports[port] })?.meters.read() else { return nil }
        return (meters.card, Double(meters.driftPPM))
    }

    private func insert(_ make: (PortID) -> MixPort) throws(MediaError) -> PortID {
        let made = state.withLock { state -> MixPort? in
            guard let place = state.portSlots.take() else { return nil }
            let port = make(PortID(slot: place.slot, generation: place.generation))
            state.ports[port.id] = port
            return port
        }
        guard let port = made else { throw .full(ports: options.ports) }
        send(.openPort(.passRetained(port)))
        return port.id
    }

    private func close(_ port: PortID) {
        let isOpen = state.withLock { state in
            state.ports.removeValue(forKey: port)
            return state.portSlots.give(slot: port.slot, generation: port.generation)
        }
        if isOpen { send(.closePort(port)) }
    }
}
