// SPDX-License-Identifier: Apache-2.0

/// What the mix thread publishes about a port some times a second.
package struct PortMeters: BitwiseCopyable, Sendable {
    package var packetsReceived: UInt64 = 0
    package var packetsSent: UInt64 = 0
    package var packetsLost: UInt64 = 0
    package var framesConcealed: UInt64 = 0
    package var framesDecoded: UInt64 = 0
    package var jitterNS: Int64 = 0
    package var roundTripNS: Int64 = 0
    /// What gets lost of what we send, as the far end reports it.
    package var farLossPercent: Int32 = 0
    /// By how much later than the earliest packets those of the far end are waited for.
    package var targetNS: Int64 = 0
    /// From arrival to the moment at which the sound leaves in a mix, as last measured.
    package var standingDelayNS: Int64 = 0
    /// Mean square of what comes in, smoothed.
    package var level: Float = 0
    package var isTalking = false
    package var isMuted = false
    package var card = CardCounters()
    package var driftPPM: Float = 0

    package init() {}
}
