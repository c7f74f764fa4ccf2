// SPDX-License-Identifier: Apache-2.0

package import RTP
import Synchronization

/// Opens the port pairs of calls, on the control side. Any thread may call it.
///
/// Pairs are taken from the range in turn, so that a port that was just freed rests before the next call gets it:
/// packets of the old call do not fall into the new one.
package final class MediaNetwork: Sendable {
    /// Even ports of pairs: `first`, `first + 2`, … below `last`.
    package let first: UInt16
    package let last: UInt16
    /// DSCP of media: 46, expedited forwarding.
    package let dscp: Int32
    package let workspace: RTPWorkspace
    private let nextPort: Mutex<UInt16>

    /// `ports`: at least two; an odd first one is left out. The workspace is that of the mix thread which will have
    /// the ports.
    package init(ports: ClosedRange<UInt16>, dscp: Int, workspace: RTPWorkspace) {
        let even = ports.lowerBound & 1 == 0 ? ports.lowerBound : ports.lowerBound &+ 1
        first = max(2, even)
        last = max(ports.upperBound, first &+ 1)
        self.dscp = Int32(clamping: max(0, min(63, dscp)))
        self.workspace = workspace
        let pairs = (Int(last) - Int(first) + 1) / 2
        nextPort = Mutex(first &+ UInt16(2 * Int.random(in: 0..<max(1, pairs))))
    }

    /// Opens a pair on a local address (its port does not matter; 0.0.0.0 and :: are all addresses) for what was
    /// negotiated. For an offer that has no answer yet give the offered codecs and `remote: .none`; adopt the outcome.
    package func open(_ local: TransportAddress, _ parameters: RTPParameters) throws(MediaNetworkError) -> RTPPort {
        guard let streams = RTPStreams(parameters, workspace: workspace) else {
            throw MediaNetworkError(.noCodec, local.description)
        }
        let pairs = max(1, (Int(last) - Int(first) + 1) / 2)
        for _ in 0..<pairs {
            do throws(MediaNetworkError) {
                let pair = try SocketPair(at: local.with(port: take()), dscp: dscp, bufferBytes: 65_536)
                return RTPPort(sockets: pair, streams: streams)
            } catch  where error.cause == .inUse {
                continue
            }
        }
        throw MediaNetworkError(.rangeExhausted, "\(local.host):\(first)-\(last)")
    }

    private func take() -> UInt16 {
        nextPort.withLock { next in
            let taken = next
            let (following, overflow) = next.addingReportingOverflow(2)
            next = overflow || following >= last ? first : following
            return taken
        }
    }
}
