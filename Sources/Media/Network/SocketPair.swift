// SPDX-License-Identifier: Apache-2.0
// RFC 3550 section 11: RTP on an even port, RTCP on the next one.

import CLinux
import Glibc
import RTP

/// The two UDP sockets of a call. Freeing it closes them.
final class SocketPair: Sendable {
    let media: Int32
    let control: Int32
    let local: TransportAddress

    /// Throws `MediaNetworkError` when the pair is not to be had; both sockets or none.
    init(at address: TransportAddress, dscp: Int32, bufferBytes: Int32) throws(MediaNetworkError) {
        var local = partyline_address(address)
        let first = partyline_udp_open(&local, dscp, bufferBytes)
        guard first >= 0 else { throw MediaNetworkError(address, errno: -first) }
        local.port = address.port &+ 1
        let second = partyline_udp_open(&local, dscp, min(bufferBytes, 16_384))
        guard second >= 0 else {
            close(first)
            throw MediaNetworkError(address.with(port: address.port &+ 1), errno: -second)
        }
        media = first
        control = second
        self.local = address
    }

    deinit {
        close(media)
        close(control)
    }
}

/// Why no port pair could be opened.
package struct MediaNetworkError: Error, Hashable, CustomStringConvertible {
    package enum Cause: Hashable, Sendable {
        /// All pairs of the range are taken.
        case rangeExhausted
        case inUse
        /// The address is not one of this machine.
        case noSuchAddress
        case tooManyFiles
        case noCodec
        case other(Int32)
    }

    package let cause: Cause
    package let address: String

    init(_ address: TransportAddress, errno code: Int32) {
        self.address = address.description
        switch code {
        case EADDRINUSE: cause = .inUse
        case EADDRNOTAVAIL: cause = .noSuchAddress
        case EMFILE, ENFILE: cause = .tooManyFiles
        default: cause = .other(code)
        }
    }

    init(_ cause: Cause, _ address: String) {
        self.cause = cause
        self.address = address
    }

    package var description: String {
        switch cause {
        case .rangeExhausted: "no free RTP port pair on \(address); widen the range of RTP ports"
        case .inUse: "RTP port \(address) is in use; choose another range of RTP ports"
        case .noSuchAddress: "\(address) is no address of this machine; correct the media address"
        case .tooManyFiles: "too many open files for \(address); raise LimitNOFILE of the service"
        case .noCodec: "no audio codec was negotiated for \(address)"
        case .other(let code): "RTP port \(address): \(String(cString: strerror(code)))"
        }
    }
}
