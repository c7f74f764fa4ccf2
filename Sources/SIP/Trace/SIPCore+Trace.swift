// SPDX-License-Identifier: Apache-2.0

import CSofia
import Glibc
import SDP

extension SIPCore {
    /// A message that came in and goes on to the library.
    func trace(_ message: RawMessage, from source: IPAddress, _ raw: csofia_raw) {
        guard let start = raw.bytes else { return }
        var bytes = message.bytes
        if raw.is_stream {
            // The head was judged; the body lies behind it, as far as it has come.
            let length = message.first("content-length").flatMap {
                SIPScreen.number(message[$0], most: RawMessage.mostBytes)
            }
            let count = min(raw.available, raw.count + (length ?? 0), RawMessage.mostBytes)
            bytes = Array(UnsafeBufferPointer(start: start, count: count))
        }
        keep(
            message, bytes, isIncoming: true, source, raw.source_port,
            raw.is_stream ? "tcp" : "udp")
    }

    /// A message of ours.
    func traceSent(_ bytes: UnsafeBufferPointer<UInt8>, to address: String, _ port: UInt16, _ transport: String) {
        guard let peer = IPAddress(address)?.unmapped else { return }
        let message = RawMessage(Array(bytes.prefix(RawMessage.mostBytes)))
        keep(message, message.bytes, isIncoming: false, peer, port, transport.lowercased())
    }

    private func keep(
        _ message: RawMessage, _ bytes: [UInt8], isIncoming: Bool, _ peer: IPAddress, _ port: UInt16,
        _ transport: String
    ) {
        guard let identifier = message.first("call-id") else { return }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        traceLog.note(
            TraceLog.Message(
                time: Double(now.tv_sec) + Double(now.tv_nsec) / 1e9, isIncoming: isIncoming, peer: peer,
                peerPort: port,
                transport: transport, callID: message.text(identifier), bytes: bytes))
    }
}
