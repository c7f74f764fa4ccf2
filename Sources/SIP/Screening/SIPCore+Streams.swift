// SPDX-License-Identifier: Apache-2.0

import CSofia
import Logging
import SDP

/// Connections from outside: which are taken, and which end.
extension SIPCore {
    /// How often silent ones are looked for, in milliseconds.
    private static let watchInterval = 1_000

    /// Whether a connection is taken.
    func admitsConnection(from bytes: UnsafeBufferPointer<UInt8>, port: UInt16) -> Bool {
        guard let source = IPAddress(bytes: bytes)?.unmapped else { return false }
        let peer = StreamTable.Peer(source: source, port: port)
        switch streams.admit(peer, as: visitor(source), now: .now, isStranger: { isStrangersStream($0) }) {
        case .admitted: break
        case .admittedInstead(let oldest): end(oldest)
        case .refused:
            tellRefused(source, "connections")
            return false
        }
        watchStreams()
        return true
    }

    /// It is closed, by whomever.
    func connectionEnded(_ bytes: UnsafeBufferPointer<UInt8>, port: UInt16) {
        guard let source = IPAddress(bytes: bytes)?.unmapped else { return }
        streams.close(StreamTable.Peer(source: source, port: port))
    }

    private func visitor(_ source: IPAddress) -> StreamTable.Visitor {
        switch standing(of: source) {
        case .listed: .listed
        case .known: .known
        case .stranger: bans.isBanned(source) ? .banned : .stranger
        }
    }

    private func isStrangersStream(_ source: IPAddress) -> Bool {
        guard case .stranger = standing(of: source) else { return false }
        return !dialogs.hasCalled(source)
    }

    private func watchStreams() {
        guard !isWatchingStreams, !streams.isEmpty else { return }
        isWatchingStreams = true
        after(milliseconds: Self.watchInterval) { core in
            core.isWatchingStreams = false
            // Those that were closed meanwhile are nobody's fault.
            if let stack = core.stack { csofia_sweep_connections(stack) }
            let overdue = core.streams.takeOverdue(
                after: core.options.silentStreamEnds, now: .now, isStranger: { core.isStrangersStream($0) })
            for peer in overdue {
                core.tellRefused(peer.source, "silent")
                core.end(peer)
            }
            core.watchStreams()
        }
    }

    private func end(_ peer: StreamTable.Peer) {
        peer.source.bytes.withUnsafeBufferPointer { csofia_end_connection($0.baseAddress, $0.count, peer.port) }
    }

    private func tellRefused(_ source: IPAddress, _ reason: String) {
        guard strangers.shallReport(source, now: .now) else { return }
        logger.notice("sip refused source=\(source) method=any user=- reason=\(reason)")
    }
}
