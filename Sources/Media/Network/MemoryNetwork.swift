// SPDX-License-Identifier: Apache-2.0

package import RTP

/// A network in memory, for conversations in virtual time: packets are injected with the time at which they shall
/// arrive, and what ports send is kept or handed to the port of that address after a delay.
///
/// Its ring is allocated beforehand, so that the allocation test can run on it. One thread at a time.
package final class MemoryNetwork {
    private struct Flight: BitwiseCopyable {
        var arrival: Int64 = 0
        var port: Int32 = -1
        var isControl = false
        var count: Int32 = 0
        var source = TransportAddress.none
    }

    private static let packetLength = RTPHeader.longestPacket
    private let capacity: Int
    private let flights: UnsafeMutablePointer<Flight>
    private let bytes: UnsafeMutablePointer<UInt8>
    private var flying = 0
    private var ports: [RTPPort?]
    private var nextPort = 0

    /// Called for each sent packet, at the flush that sends it. Nil: packets that go to no port are dropped.
    package var onSend:
        ((_ port: Int32, _ to: TransportAddress, _ packet: UnsafeBufferPointer<UInt8>, _ now: Int64) -> Void)?
    /// Packets to the address of another port arrive there after so long, ns.
    package var delay: Int64 = 0

    /// At most `capacity` packets fly at a time, for at most `ports` ports.
    package init(capacity: Int = 1024, ports: Int = 1024) {
        self.capacity = capacity
        flights = .allocate(capacity: capacity)
        flights.initialize(repeating: Flight(), count: capacity)
        bytes = .allocate(capacity: capacity * Self.packetLength)
        self.ports = .init(repeating: nil, count: ports)
    }

    deinit {
        flights.deallocate()
        bytes.deallocate()
    }

    /// A port of this network at 192.0.2.1 with RTP port 10000 + 2 · number. Nil without a codec.
    package func open(_ parameters: RTPParameters, workspace: RTPWorkspace) -> RTPPort? {
        guard nextPort < ports.count, let streams = RTPStreams(parameters, workspace: workspace) else { return nil }
        let number = Int32(nextPort)
        nextPort += 1
        let port = UInt16(truncatingIfNeeded: 10_000 + 2 * Int(number))
        return RTPPort(
            memory: number, local: TransportAddress(ipv4: 0xC000_0201, port: port), streams: streams)
    }

    /// A packet that shall come to the port at `arrival`. False: too many fly, or it is too long.
    @discardableResult
    package func inject(
        _ packet: UnsafeBufferPointer<UInt8>, to port: RTPPort, from source: TransportAddress, arrival: Int64,
        isControl: Bool = false
    ) -> Bool {
        inject(packet, number: port.socket, from: source, arrival: arrival, isControl: isControl)
    }

    func attach(_ port: RTPPort) -> Bool {
        guard port.socket >= 0, Int(port.socket) < ports.count else { return false }
        ports[Int(port.socket)] = port
        return true
    }

    func detach(_ port: RTPPort) {
        guard port.socket >= 0, Int(port.socket) < ports.count else { return }
        ports[Int(port.socket)] = nil
    }

    /// Delivers in the order of arrival; among equals in the order of injection.
    func deliver(upTo now: Int64) -> Int {
        var delivered = 0
        while true {
            var earliest = -1
            for index in 0..<flying where flights[index].arrival <= now {
                if earliest < 0 || flights[index].arrival < flights[earliest].arrival { earliest = index }
            }
            guard earliest >= 0 else { return delivered }
            let flight = flights[earliest]
            if flight.port >= 0, Int(flight.port) < ports.count, let port = ports[Int(flight.port)] {
                port.receive(
                    bytes + earliest * Self.packetLength, count: Int(flight.count), from: flight.source,
                    isControl: flight.isControl, arrival: flight.arrival)
            }
            delivered += 1
            // Keep the order of injection: close the hole.
            for index in earliest..<flying - 1 {
                flights[index] = flights[index + 1]
                (bytes + index * Self.packetLength).update(
                    from: bytes + (index + 1) * Self.packetLength, count: Int(flights[index].count))
            }
            flying -= 1
        }
    }

    func take(_ packet: UnsafePointer<UInt8>, count: Int, socket: Int32, to address: TransportAddress, at now: Int64) {
        let buffer = UnsafeBufferPointer(start: packet, count: count)
        onSend?(socket, address, buffer, now)
        guard address.isIPv4, address.ipv4 == 0xC000_0201, address.port >= 10_000 else { return }
        // Reports leave through the second socket of the pair.
        let own = 10_000 + 2 * Int(socket) + (RTPHeader.isControl(packet, count: count) ? 1 : 0)
        let source = TransportAddress(ipv4: 0xC000_0201, port: UInt16(truncatingIfNeeded: own))
        inject(
            buffer, number: Int32(address.port - 10_000) / 2, from: source, arrival: now &+ delay,
            isControl: address.port & 1 == 1)
    }

    @discardableResult
    private func inject(
        _ packet: UnsafeBufferPointer<UInt8>, number: Int32, from source: TransportAddress, arrival: Int64,
        isControl: Bool
    ) -> Bool {
        guard flying < capacity, packet.count <= Self.packetLength, let base = packet.baseAddress else { return false }
        (bytes + flying * Self.packetLength).update(from: base, count: packet.count)
        flights[flying] = Flight(
            arrival: arrival, port: number, isControl: isControl, count: Int32(packet.count), source: source)
        flying += 1
        return true
    }
}
