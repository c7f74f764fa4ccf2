// SPDX-License-Identifier: Apache-2.0
// ITU-T E.180.

/// The tones of the country's network, for those who listen for them. Empty: a tone that is not known.
package struct ProgressPlan: Sendable, Hashable {
    package var dial: [ToneSegment] = []
    package var ringback: [ToneSegment] = []
    package var busy: [ToneSegment] = []
    package var congestion: [ToneSegment] = []
    package var specialInformation: [ToneSegment] = []

    package init() {}
}

extension Exchange {
    /// A script wants to hear of an answering machine's beep or of tones of the network; nil: as it was.
    func listenForTones(_ id: CallID, beep: Bool? = nil, progress: Bool? = nil) {
        guard let call = calls[id] else { return }
        if let beep, beep != call.detectsBeep {
            calls[id]?.detectsBeep = beep
            if let port = call.port { media.detectBeep(port, beep) }
        }
        if let progress, progress != call.detectsProgress {
            calls[id]?.detectsProgress = progress
            if let port = call.port { media.detectProgress(port, progress ? options.progressPlan : nil) }
        }
    }

    /// The call has got another port, which listens for nothing yet.
    func startDetectors(of call: Call, on port: PortID) {
        if call.detectsBeep { media.detectBeep(port, true) }
        if call.detectsProgress { media.detectProgress(port, options.progressPlan) }
    }
}
