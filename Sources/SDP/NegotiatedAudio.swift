// SPDX-License-Identifier: Apache-2.0

/// A codec with the payload type that stands for it in one session.
package struct AudioPayload: Sendable, Hashable {
    /// 0 … 127.
    package var type: UInt8
    package var encoding: AudioEncoding
    /// What the far end wishes to receive; opus only.
    package var opus: OpusParameters?

    package init(type: UInt8, encoding: AudioEncoding, opus: OpusParameters? = nil) {
        self.type = type
        self.encoding = encoding
        self.opus = opus
    }
}

/// telephone-event (RFC 4733) with its payload type and clock.
package struct EventPayload: Sendable, Hashable {
    package var type: UInt8
    /// Hz: 8000, 16000 or 48000.
    package var clockRate: Int

    package init(type: UInt8, clockRate: Int) {
        self.type = type
        self.clockRate = clockRate
    }
}

/// What both sides agreed upon for the one audio stream of a call: all that its RTP port must know.
package struct NegotiatedAudio: Sendable, Hashable {
    /// Where the far end receives. `remoteAddress` is nil when it said 0.0.0.0: nothing can be sent then.
    package var remoteAddress: IPAddress?
    package var remotePort: UInt16
    package var remoteRTCPAddress: IPAddress?
    package var remoteRTCPPort: UInt16
    /// RTCP shares the RTP port, in both directions.
    package var multiplexesRTCP: Bool
    /// What we send.
    package var sending: AudioPayload
    /// All that the far end may send, in order of preference; payload types that are not listed are dropped.
    package var receiving: [AudioPayload]
    /// What we send digits as (the clock of `sending` where that is offered); nil: tones in the audio.
    package var sendingEvents: EventPayload?
    package var receivingEvents: [EventPayload]
    /// Payload type of comfort noise (RFC 3389), where the far end takes it and `sending` has its clock; nil: none.
    package var comfortNoise: UInt8?
    /// Milliseconds in each packet that we send.
    package var packetTime: Int
    /// We may send audio (the far end is not on hold towards us).
    package var sends: Bool
    /// What comes in is to be heard. False while the far end holds us: its music on hold stays out of every room.
    package var receives: Bool
    /// The far end put us on hold (sendonly, inactive, or the address 0.0.0.0).
    package var isHeld: Bool
    /// SRTP; nil: in clear.
    package var security: AudioSecurity?
    /// Where the call's signalling comes from: its audio may come from there as well (NAT). Not of the description.
    package var signallingAddress: IPAddress?
    /// Audio may come from elsewhere, too: the trunk or the phone is set so. Not of the description.
    package var takesForeignAudio = false

    package init(
        remoteAddress: IPAddress?, remotePort: UInt16, remoteRTCPAddress: IPAddress?, remoteRTCPPort: UInt16,
        multiplexesRTCP: Bool, sending: AudioPayload, receiving: [AudioPayload], sendingEvents: EventPayload?,
        receivingEvents: [EventPayload], comfortNoise: UInt8? = nil, packetTime: Int, sends: Bool, receives: Bool,
        isHeld: Bool
    ) {
        self.remoteAddress = remoteAddress
        self.remotePort = remotePort
        self.remoteRTCPAddress = remoteRTCPAddress
        self.remoteRTCPPort = remoteRTCPPort
        self.multiplexesRTCP = multiplexesRTCP
        self.sending = sending
        self.receiving = receiving
        self.sendingEvents = sendingEvents
        self.receivingEvents = receivingEvents
        self.comfortNoise = comfortNoise
        self.packetTime = packetTime
        self.sends = sends
        self.receives = receives
        self.isHeld = isHeld
    }
}

/// Why an offer or answer cannot be taken.
package enum SDPRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// No audio at all, or only T.38, video and the like.
    case noAudio
    /// Audio, but secured (SAVP) only: with a suite or key that is not ours, or where we take it in clear only.
    case securedOnly
    /// Audio in clear only, where it must be secured.
    case clearOnly
    /// Audio without a codec of ours.
    case noCommonCodec
    /// The address is a name, a multicast group, or of the family that this call does not use.
    case address
    /// An offer while one of ours is open.
    case pending
    /// An answer to nothing, or one that does not fit the offer.
    case unexpected

    package var description: String {
        switch self {
        case .noAudio: "no audio stream is offered"
        case .securedOnly: "only secured audio (SAVP) is offered, without a key that can be used"
        case .clearOnly: "secured audio (SAVP with a key) is wanted"
        case .noCommonCodec: "no codec in common"
        case .address: "the audio address is no numeric unicast address of this call's family"
        case .pending: "an offer is open already"
        case .unexpected: "the answer does not fit the offer"
        }
    }
}
