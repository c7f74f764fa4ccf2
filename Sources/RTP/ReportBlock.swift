// SPDX-License-Identifier: Apache-2.0
// RFC 3550 section 6.4.1: the reception report block.

/// What one side says about what it hears of the other.
package struct ReportBlock: Hashable, Sendable, BitwiseCopyable {
    package static let byteCount = 24

    package var ssrc: UInt32
    package var fractionLost: UInt8
    /// 24 bits, signed: duplicates can make it negative.
    package var cumulativeLost: Int32
    package var highestSequence: UInt32
    /// In units of the time stamp clock.
    package var jitter: UInt32
    /// Middle 32 bits of the NTP time of the last sender report, 0: none came.
    package var lastSR: UInt32
    /// Since that report came, in 1/65536 s.
    package var delaySinceSR: UInt32

    package init(
        ssrc: UInt32, fractionLost: UInt8, cumulativeLost: Int32, highestSequence: UInt32, jitter: UInt32,
        lastSR: UInt32, delaySinceSR: UInt32
    ) {
        self.ssrc = ssrc
        self.fractionLost = fractionLost
        self.cumulativeLost = cumulativeLost
        self.highestSequence = highestSequence
        self.jitter = jitter
        self.lastSR = lastSR
        self.delaySinceSR = delaySinceSR
    }

    /// The caller has checked that 24 bytes are there.
    package init(_ bytes: UnsafePointer<UInt8>) {
        ssrc = Wire.load32(bytes)
        let loss = Wire.load32(bytes + 4)
        fractionLost = UInt8(truncatingIfNeeded: loss >> 24)
        cumulativeLost = Int32(bitPattern: loss << 8) >> 8
        highestSequence = Wire.load32(bytes + 8)
        jitter = Wire.load32(bytes + 12)
        lastSR = Wire.load32(bytes + 16)
        delaySinceSR = Wire.load32(bytes + 20)
    }

    package func write(to bytes: UnsafeMutablePointer<UInt8>) {
        Wire.store32(ssrc, to: bytes)
        Wire.store32(
            UInt32(fractionLost) << 24 | UInt32(bitPattern: cumulativeLost) & 0xFF_FFFF, to: bytes + 4)
        Wire.store32(highestSequence, to: bytes + 8)
        Wire.store32(jitter, to: bytes + 12)
        Wire.store32(lastSR, to: bytes + 16)
        Wire.store32(delaySinceSR, to: bytes + 20)
    }
}
