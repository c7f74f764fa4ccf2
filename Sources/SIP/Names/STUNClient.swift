// SPDX-License-Identifier: Apache-2.0
// RFC 8489 section 6.2.1 (sending again over UDP).

import CLinux
import Glibc
import SDP

/// Asks a STUN server for our outside address. Waits: only for threads that may.
enum STUNClient {
    private static let tries = 4

    /// - Parameter server: "host:port", "host", "[2001:db8::1]:3478".
    static func externalAddress(of server: String, names: some NameService) -> IPAddress? {
        guard let uri = SIPURI("sip:\(server)") else { return nil }
        let port = server.contains(":\(uri.port)") ? uri.port : 3_478
        guard let address = IPAddress(uri.host) ?? names.addresses(uri.host)?.first else { return nil }
        let isIPv4 = address.family == .ipv4
        let descriptor = socket(isIPv4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard connect(descriptor, address, port) else { return nil }
        let transaction = (0..<12).map { _ in UInt8.random(in: 0...255) }
        let request = STUNMessage.request(transaction)
        for attempt in 0..<tries {
            guard send(descriptor, request, request.count, 0) == request.count else { return nil }
            var wait = timeval(tv_sec: 0, tv_usec: __suseconds_t(200_000 << attempt % 3))
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
            var buffer = [UInt8](repeating: 0, count: 1_500)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { continue }
            if let found = STUNMessage.mappedAddress(in: Array(buffer.prefix(count)), transaction: transaction) {
                return found
            }
        }
        return nil
    }

    /// So that answers come from there only.
    private static func connect(_ descriptor: Int32, _ address: IPAddress, _ port: UInt16) -> Bool {
        if address.family == .ipv4 {
            var target = sockaddr_in()
            target.sin_family = sa_family_t(AF_INET)
            target.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &target.sin_addr) { $0.copyBytes(from: address.bytes) }
            return withUnsafePointer(to: &target) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }
        var target = sockaddr_in6()
        target.sin6_family = sa_family_t(AF_INET6)
        target.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &target.sin6_addr) { $0.copyBytes(from: address.bytes) }
        return withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }
}
