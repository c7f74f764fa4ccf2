// SPDX-License-Identifier: Apache-2.0

import CLinux
package import RTP

/// Packets on their way out, collected while a step of the mix thread makes them and sent together: some dozens at a
/// time, so that the first listeners of a large room do not wait for what is made for the last.
///
/// Everything is allocated beforehand; a full batch is flushed at once. What the kernel does not take is counted and
/// gone: media is never queued twice. Packets of memory sockets go to their `MemoryNetwork` instead.
package final class SendBatch {
    private let entries: UnsafeMutablePointer<partyline_outgoing>
    private let bytes: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private let byteCapacity: Int
    private var count = 0
    private var byteCount = 0
    /// Packets that the kernel refused (buffer full, no route).
    package private(set) var refused: UInt64 = 0
    package private(set) var sent: UInt64 = 0
    /// Where packets of memory sockets go.
    private let memory: MemoryNetwork?

    package init(packets: Int = 32, memory: MemoryNetwork? = nil) {
        capacity = max(1, packets)
        byteCapacity = max(capacity * 320, 4 * RTPHeader.longestPacket)
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: partyline_outgoing(), count: capacity)
        bytes = .allocate(capacity: byteCapacity)
        bytes.initialize(repeating: 0, count: byteCapacity)
        self.memory = memory
    }

    deinit {
        entries.deallocate()
        bytes.deallocate()
    }

    /// Room for a packet of `length` bytes, which the caller fills before anything else is appended; `now` (ns) is
    /// when it goes out should the batch be full. Nil when it is too long or has nowhere to go.
    package func append(
        length: Int, socket: Int32, to address: TransportAddress, now: Int64
    ) -> UnsafeMutablePointer<UInt8>? {
        append(length: length, socket: socket, to: address, isBound: false, now: now)
    }

    /// Room for a packet of the port's media to its peer.
    func append(length: Int, from port: RTPPort, now: Int64) -> UnsafeMutablePointer<UInt8>? {
        append(length: length, socket: port.socket, to: port.destination, isBound: port.isBound, now: now)
    }

    @inline(__always)
    private func append(
        length: Int, socket: Int32, to address: TransportAddress, isBound: Bool, now: Int64
    ) -> UnsafeMutablePointer<UInt8>? {
        guard length > 0, length <= RTPHeader.longestPacket, !address.isUnusable else { return nil }
        if count == capacity || byteCount &+ length > byteCapacity { flush(now: now) }
        entries[count].fd = socket
        entries[count].is_bound = isBound ? 1 : 0
        entries[count].offset = UInt32(truncatingIfNeeded: byteCount)
        entries[count].count = UInt32(truncatingIfNeeded: length)
        entries[count].to = partyline_address(address)
        let place = bytes + byteCount
        count &+= 1
        byteCount &+= length
        return place
    }

    /// The packet that was appended last is not sent after all.
    package func takeBackLast() {
        guard count > 0 else { return }
        count &-= 1
        byteCount = Int(entries[count].offset)
    }

    /// Sends all that is in it.
    package func flush(now: Int64) {
        guard count > 0 else { return }
        if let memory {
            for index in 0..<count {
                let entry = entries[index]
                memory.take(
                    bytes + Int(entry.offset), count: Int(entry.count), socket: entry.fd,
                    to: TransportAddress(entry.to), at: now)
            }
            sent &+= UInt64(count)
        } else {
            let taken = Int(partyline_udp_send(entries, Int32(truncatingIfNeeded: count), bytes))
            sent &+= UInt64(max(0, taken))
            refused &+= UInt64(max(0, count &- taken))
        }
        count = 0
        byteCount = 0
    }
}
