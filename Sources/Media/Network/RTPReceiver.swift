// SPDX-License-Identifier: Apache-2.0
// RFC 3550 (RTP), RFC 3551, RFC 4733 (events), RFC 3389 (comfort noise, its level only).

package import RTP
package import RealTime
import Signals

/// The receive half of a port: packets in, one continuous time line of samples out.
///
///     packet -- in order ------> decode ----------> track
///            -- too early -----> ReorderStore ----^    ^
///     mixer: prepare(upTo:) -- what is missing: conceal
///
/// A packet that fits is decoded when it comes; one behind a gap waits until the gap is filled or the mixer needs what
/// is beyond it. So loss is declared once, at the deadline of the earliest reader; a codec decodes each packet once.
/// Positions follow the sender's time stamps; when these jump, the time line is laid anew so that the track goes on.
/// Mix thread only, after it was made.
package final class RTPReceiver {
    /// What the far end says, at the rate of the first codec that was negotiated. The same one for the whole call,
    /// unless a re-INVITE changes the rate.
    package private(set) var track: SampleTrack
    /// At least one audio packet was taken.
    package internal(set) var isStarted = false
    /// One past the newest sample of the track that was decoded or concealed.
    package internal(set) var end: Int64 = 0
    /// How packets come; the steering of the mixer looks at it.
    package internal(set) var delay = DelayEstimator()
    package internal(set) var counters = RTPCounters()
    /// Waits one packet longer while packets get lost.
    package internal(set) var patience = LossPatience()
    /// Loss and jitter of the newest source, for reports.
    package internal(set) var reception = ReceptionStatistics(ssrc: 0)

    let workspace: RTPWorkspace
    let payloads: PayloadTable
    let decoders: DecoderBank
    let receives: Bool

    var store: ReorderStore
    var timestamps = TimestampUnwrapper()
    /// Position = unwrapped time stamp · rate / clock + base.
    var base: Int64 = 0
    var isAnchored = false
    var clockRate: Int
    /// Of the newest packet: its end and length in samples.
    var newestEnd: Int64 = 0
    package internal(set) var newestLength: Int64 = 160
    var newestArrival: Int64 = 0
    var lateRun = 0
    var lastLateness: Int64 = 0
    /// A source that wants to take the place of the current one.
    var nextSource: UInt32 = 0
    var nextSourceSequence: UInt16 = 0

    /// How much may come in a burst, ns, and as of when.
    var allowance = RTPReceiver.longestBurst
    var allowanceTime: Int64 = 0

    /// Samples in a row that were not decoded.
    var gapRun: Int64 = 0
    var noise = ComfortNoise()
    /// Samples in a row that were concealed as lost; they were not, if it turns out that the sender had paused.
    var concealedRun: Int64 = 0
    /// The newest payload was opus' word for silence.
    var saidSilence = false
    var presses = TelephoneEventReceiver()
    /// Positions whose audio is a digit and is not to be heard.
    var mutedFrom: Int64 = 0
    var mutedUpTo: Int64 = 0
    private var digits: InlineArray<16, UInt8> = .init(repeating: 0)
    private var firstDigit = 0
    private var digitCount = 0

    init?(_ parameters: RTPParameters, workspace: RTPWorkspace) {
        guard let first = parameters.audio.first,
            let decoders = DecoderBank(parameters, trackRate: first.codec.sampleRate)
        else { return nil }
        self.decoders = decoders
        self.workspace = workspace
        payloads = PayloadTable(parameters)
        track = SampleTrack(sampleRate: first.codec.sampleRate)
        receives = parameters.receives
        store = ReorderStore(pool: workspace.pool)
        clockRate = first.codec.clockRate
        newestLength = Int64(first.codec.sampleRate / 50)
    }

    /// Whether the payload type was negotiated.
    package func understands(_ payloadType: UInt8) -> Bool { payloads[payloadType].kind != .unknown }

    // MARK: What the mixer asks

    /// Everything before this position has arrived, or was declared lost.
    package var arrivedEnd: Int64 { end }

    /// By when everything before `position` is to be expected, ns: the minimum line plus 99 % of the lateness, through
    /// the packet that holds the last sample.
    package func targetLine(_ position: Int64) -> Int64 {
        arrivalLine(onGrid(position, roundedUp: true)) &+ delay.target &+ patience.time
    }

    /// How long the far end's packets are waited for beyond the earliest, ns.
    package var bufferTarget: Int64 { delay.target &+ patience.time }

    /// When a packet that ends at `position` comes at the earliest, ns.
    package func arrivalLine(_ position: Int64) -> Int64 {
        delay.line &+ SampleClock.nanoseconds(position, rate: track.sampleRate)
    }

    /// When the packet came that holds the sample before `position`, as the newest one came, ns.
    package func arrivalTime(of position: Int64) -> Int64 {
        newestArrival
            &- SampleClock.nanoseconds(
                newestEnd &- onGrid(position, roundedUp: true), rate: track.sampleRate)
    }

    /// Up to which position audio has arrived, or will have with 99 % certainty, by the time `now`. A packet that
    /// others have overtaken is waited for until then as well.
    package func safeEnd(at now: Int64) -> Int64 {
        guard isStarted else { return 0 }
        let due = SampleClock.samples(now &- delay.line &- delay.target &- patience.time, rate: track.sampleRate)
        return max(end, onGrid(due, roundedUp: false))
    }

    /// What is missing before `position` is lost for sure, or can be made up from what came behind it: no use to wait.
    package func canRepair(upTo position: Int64) -> Bool {
        guard patience.isOn, let first = store.first else { return false }
        return first.position < position || first.position &- end <= Int64(first.length)
    }

    /// Packets that never came, of all sources of the call.
    package var lost: Int64 { Int64(clamping: counters.lostBefore) &+ reception.lost }

    /// Interarrival jitter (RFC 3550 section 6.4.1), ns.
    package var jitter: Int64 { SampleClock.nanoseconds(reception.jitter, rate: clockRate) }

    /// The next digit that came as an event (0 … 15), each press once.
    package func takeDigit() -> UInt8? {
        guard digitCount > 0 else { return nil }
        let digit = digits[firstDigit]
        firstDigit = (firstDigit &+ 1) & 15
        digitCount &-= 1
        return digit
    }

    /// The nearest end of a packet at or beyond (or before) the position, counted from the newest packet.
    private func onGrid(_ position: Int64, roundedUp: Bool) -> Int64 {
        let length = max(1, newestLength)
        let distance = position &- newestEnd
        var steps = distance / length
        let rest = distance % length
        if roundedUp, rest > 0 { steps &+= 1 }
        if !roundedUp, rest < 0 { steps &-= 1 }
        return newestEnd &+ steps &* length
    }

    // MARK: What it keeps

    func noteDigit(_ code: UInt8) {
        // Sixteen digits between two looks of the mixer: a machine gone wild, its newest are lost.
        guard digitCount < 16 else { return }
        digits[(firstDigit &+ digitCount) & 15] = code
        digitCount &+= 1
    }

    func reportBlock(lastSR: UInt32, delaySinceSR: UInt32) -> ReportBlock {
        reception.report(lastSR: lastSR, delaySinceSR: delaySinceSR)
    }

    /// Another receiver of the same call goes before (re-INVITE): what it counted and whom it heard stays known.
    func takeOver(from other: RTPReceiver) {
        counters = other.counters
        presses = other.presses
        while let digit = other.takeDigit() { noteDigit(digit) }
        guard track.sampleRate == other.track.sampleRate, clockRate == other.clockRate else {
            counters.lostBefore &+= UInt64(max(0, other.reception.lost))
            return
        }
        // The same clock: the time line goes on, and so does the mixer's reading of it.
        swap(&track, &other.track)
        swap(&delay, &other.delay)
        reception = other.reception
        timestamps = other.timestamps
        base = other.base
        isAnchored = other.isAnchored
        isStarted = other.isStarted
        end = other.end
        newestEnd = other.newestEnd
        newestLength = other.newestLength
        newestArrival = other.newestArrival
        gapRun = other.gapRun
        patience = other.patience
        noise = other.noise
        saidSilence = other.saidSilence
        mutedFrom = other.mutedFrom
        mutedUpTo = other.mutedUpTo
    }
}

/// What a port has counted since the call began.
package struct RTPCounters: Sendable, BitwiseCopyable {
    package var packets: UInt64 = 0
    package var duplicates: UInt64 = 0
    /// Came after they were declared lost.
    package var late: UInt64 = 0
    /// Payload type or length that nobody can decode.
    package var unusable: UInt64 = 0
    /// More than time can have brought.
    package var tooFast: UInt64 = 0
    /// Times the time line had to be laid anew.
    package var reanchored: UInt64 = 0
    /// Samples of the track.
    package var decodedSamples: UInt64 = 0
    package var concealedSamples: UInt64 = 0
    /// Of the concealed ones: made with knowledge of what comes behind them.
    package var bridgedSamples: UInt64 = 0
    /// Lost, and back from the copy in the next packet (Opus FEC). They do not count as concealed.
    package var recoveredSamples: UInt64 = 0
    /// Lost in all sources before the newest one.
    package var lostBefore: UInt64 = 0

    package init() {}

    package var concealedPercent: Double {
        let all = decodedSamples &+ concealedSamples
        return all == 0 ? 0 : Double(concealedSamples) * 100 / Double(all)
    }
}
