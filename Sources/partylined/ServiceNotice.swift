// SPDX-License-Identifier: Apache-2.0
// sd_notify(3): one datagram to the socket that systemd names.

import Glibc

/// Tells the service manager how we are; without one it does nothing.
enum ServiceNotice {
    static func send(_ text: String) {
        guard let name = getenv("NOTIFY_SOCKET") else { return }
        let path = String(cString: name)
        guard path.utf8.count < 107, path.hasPrefix("/") || path.hasPrefix("@") else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in path.utf8.enumerated() { target[index] = index == 0 && path.hasPrefix("@") ? 0 : byte }
        }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count + (path.hasPrefix("@") ? 0 : 1))
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                sendto(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL), raw, size)
            }
        }
    }
}
