// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Logging
import Media
import RTP
import SDP
import SIP
import Telephony

/// `partyline trace`: the messages that SIP remembers, the packets that the media engine copies for a while, in one file.
struct WireTracer: CallTracer {
    let server: SIPServer
    let engine: MediaEngine
    /// Where the files go.
    let folder: String
    /// Files that are kept; the oldest goes.
    private static let mostFiles = 32

    @concurrent func trace(call: String, leg: LegID, port: PortID?, seconds: Int) async -> TraceOutcome? {
        let media =
            if let port, seconds > 0 { await engine.trace(port, seconds: min(seconds, 60)) } else { nil as MediaTrace? }
        let messages = server.traceLog.messages(of: leg)
        guard !messages.isEmpty || media != nil else { return nil }
        var report = TraceReport()
        report.call = call
        report.steps = messages.map(\.step)
        report.mediaPackets = media?.packets.count { !$0.isControl } ?? 0
        report.reportPackets = media?.packets.count { $0.isControl } ?? 0
        let capture = capture(messages, media)
        do throws(SystemFault) {
            report.file = try write(capture, call)
        } catch {
            Log.write(.error, "event=trace.failed reason=\(Log.quoted("\(error)"))")
            return .refused(
                Obstacle(
                    "no capture can be written into \(folder): \(error)", remedy: "look at the disk and the rights"))
        }
        return .traced(report)
    }

    private func capture(_ messages: [TraceLog.Message], _ media: MediaTrace?) -> PacketCapture {
        var packets: [(time: Double, bytes: [UInt8], isIncoming: Bool, own: UInt16, peer: (IPAddress, UInt16))] = []
        for message in messages {
            let own = server.options.listen.first { $0.address.family == message.peer.family }?.port ?? 5060
            packets.append((message.time, message.bytes, message.isIncoming, own, (message.peer, message.peerPort)))
        }
        for packet in media?.packets ?? [] {
            guard let address = IPAddress(packet.peer.host) else { continue }
            let time = Double(packet.time + (media?.wallOffset ?? 0)) / 1e9
            let port = (media?.local.port ?? 0) &+ (packet.isControl && packet.peer.port & 1 == 1 ? 1 : 0)
            packets.append((time, packet.bytes, packet.isIncoming, port, (address, packet.peer.port)))
        }
        var capture = PacketCapture()
        for packet in packets.sorted(by: { $0.time < $1.time }) {
            guard let host = SIPServer.localAddress(to: packet.peer.0) else { continue }
            let own = (host, packet.own)
            capture.add(
                packet.bytes, from: packet.isIncoming ? packet.peer : own, to: packet.isIncoming ? own : packet.peer,
                at: packet.time)
        }
        return capture
    }

    /// Only its owner's group may read what was said.
    private func write(_ capture: PacketCapture, _ call: String) throws(SystemFault) -> String {
        let manager = FileManager.default
        try makeFolder(folder, mode: 0o750)
        let old = (try? manager.contentsOfDirectory(atPath: folder))?.filter { $0.hasSuffix(".pcap") }.sorted() ?? []
        for name in old.dropLast(Self.mostFiles - 1) { try? manager.removeItem(atPath: "\(folder)/\(name)") }
        let path =
            "\(folder)/\(Int(Date().timeIntervalSince1970))-call-\(call.filter { $0.isNumber || $0.isLetter }).pcap"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw SystemFault(errno) }
        defer { close(descriptor) }
        var rest = capture.bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let fault = SystemFault(errno)
                unlink(path)
                throw fault
            }
            rest = rest.dropFirst(count)
        }
        return path
    }
}
