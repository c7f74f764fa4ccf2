// SPDX-License-Identifier: Apache-2.0
// RFC 3551 (payload types), RFC 4733 (telephone-event), RFC 3389 (comfort noise), RFC 5761 (multiplexed RTCP).

package import RTP
package import Signals

/// What was negotiated for the audio of one call, as the SIP side hands it over.
package struct RTPParameters: Sendable {
    package struct Audio: Sendable {
        package var payloadType: UInt8
        package var codec: AudioCodec

        package init(payloadType: UInt8, codec: AudioCodec) {
            self.payloadType = payloadType
            self.codec = codec
        }
    }

    package struct Event: Sendable, Hashable {
        package var payloadType: UInt8
        package var clockRate: Int

        package init(payloadType: UInt8, clockRate: Int) {
            self.payloadType = payloadType
            self.clockRate = clockRate
        }
    }

    /// At most eight of each are looked at. The first is what we send; the far end may send any of them at any time.
    package var audio: [Audio]
    package var events: [Event] = []
    /// Comfort noise (13, or dynamic).
    package var comfortNoise: UInt8?
    /// From the SDP's c= and m=. `none` while it is not known.
    package var remote: TransportAddress
    /// The host that the call's signalling comes from (its port does not matter); `none` while it is not known.
    package var signalling = TransportAddress.none
    /// Audio may come from a host that is neither `remote`'s nor `signalling`'s.
    package var takesForeigners = false
    /// From a=rtcp; nil: the port after `remote`.
    package var remoteControl: TransportAddress?
    package var multiplexesControl = false
    /// We send (their direction allows it).
    package var sends = true
    /// What they send is heard. When false, everything that comes in is dropped but still keeps the call alive.
    package var receives = true
    /// Frames that we send last so long; 10 … 60.
    package var frameMilliseconds = 20
    /// What the far end wishes to get, opus only (RFC 7587 section 6.1): bits a second at most (nil: no wish), copies of
    /// earlier frames (FEC), nothing in silence (DTX).
    package var mostBitsPerSecond: Int?
    package var wantsForwardErrorCorrection = true
    package var wantsDiscontinuousTransmission = false
    /// SRTP; nil: in clear.
    package var keys: MediaKeys?
    /// The CNAME in our reports, no personal data.
    package var canonicalName = "partyline"

    package init(audio: [Audio], remote: TransportAddress) {
        self.audio = audio
        self.remote = remote
    }
}
