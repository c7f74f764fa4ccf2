// SPDX-License-Identifier: Apache-2.0

import RTP
import RealTime

extension RTPReceiver {
    enum Filling {
        /// Packets are missing: repeat and fade.
        case loss
        /// The far end says nothing on purpose (DTX, a digit).
        case silence
    }

    /// Concealment fades within this; afterwards there is silence or comfort noise.
    private static let longestConcealmentMS = 100

    /// Makes the track complete before `position`, because somebody reads it now: decodes what is there and conceals
    /// the rest. What comes later for these positions is too late. A call for what is there already costs nothing.
    package func prepare(upTo position: Int64) {
        guard isStarted, position > end else { return }
        while end < position {
            guard let first = store.first else {
                fill(to: position, isSilent ? .silence : .loss)
                return
            }
            // What lies behind the gap is there: the whole gap is made up, even where less was asked for.
            if !first.followsSilence, !isSilent, bridge(to: first) || recover(before: first) { continue }
            guard first.position < position else {
                fill(to: position, first.followsSilence || isSilent ? .silence : .loss)
                return
            }
            fill(to: first.position, first.followsSilence || isSilent ? .silence : .loss)
            drainStore()
        }
    }

    /// The far end sends comfort noise, a digit, or nothing for so long that it is no loss any more.
    private var isSilent: Bool {
        noise.isOn || saidSilence || end < mutedUpTo
            || gapRun >= Int64(track.sampleRate * Self.longestConcealmentMS / 1000)
    }

    /// Fills the track up to `position` (a codec's concealment may go a little beyond).
    func fill(to position: Int64, _ filling: Filling) {
        let scratch = workspace.decoded
        let limit = Int64(track.sampleRate / 2)
        if position &- end > limit { end = position &- limit }
        while end < position {
            let count = Int(min(Int64(track.sampleRate / 100), position &- end))
            var made = filling == .loss ? recover(before: position) : 0
            if made == 0, filling == .loss, gapRun < Int64(track.sampleRate * Self.longestConcealmentMS / 1000) {
                made = decoders.conceal(count, into: workspace)
                counters.concealedSamples &+= UInt64(max(0, made))
                concealedRun &+= Int64(made)
            }
            // Opus itself makes the noise of a pause that it has announced.
            if made == 0, filling == .silence, saidSilence { made = decoders.conceal(count, into: workspace) }
            if made <= 0 {
                made = count
                if noise.isOn {
                    noise.fill(scratch, count: count)
                } else {
                    scratch.update(repeating: 0, count: count)
                }
            }
            gapRun &+= Int64(made)
            append(scratch, count: made)
        }
    }

    /// Fills a short gap from both its sides, since the packet behind it is there. False: another way must do.
    private func bridge(to next: ReorderStore.Entry) -> Bool {
        let gap = next.position &- end
        guard gap > 0, gap <= Int64(track.sampleRate * Self.longestBridgeMS / 1000) else { return false }
        let made = decoders.bridge(
            Int(gap), to: store.payload(next), Int(next.count), payloads[next.payloadType].decoder, into: workspace)
        guard made > Int(gap) else { return false }
        store.removeFirst()
        counters.concealedSamples &+= UInt64(gap)
        counters.bridgedSamples &+= UInt64(gap)
        counters.decodedSamples &+= UInt64(made &- Int(gap))
        gapRun = 0
        concealedRun = 0
        append(workspace.decoded, count: made)
        drainStore()
        return true
    }

    private static let longestBridgeMS = 60

    /// A lost packet from the copy of its audio that rides in the next (Opus FEC).
    private func recover(before next: ReorderStore.Entry) -> Bool {
        let made = recover(before: next.position)
        guard made > 0 else { return false }
        gapRun &+= Int64(made)
        append(workspace.decoded, count: made)
        drainStore()
        return true
    }

    /// The last missing frame from the copy that rides in the packet behind it (Opus FEC). Samples, 0: there is none.
    private func recover(before position: Int64) -> Int {
        guard let next = store.first, next.position == position, payloads[next.payloadType].kind == .opus,
            position &- end <= Int64(next.length), (position &- end) % 120 == 0
        else { return 0 }
        counters.recoveredSamples &+= UInt64(position &- end)
        return decoders.recover(
            Int(position &- end), before: store.payload(next), Int(next.count), payloads[next.payloadType].decoder,
            into: workspace)
    }

    /// Decodes a payload that begins at `position` ≤ `end` and appends what is new of it.
    func decode(_ payload: UnsafePointer<UInt8>, _ byteCount: Int, _ payloadType: UInt8, _ position: Int64) {
        let samples = decoders.decode(payload, byteCount, payloads[payloadType].decoder, into: workspace)
        guard samples > 0 else {
            counters.unusable &+= 1
            return
        }
        let known = end &- position
        guard known >= 0, known < Int64(samples) else { return }
        let count = samples &- Int(known)
        counters.decodedSamples &+= UInt64(count)
        gapRun = 0
        concealedRun = 0
        noise.stop()
        saidSilence = byteCount <= 2 && payloads[payloadType].kind == .opus
        append(workspace.decoded + Int(known), count: count)
    }

    /// Adds samples at the end of the track; those of a digit become silence.
    private func append(_ samples: UnsafeMutablePointer<Int16>, count: Int) {
        if end < mutedUpTo, end &+ Int64(count) > mutedFrom {
            let first = Int(max(0, mutedFrom &- end))
            let last = Int(min(Int64(count), mutedUpTo &- end))
            if first < last { (samples + first).update(repeating: 0, count: last &- first) }
        }
        track.write(at: end, count: count, from: samples)
        end &+= Int64(count)
    }
}
