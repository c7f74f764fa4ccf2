// SPDX-License-Identifier: Apache-2.0
// RFC 3711 (SRTP, SRTCP).

import CSRTP
import RTP

/// One direction of a secured call. Made and freed on the control side; protecting and unprotecting allocate nothing and are
/// the mix thread's. Unchecked: one thread has it at a time.
final class SecureStream: @unchecked Sendable {
    let key: MediaKey
    /// Bytes by which packets and reports grow.
    let growth: Int
    let controlGrowth: Int
    private let stream: OpaquePointer

    /// Nil for a key of the wrong length, or without memory.
    init?(_ key: MediaKey) {
        guard let stream = csrtp_create(key.suite.code, key.bytes, key.bytes.count) else { return nil }
        self.key = key
        self.stream = stream
        growth = Int(csrtp_growth(key.suite.code, false))
        controlGrowth = Int(csrtp_growth(key.suite.code, true))
    }

    deinit { csrtp_destroy(stream) }

    /// In place, with room for `growth` more bytes. False: it must not be sent.
    func protect(_ packet: UnsafeMutablePointer<UInt8>, count: Int) -> Bool {
        csrtp_protect(stream, packet, Int32(truncatingIfNeeded: count)) == Int32(truncatingIfNeeded: count &+ growth)
    }

    func protectControl(_ packet: UnsafeMutablePointer<UInt8>, count: Int) -> Bool {
        csrtp_protect_control(stream, packet, Int32(truncatingIfNeeded: count))
            == Int32(truncatingIfNeeded: count &+ controlGrowth)
    }

    /// In place; the length of what was protected, or a negative number for a forgery or a repetition.
    func unprotect(_ packet: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
        Int(csrtp_unprotect(stream, packet, Int32(truncatingIfNeeded: count)))
    }

    func unprotectControl(_ packet: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
        Int(csrtp_unprotect_control(stream, packet, Int32(truncatingIfNeeded: count)))
    }
}

/// Both directions. Unchecked as its halves are.
final class SecureSession: @unchecked Sendable {
    /// A re-INVITE with the same key goes on with the same counters: replaced on the mix thread, freed with what it replaces.
    private(set) var outgoing: SecureStream
    private(set) var incoming: SecureStream

    /// Nil for a key of the wrong length, or without memory.
    init?(_ keys: MediaKeys) {
        guard let outgoing = SecureStream(keys.own), let incoming = SecureStream(keys.far) else { return nil }
        self.outgoing = outgoing
        self.incoming = incoming
    }

    /// Takes the streams over whose keys have not changed; the other session gets ours, to be freed with it.
    func takeOver(from other: SecureSession) {
        if other.outgoing.key == outgoing.key { swap(&outgoing, &other.outgoing) }
        if other.incoming.key == incoming.key { swap(&incoming, &other.incoming) }
    }
}
