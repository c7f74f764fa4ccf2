// SPDX-License-Identifier: Apache-2.0

package import RTP
import Synchronization

/// Copies of a port's packets, as they were on the wire, for a few seconds. The mix thread writes into memory that was there
/// before, and nothing more when it is full; the control side reads.
package final class PacketTap: @unchecked Sendable {
    package struct Packet: Sendable {
        /// CLOCK_MONOTONIC, ns.
        package var time: Int64
        package var isIncoming: Bool
        package var isControl: Bool
        package var peer: TransportAddress
        package var bytes: [UInt8]
    }

    private struct Entry: BitwiseCopyable {
        var time: Int64 = 0
        var peer = TransportAddress.none
        var offset = 0
        var count = 0
        var isIncoming = false
        var isControl = false
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let bytes: UnsafeMutablePointer<UInt8>
    private let mostPackets: Int
    private let mostBytes: Int
    /// The mix thread's.
    private var used = 0
    private let published = Atomic(0)
    private let dropped = Atomic(0)

    /// At most 8,192 packets of 2 MB together by default: a G.711 call of 80 s.
    package init(mostPackets: Int = 8_192, mostBytes: Int = 2 << 20) {
        self.mostPackets = mostPackets
        self.mostBytes = mostBytes
        entries = .allocate(capacity: mostPackets)
        entries.initialize(repeating: Entry(), count: mostPackets)
        bytes = .allocate(capacity: mostBytes)
        // Pages are there before the mix thread touches them.
        bytes.initialize(repeating: 0, count: mostBytes)
    }

    deinit {
        entries.deallocate()
        bytes.deallocate()
    }

    /// Packets that did not fit any more.
    package var missed: Int { dropped.load(ordering: .relaxed) }

    /// Mix thread only.
    func note(
        _ packet: UnsafePointer<UInt8>, count: Int, peer: TransportAddress, isIncoming: Bool, isControl: Bool,
        at time: Int64
    ) {
        let number = published.load(ordering: .relaxed)
        guard number < mostPackets, count >= 0, count <= mostBytes &- used else {
            dropped.wrappingAdd(1, ordering: .relaxed)
            return
        }
        (bytes + used).update(from: packet, count: count)
        entries[number] = Entry(
            time: time, peer: peer, offset: used, count: count, isIncoming: isIncoming, isControl: isControl)
        used &+= count
        published.store(number &+ 1, ordering: .releasing)
    }

    /// Everything so far. Any thread.
    package var packets: [Packet] {
        (0..<published.load(ordering: .acquiring)).map { number in
            let entry = entries[number]
            return Packet(
                time: entry.time, isIncoming: entry.isIncoming, isControl: entry.isControl, peer: entry.peer,
                bytes: Array(UnsafeBufferPointer(start: bytes + entry.offset, count: entry.count)))
        }
    }
}

/// What was seen of a port.
package struct MediaTrace: Sendable {
    package var local: TransportAddress
    package var packets: [PacketTap.Packet]
    /// CLOCK_REALTIME - CLOCK_MONOTONIC, ns.
    package var wallOffset: Int64
}
