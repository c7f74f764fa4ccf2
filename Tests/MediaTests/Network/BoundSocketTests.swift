// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import RTP
import Testing

@testable import Media

/// Sockets that are tied to their peer (`PeerBinding`), by the kernel's own rules.
@Suite(.serialized) struct BoundSocketTests {
    @Test func `an error that waits at a bound socket does not hide the packet behind it`() throws {
        let local = try #require(TransportAddress("127.0.0.1", port: 0))
        let mine = try SocketPair(at: local.with(port: 31_960), dscp: 46, bufferBytes: 65_536)
        let peer = local.with(port: 31_962)
        var target = partyline_address(peer)
        #expect(partyline_udp_bind_peer(mine.media, &target) == 0)
        for round in 0..<50 {
            // Nobody is there: the next call on the socket gets ECONNREFUSED.
            var packet = partyline_outgoing(to: target, offset: 0, count: 4, fd: mine.media, is_bound: 1)
            let bytes: [UInt8] = [1, 2, 3, UInt8(round)]
            #expect(partyline_udp_send(&packet, 1, bytes) == 1)
            usleep(200)
            // Somebody is there now, and says something.
            let theirs = try SocketPair(at: peer, dscp: 46, bufferBytes: 65_536)
            var back = partyline_outgoing(
                to: partyline_address(mine.local), offset: 0, count: 4, fd: theirs.media, is_bound: 0)
            #expect(partyline_udp_send(&back, 1, bytes) == 1)
            var room = [UInt8](repeating: 0, count: 64)
            let read = room.withUnsafeMutableBufferPointer { buffer -> Int32 in
                var incoming = partyline_incoming()
                incoming.bytes = buffer.baseAddress
                incoming.capacity = UInt32(buffer.count)
                let count = partyline_udp_receive(mine.media, &incoming, 1)
                return count == 1 && incoming.count == 4 ? 1 : 0
            }
            #expect(read == 1 && room[3] == UInt8(round), "round \(round)")
        }
    }
}
