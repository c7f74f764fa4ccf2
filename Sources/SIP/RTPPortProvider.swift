// SPDX-License-Identifier: Apache-2.0

package import SDP
package import Telephony

/// A port of the media engine with its local UDP ports.
package struct RTPPortOpening: Sendable, Hashable {
    package var port: PortID
    package var rtpPort: UInt16
    package var rtcpPort: UInt16

    package init(port: PortID, rtpPort: UInt16, rtcpPort: UInt16) {
        self.port = port
        self.rtpPort = rtpPort
        self.rtcpPort = rtcpPort
    }
}

/// What SIP needs of the media engine. Called from the SIP thread, and `openPort` also from the thread that dials: must be
/// safe from both and return quickly (no name look-ups, no waiting for the mix thread).
package protocol RTPPortProvider: Sendable {
    /// Opens a pair of UDP ports on a numeric local address. Nil when the engine or its range of ports is full.
    func openPort(on address: IPAddress) -> RTPPortOpening?
    /// Says what was agreed upon, the first time and after every re-offer. A changed remote address resets the source latch.
    func configure(_ port: PortID, for audio: NegotiatedAudio)
    func closePort(_ port: PortID)
}
