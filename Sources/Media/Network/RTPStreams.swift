// SPDX-License-Identifier: Apache-2.0

import RTP

/// Both halves of what one SDP exchange has agreed on, with their codecs. Built on the control side, adopted by the
/// port on the mix thread; what it replaces comes back and is freed on the control side. Unchecked: one thread has it at a time.
package final class RTPStreams: @unchecked Sendable {
    package let receiver: RTPReceiver
    package let sender: RTPSender
    let remote: TransportAddress
    let signalling: TransportAddress
    let takesForeigners: Bool
    let remoteControl: TransportAddress?
    let multiplexesControl: Bool
    let canonicalName: UnsafeMutableBufferPointer<UInt8>
    /// Nil: in clear.
    let security: SecureSession?

    /// Nil when no audio codec was negotiated, or a key is none.
    package init?(_ parameters: RTPParameters, workspace: RTPWorkspace) {
        guard let audio = parameters.audio.first, let receiver = RTPReceiver(parameters, workspace: workspace)
        else { return nil }
        self.receiver = receiver
        sender = RTPSender(parameters, audio: audio)
        if let keys = parameters.keys {
            guard let session = SecureSession(keys) else { return nil }
            security = session
        } else {
            security = nil
        }
        remote = parameters.remote
        signalling = parameters.signalling
        // Who never sends could never take its place back.
        takesForeigners = parameters.takesForeigners && parameters.receives
        remoteControl = parameters.remoteControl
        multiplexesControl = parameters.multiplexesControl
        let name = parameters.canonicalName.utf8.prefix(64)
        canonicalName = .allocate(capacity: max(1, name.count))
        canonicalName.initialize(repeating: UInt8(ascii: "-"))
        for (index, byte) in name.enumerated() { canonicalName[index] = byte }
    }

    deinit { canonicalName.deallocate() }
}
