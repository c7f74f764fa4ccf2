// SPDX-License-Identifier: Apache-2.0
package import Signals

/// What one negotiation means for a port: new streams and a new encoder, built on the control side. It travels to the mix
/// thread, is exchanged there for what the port used so far, and comes back with that to be freed.
package final class PortConfiguration {
    var streams: RTPStreams
    var encoder: AudioEncoder?
    let frame8: Int

    /// `encoder` is nil while we may not send anything.
    package init(streams: RTPStreams, encoder: AudioEncoder?, frame8: Int) {
        self.streams = streams
        self.encoder = encoder
        self.frame8 = frame8
    }
}
