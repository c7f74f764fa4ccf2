// SPDX-License-Identifier: Apache-2.0
// RFC 4733: digits as events; the audio of their tones is kept out of the track.

import RTP
import RealTime

extension RTPReceiver {
    /// Between packets of an event the tone is believed to go on for so long.
    private static let patienceMS = 60
    /// Tone that was written before its event came is taken back as far as this.
    private static let regretMS = 200

    func takeEvent(
        _ header: RTPHeader, _ entry: PayloadTable.Entry, _ payload: UnsafePointer<UInt8>, isNewest: Bool
    ) {
        guard let event = TelephoneEvent(payload, count: header.payloadCount) else {
            counters.unusable &+= 1
            return
        }
        let stamp = isAnchored ? timestamps.peek(header.timestamp) : timestamps.take(header.timestamp)
        switch presses.take(event, timestamp: stamp, marker: header.marker, isNewest: isNewest) {
        case .ignored: return
        case .pressed(let code):
            noteDigit(code)
            mute(event, stamp, entry, isNew: true)
        case .known: mute(event, stamp, entry, isNew: false)
        }
    }

    private func mute(_ event: TelephoneEvent, _ stamp: Int64, _ entry: PayloadTable.Entry, isNew: Bool) {
        let rate = Int64(track.sampleRate)
        let length = Int64(event.duration) &* rate / Int64(max(1, entry.clockRate))
        let regret = rate &* Int64(Self.regretMS) / 1000
        if isNew {
            var start = end
            if isAnchored, isStarted {
                let placed = stamp &* rate / Int64(clockRate) &+ base
                // A sender whose events run on another clock than its audio: then it begins now.
                if placed >= end &- 2 &* regret, placed <= end &+ 2 &* regret { start = placed }
            }
            mutedFrom = max(start, end &- regret)
            if mutedFrom < end { silence(from: mutedFrom, to: end) }
            mutedUpTo = mutedFrom
        }
        let known = mutedFrom &+ length
        mutedUpTo = event.isEnd ? max(known, mutedFrom) : max(mutedUpTo, known &+ rate &* Int64(Self.patienceMS) / 1000)
    }

    private func silence(from first: Int64, to last: Int64) {
        let scratch = workspace.converted
        var position = first
        while position < last {
            let count = Int(min(Int64(RTPWorkspace.scratchLength), last &- position))
            scratch.update(repeating: 0, count: count)
            track.write(at: position, count: count, from: scratch)
            position &+= Int64(count)
        }
    }
}
