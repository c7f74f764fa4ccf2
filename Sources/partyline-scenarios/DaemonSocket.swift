// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import ScenarioProtocol

/// The worker's end of the socket pair: descriptor 3, blocking. The daemon always reads, so writing waits for moments only;
/// when the daemon is gone the worker is as well.
final class DaemonSocket {
    private static let descriptor: Int32 = 3
    private static let flushBytes = 64 << 10
    private var reader = MessageReader()
    private var outgoing = Data()
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    /// Collected until `flush`, or until there is much of it.
    func write(_ report: WorkerReport) { write(MessageFraming.frame(report)) }

    /// A message that is framed already.
    func write(_ frame: Data?) {
        guard let frame else { return }
        outgoing.append(frame)
        if outgoing.count > Self.flushBytes { flush() }
    }

    func flush() {
        guard !outgoing.isEmpty else { return }
        outgoing.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                guard let base = bytes.baseAddress else { return }
                let count = send(Self.descriptor, base + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                if count < 0 {
                    if errno == EINTR { continue }
                    _exit(0)
                }
                sent += count
            }
        }
        outgoing.removeAll(keepingCapacity: outgoing.count <= 2 * Self.flushBytes)
    }

    /// Waits for bytes (milliseconds; -1: for ever) and returns what is complete. Ends the process when the daemon is gone.
    func read(waiting milliseconds: Int32) -> [WorkerInput] {
        var waiter = pollfd(fd: Self.descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiter, 1, milliseconds) > 0 else { return [] }
        let count = buffer.withUnsafeMutableBytes { Glibc.read(Self.descriptor, $0.baseAddress, $0.count) }
        if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { _exit(0) }
        guard count > 0 else { return [] }
        buffer.withUnsafeBytes { reader.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        var orders: [WorkerInput] = []
        do throws(FramingError) {
            while let order = try reader.nextOrder() { orders.append(order) }
        } catch {
            StandardError.write("the daemon's message is not understood: \(error)")
            _exit(1)
        }
        return orders
    }
}
