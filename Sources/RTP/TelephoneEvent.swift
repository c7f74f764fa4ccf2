// SPDX-License-Identifier: Apache-2.0
// RFC 4733 section 2.3: the payload of a telephone event.

/// Four bytes that say: this event has lasted so long.
///
///     |     event     |E|R| volume    |          duration             |
package struct TelephoneEvent: Hashable, Sendable, BitwiseCopyable {
    package static let byteCount = 4
    /// Events 0 … 15 are the DTMF signals; the others are not for us.
    package static let lastDigit: UInt8 = 15

    package var code: UInt8
    package var isEnd: Bool
    /// Level in -dBm0, 0 … 63.
    package var volume: UInt8
    /// In units of the time stamp clock.
    package var duration: UInt16

    package init(code: UInt8, isEnd: Bool, volume: UInt8, duration: UInt16) {
        self.code = code
        self.isEnd = isEnd
        self.volume = volume
        self.duration = duration
    }

    /// Nil when the payload is too short; further events in the payload (never used for DTMF) are ignored.
    package init?(_ bytes: UnsafePointer<UInt8>, count: Int) {
        guard count >= Self.byteCount else { return nil }
        code = bytes[0]
        isEnd = bytes[1] & 0x80 != 0
        volume = bytes[1] & 0x3F
        duration = Wire.load16(bytes + 2)
    }

    package func write(to bytes: UnsafeMutablePointer<UInt8>) {
        bytes[0] = code
        bytes[1] = volume & 0x3F | (isEnd ? 0x80 : 0)
        Wire.store16(duration, to: bytes + 2)
    }
}
