// SPDX-License-Identifier: Apache-2.0
// unix(7).

import Glibc

/// A connection to a Unix socket; closed when it goes out of use.
struct UnixSocket: ~Copyable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// The time limit is that of connecting, of sending, and of waiting for the next bytes.
    static func connect(to path: String, timeoutSeconds: Int) throws(ControlFault) -> UnixSocket {
        var address = sockaddr_un()
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path), !path.utf8.contains(0) else {
            throw .notReachable(path: path, reason: "the path is too long")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .notReachable(path: path, reason: reason(errno)) }
        let connection = UnixSocket(descriptor: descriptor)
        connection.setTimeout(SO_SNDTIMEO, timeoutSeconds)
        connection.setTimeout(SO_RCVTIMEO, timeoutSeconds)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let number = errno
            guard number == EACCES || number == EPERM else {
                throw .notReachable(path: path, reason: reason(number))
            }
            throw .notAllowed(path: path, who: allowed(path))
        }
        return connection
    }

    /// Who may open the socket; in words that fit always where its folder does not even let it be seen.
    private static func allowed(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "its owner or in its group" }
        let owner = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "\(status.st_uid)"
        let group = getgrgid(status.st_gid).map { String(cString: $0.pointee.gr_name) } ?? "\(status.st_gid)"
        return "\(owner), or in the group \(group)"
    }

    deinit { close(descriptor) }

    func setReadTimeout(seconds: Int) { setTimeout(SO_RCVTIMEO, seconds) }

    func write(_ bytes: [UInt8]) throws(ControlFault) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            // The daemon may refuse a large request before it has all of it; then there is an answer to be read.
            if count < 0, errno == EPIPE || errno == ECONNRESET { return }
            guard count > 0 else { throw .lost(Self.reason(errno)) }
            sent += count
        }
    }

    /// Whatever has come, at least one byte; empty at the end of the connection.
    func read() throws(ControlFault) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .lost(errno == EAGAIN ? "no answer in time" : Self.reason(errno)) }
            return Array(buffer.prefix(count))
        }
    }

    private func setTimeout(_ option: Int32, _ seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}
