// SPDX-License-Identifier: Apache-2.0

import Media
import RTP
import SDP
import SIP
import Signals
import Telephony

/// What SIP needs of the media engine, in SIP's words.
struct MediaPorts: RTPPortProvider {
    let engine: MediaEngine

    func openPort(on address: IPAddress) -> RTPPortOpening? {
        guard let opened = try? engine.openRTPPort(TransportAddress(address, port: 0)) else { return nil }
        return RTPPortOpening(port: opened.port, rtpPort: opened.local.port, rtcpPort: opened.local.port &+ 1)
    }

    func configure(_ port: PortID, for audio: NegotiatedAudio) {
        guard let parameters = RTPParameters(audio) else { return }
        try? engine.configure(port, parameters)
    }

    func closePort(_ port: PortID) { engine.closeRTPPort(port) }
}

extension RTPParameters {
    /// Nil when none of the codecs is ours, which offer and answer have excluded.
    init?(_ audio: NegotiatedAudio) {
        // What we send comes first; the far end may send any of them.
        let payloads = [audio.sending] + audio.receiving.filter { $0.type != audio.sending.type }
        let known = payloads.compactMap { payload in
            AudioCodec.named(payload.encoding).map { Audio(payloadType: payload.type, codec: $0) }
        }
        guard !known.isEmpty else { return nil }
        let remote = audio.remoteAddress.map { TransportAddress($0, port: audio.remotePort) } ?? .none
        self.init(audio: known, remote: remote)
        let events =
            [audio.sendingEvents].compactMap { $0 } + audio.receivingEvents.filter { $0 != audio.sendingEvents }
        self.events = events.map { Event(payloadType: $0.type, clockRate: $0.clockRate) }
        remoteControl = audio.remoteRTCPAddress.map { TransportAddress($0, port: audio.remoteRTCPPort) }
        multiplexesControl = audio.multiplexesRTCP
        sends = audio.sends
        receives = audio.receives
        frameMilliseconds = audio.packetTime
        comfortNoise = audio.comfortNoise
        if let opus = audio.sending.opus {
            mostBitsPerSecond = opus.mostBitsPerSecond
            wantsForwardErrorCorrection = opus.wantsForwardErrorCorrection
            wantsDiscontinuousTransmission = opus.wantsDiscontinuousTransmission
        }
        takesForeigners = audio.takesForeignAudio
        if let address = audio.signallingAddress { signalling = TransportAddress(address, port: 9) }
        if let security = audio.security {
            guard let suite = MediaSuite(rawValue: security.suite.rawValue) else { return nil }
            keys = MediaKeys(
                own: MediaKey(suite: suite, bytes: security.ownKey), far: MediaKey(suite: suite, bytes: security.farKey)
            )
        }
    }
}

extension AudioCodec {
    static func named(_ encoding: AudioEncoding) -> AudioCodec? {
        all.first { $0.name.lowercased() == encoding.rawValue.lowercased() }
    }
}

extension TransportAddress {
    init(_ address: IPAddress, port: UInt16) {
        let bytes = address.bytes
        func number(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        if bytes.count == 4 {
            self.init(ipv4: UInt32(truncatingIfNeeded: number(bytes[...])), port: port)
        } else {
            self.init(high: number(bytes.prefix(8)), low: number(bytes.suffix(8)), port: port)
        }
    }
}
