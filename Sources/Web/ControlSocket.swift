// SPDX-License-Identifier: Apache-2.0
// unix(7).

import Glibc

/// Why the control socket cannot be had.
package enum ControlSocketFault: Error, Hashable, CustomStringConvertible {
    case pathTooLong(String, maximum: Int)
    /// A daemon answers there already.
    case inUse(String)
    /// Something that is no socket has that name.
    case notASocket(String)
    case cannotListen(String, errno: Int32)

    package var description: String {
        switch self {
        case .pathTooLong(let path, let maximum):
            "the path of the control socket is longer than \(maximum) bytes: \(path); choose a shorter --state folder"
        case .inUse(let path):
            "another daemon listens on \(path); stop it, or choose another --state folder"
        case .notASocket(let path):
            "\(path) is there and no socket; remove it, or choose another --state folder"
        case .cannotListen(let path, let errno):
            "cannot listen on \(path): \(String(cString: strerror(errno))); look at the folder and its rights"
        }
    }
}

/// The file of a Unix socket: made way for, opened to its group, removed.
struct ControlSocket: Sendable {
    let path: String

    /// Owner and group.
    static let mode: mode_t = 0o660

    /// Removes a socket that a killed daemon left behind; never one on which somebody listens, nor any other file.
    func makeWay() throws(ControlSocketFault) {
        var address = sockaddr_un()
        // One byte stays for the 0 at the end.
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= room, !path.utf8.contains(0) else { throw .pathTooLong(path, maximum: room) }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw .cannotListen(path, errno: errno) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
        let probe = Glibc.socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw .cannotListen(path, errno: errno) }
        defer { close(probe) }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(probe, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // EAGAIN: somebody listens, and the queue is full.
        guard result != 0, errno == ECONNREFUSED else {
            if result == 0 || errno == EAGAIN { throw .inUse(path) }
            throw .cannotListen(path, errno: errno)
        }
        guard unlink(path) == 0 || errno == ENOENT else { throw .cannotListen(path, errno: errno) }
    }

    /// Gives the group its right. Until here the socket has what the usual umask leaves: the owner alone.
    func open() throws(ControlSocketFault) {
        guard chmod(path, Self.mode) == 0 else { throw .cannotListen(path, errno: errno) }
    }

    func remove() { unlink(path) }
}
