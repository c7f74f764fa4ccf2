// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import RTP

/// Takes packets from all sockets of a mix thread and gives each to its port.
///
///     sockets --epoll--> recvmmsg with kernel arrival times --> RTPPort.receive
///
/// Sockets are watched by edges: one system call for each that has a packet (two at most are asked for at first; fewer
/// than asked for: it is empty), and none to be told that there is no more.
/// Made on the control side; all methods are the mix thread's. A flood on one port is taken in bounded portions, so the
/// other ports and the deadlines do not wait for it: what is not taken overflows in the kernel.
package final class PacketInlet {
    private static let atOnce = 16
    private static let atFirst = 2
    private static let bufferLength = 2048
    /// Portions of sixteen packets that one socket may have in a drain.
    private static let portions = 4
    private static let readyCapacity = 256
    /// So many ports ahead their memory is fetched.
    private static let ahead = 2

    /// Negative where there is no epoll (memory networks).
    package let epoll: Int32
    /// Packets that were given to ports, and drains that left some behind.
    package private(set) var packets: UInt64 = 0
    package private(set) var overfull: UInt64 = 0
    /// CLOCK_REALTIME - CLOCK_MONOTONIC as of the last drain, for sender reports; 0 in memory networks.
    package private(set) var wallOffset: Int64 = 0

    private let incoming: UnsafeMutablePointer<partyline_incoming>
    private let buffers: UnsafeMutablePointer<UInt8>
    private let ready: UnsafeMutablePointer<UInt64>
    private let memory: MemoryNetwork?

    package init(memory: MemoryNetwork? = nil) {
        self.memory = memory
        epoll = memory == nil ? partyline_epoll() : -1
        buffers = .allocate(capacity: Self.atOnce * Self.bufferLength)
        buffers.initialize(repeating: 0, count: Self.atOnce * Self.bufferLength)
        incoming = .allocate(capacity: Self.atOnce)
        incoming.initialize(repeating: partyline_incoming(), count: Self.atOnce)
        ready = .allocate(capacity: Self.readyCapacity)
        ready.initialize(repeating: 0, count: Self.readyCapacity)
        for index in 0..<Self.atOnce {
            incoming[index].bytes = buffers + index * Self.bufferLength
            incoming[index].capacity = UInt32(Self.bufferLength)
        }
    }

    deinit {
        if epoll >= 0 { _ = close(epoll) }
        incoming.deallocate()
        buffers.deallocate()
        ready.deallocate()
    }

    /// The port's packets come from now on. The caller keeps the port alive until `remove`. False: the kernel refused.
    package func add(_ port: RTPPort) -> Bool {
        if let memory { return memory.attach(port) }
        let data = Self.data(port)
        guard partyline_epoll_watch(epoll, port.socket, data, 0) == 0 else { return false }
        guard partyline_epoll_watch(epoll, port.controlSocket, data | 1, 0) == 0 else {
            _ = partyline_epoll_remove(epoll, port.socket)
            return false
        }
        return true
    }

    package func remove(_ port: RTPPort) {
        if let memory {
            memory.detach(port)
            return
        }
        _ = partyline_epoll_remove(epoll, port.socket)
        _ = partyline_epoll_remove(epoll, port.controlSocket)
    }

    /// Gives every packet that is there to its port. `now` in ns of CLOCK_MONOTONIC, or of the virtual clock.
    package func drain(now: Int64) {
        if let memory {
            packets &+= UInt64(memory.deliver(upTo: now))
            return
        }
        wallOffset = partyline_wall_offset()
        // With more ready sockets than fit, epoll tells the others next: it takes turns.
        for _ in 0..<16 {
            let count = Int(partyline_epoll_wait_until(epoll, -1, ready, Int32(Self.readyCapacity)))
            guard count > 0 else { return }
            drain(min(count, Self.readyCapacity), now: now)
            if count < Self.readyCapacity { return }
        }
    }

    /// Drains `count` sockets that are ready; what the next ones need is on its way meanwhile.
    private func drain(_ count: Int, now: Int64) {
        for index in 0..<min(count, Self.ahead * 2) { Self.lines(ready[index])?.approach() }
        for index in 0..<min(count, Self.ahead) { Self.lines(ready[index])?.fetch() }
        for index in 0..<count {
            if index &+ Self.ahead * 2 < count { Self.lines(ready[index &+ Self.ahead * 2])?.approach() }
            if index &+ Self.ahead < count { Self.lines(ready[index &+ Self.ahead])?.fetch() }
            drain(ready[index], now: now)
            lookAtDigits(ready[index])
        }
    }

    /// Now, while what has come is in the nearest cache.
    private func lookAtDigits(_ data: UInt64) {
        guard data & 1 == 0, let pointer = Self.lines(data)?.owner else { return }
        Unmanaged<RTPPort>.fromOpaque(pointer)._withUnsafeGuaranteedRef { port in
            port.owner?._withUnsafeGuaranteedRef { $0.inspectDigits() }
        }
    }

    private func drain(_ data: UInt64, now: Int64) {
        guard let pointer = Self.lines(data)?.owner else { return }
        let port = Unmanaged<RTPPort>.fromOpaque(pointer)
        let isControl = data & 1 != 0
        let socket = port._withUnsafeGuaranteedRef { isControl ? $0.controlSocket : $0.socket }
        for portion in 0...Self.portions {
            let asked = portion == 0 ? Self.atFirst : Self.atOnce
            let count = Int(partyline_udp_receive(socket, incoming, Int32(asked)))
            for index in 0..<max(0, min(count, Self.atOnce)) {
                let packet = incoming[index]
                guard packet.count > 0, let bytes = packet.bytes else { continue }
                let source = TransportAddress(packet.from)
                let arrival = arrival(packet.arrival_ns, now: now)
                port._withUnsafeGuaranteedRef {
                    $0.receive(
                        bytes, count: Int(packet.count), from: source, isControl: isControl, arrival: arrival)
                }
                packets &+= 1
            }
            if count < asked { return }
        }
        overfull &+= 1
        // The rest has its turn in the next drain.
        _ = partyline_epoll_watch(epoll, socket, data, 1)
    }

    /// The kernel's time in our clock; `now` where it cannot be right (clock set in between).
    private func arrival(_ wall: Int64, now: Int64) -> Int64 {
        let time = wall &- wallOffset
        return wall != 0 && time <= now &+ 1_000_000 && time > now &- 10_000_000_000 ? min(time, now) : now
    }

    private static func data(_ port: RTPPort) -> UInt64 {
        UInt64(UInt(bitPattern: port.hotLines.block))
    }

    private static func lines(_ data: UInt64) -> HotLines.Reference? {
        UnsafeMutablePointer(bitPattern: UInt(data & ~1)).map(HotLines.Reference.init)
    }
}
