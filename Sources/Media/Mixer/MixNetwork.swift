// SPDX-License-Identifier: Apache-2.0
import RTP

/// The network side of one mix thread: the inlet that drains all sockets, and the batch of packets on their way out.
package final class MixNetwork {
    let inlet: PacketInlet
    let batch: SendBatch
    package init(inlet: PacketInlet, batch: SendBatch) {
        self.inlet = inlet
        self.batch = batch
    }

    /// False: the kernel does not watch its sockets.
    func attach(_ port: MixPort) -> Bool {
        guard let rtp = port.rtp else { return true }
        rtp.owner = .passUnretained(port)
        return inlet.add(rtp)
    }

    func detach(_ port: MixPort, now: Int64) {
        guard let rtp = port.rtp else { return }
        rtp.sayGoodbye(now: now, wallOffset: inlet.wallOffset, into: batch)
        // At once: the socket may be closed, and its number be another's, before this step ends.
        batch.flush(now: now)
        inlet.remove(rtp)
        rtp.owner = nil
    }

    func drain(now: Int64) { inlet.drain(now: now) }

    func flush(now: Int64) { batch.flush(now: now) }

    func report(_ rtp: RTPPort, now: Int64) {
        guard now >= rtp.nextReport else { return }
        rtp.report(now: now, wallOffset: inlet.wallOffset, into: batch)
    }
}
