// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An IPv4 address and port, numeric: no name is ever resolved here.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    package var host: String
    package var port: UInt16

    package init(_ host: String, _ port: UInt16) {
        self.host = host
        self.port = port
    }

    /// From "127.0.0.1:5060".
    package init?(_ text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
        self.init(String(parts[0]), port)
        guard raw != nil else { return nil }
    }

    package var description: String { "\(host):\(port)" }

    var raw: sockaddr_in? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        return inet_pton(AF_INET, host, &address.sin_addr) == 1 ? address : nil
    }

    init(_ raw: sockaddr_in) {
        var text = [CChar](repeating: 0, count: 20)
        var address = raw.sin_addr
        _ = inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        host = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        port = UInt16(bigEndian: raw.sin_port)
    }
}

/// A non-blocking UDP socket with the kernel's arrival times. Used from one thread at a time.
package final class UDPSocket {
    package let descriptor: Int32
    package let local: SocketAddress
    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: 65536, alignment: 16)
    private let control = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 16)

    package struct Datagram {
        package var bytes: [UInt8]
        package var source: SocketAddress
        /// CLOCK_MONOTONIC nanoseconds.
        package var arrival: Int64
    }

    /// Binds to a port of `host`; port 0 lets the kernel choose.
    package init(host: String = "127.0.0.1", port: UInt16 = 0) throws(CallerError) {
        guard var address = SocketAddress(host, port).raw else { throw .noSocket("\(host) is no IPv4 address") }
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let opened = socket(AF_INET, kind, 0)
        descriptor = opened
        guard opened >= 0 else { throw .noSocket("socket: errno \(errno)") }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                let result = bind(opened, generic, length)
                return result == 0 ? getsockname(opened, generic, &length) : result
            }
        }
        local = SocketAddress(address)
        guard bound == 0 else {
            let code = errno
            close(descriptor)
            throw .noSocket("cannot bind \(host):\(port), errno \(code)")
        }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &one, socklen_t(MemoryLayout<Int32>.size))
        var room: Int32 = 1 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
        control.deallocate()
    }

    package func send(_ bytes: [UInt8], to address: SocketAddress) {
        guard var raw = address.raw else { return }
        withUnsafeMutablePointer(to: &raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = sendto(descriptor, bytes, bytes.count, 0, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// The next datagram, or nil when there is none.
    package func receive() -> Datagram? {
        var source = sockaddr_in()
        var piece = iovec(iov_base: buffer, iov_len: 65536)
        var header = msghdr()
        let count = withUnsafeMutablePointer(to: &source) { source in
            withUnsafeMutablePointer(to: &piece) { piece in
                header.msg_name = UnsafeMutableRawPointer(source)
                header.msg_namelen = socklen_t(MemoryLayout<sockaddr_in>.size)
                header.msg_iov = piece
                header.msg_iovlen = 1
                header.msg_control = control
                header.msg_controllen = 256
                return recvmsg(descriptor, &header, 0)
            }
        }
        guard count >= 0 else { return nil }
        let bytes = [UInt8](UnsafeRawBufferPointer(start: buffer, count: count))
        return Datagram(bytes: bytes, source: SocketAddress(source), arrival: arrival(header))
    }

    /// SCM_TIMESTAMPNS, turned into CLOCK_MONOTONIC; now, where the kernel did not say.
    private func arrival(_ header: msghdr) -> Int64 {
        var at = 0
        let head = MemoryLayout<cmsghdr>.size
        while at + head + MemoryLayout<timespec>.size <= Int(header.msg_controllen) {
            let item = control.load(fromByteOffset: at, as: cmsghdr.self)
            if item.cmsg_level == SOL_SOCKET, item.cmsg_type == SO_TIMESTAMPNS {
                let time = control.load(fromByteOffset: at + head, as: timespec.self)
                return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) + MonotonicClock.fromRealTime
            }
            guard Int(item.cmsg_len) >= head else { break }
            at += (Int(item.cmsg_len) + 7) & ~7
        }
        return MonotonicClock.now
    }
}
