// SPDX-License-Identifier: Apache-2.0

package import RTP

/// What all ports of a mix thread share: spare packet buffers and scratch for one packet's samples.
/// Made on the control side; afterwards the mix thread alone touches what is in it.
/// Unchecked for that reason.
package final class RTPWorkspace: @unchecked Sendable {
    /// 120 ms at 48 kHz: no packet decodes to more.
    package static let scratchLength = 5760

    package let pool: PacketPool
    let decoded: UnsafeMutablePointer<Int16>
    let converted: UnsafeMutablePointer<Int16>

    /// `spareBuffers` packets can be out of order at a time, over all ports (1.5 kB each).
    package init(spareBuffers: Int) {
        pool = PacketPool(capacity: spareBuffers)
        decoded = .allocate(capacity: Self.scratchLength)
        converted = .allocate(capacity: Self.scratchLength)
        decoded.initialize(repeating: 0, count: Self.scratchLength)
        converted.initialize(repeating: 0, count: Self.scratchLength)
    }

    deinit {
        decoded.deallocate()
        converted.deallocate()
    }
}
