// SPDX-License-Identifier: Apache-2.0
import CLinux
import RTP
import RealTime
import Signals
import Synchronization
package import Telephony

/// One leg as the mixer sees it: a source (what its far end says) and a listener (what it hears of one mix).
/// Made on the control side, then owned by the mix thread until it comes back through the retire queue.
package final class MixPort: MixSource {
    package let id: PortID
    /// One of the three, by kind of leg; a recorder's channel only listens.
    let rtp: RTPPort?
    let card: CardLine?
    let tap: RecorderTap?

    // Listening
    unowned(unsafe) var mix: Mix?
    unowned(unsafe) var group: MixGroup?
    var nextListener: Unmanaged<MixPort>?
    var nextInGroup: Unmanaged<MixPort>?
    /// Its own voice in the group that serves it.
    var ownPull: UnsafeMutablePointer<Pull>?
    let personal: MixGroup
    var isDeaf = false
    var listenGain = MixKernels.unity
    var limiter = Limiter()
    /// It hears the frame that all silent listeners of its group share.
    var shares = false
    /// Samples per second of what it hears.
    private(set) var listenRate: Int
    /// Usual frame of what it hears, in 0.125 ms.
    private(set) var frame8: Int
    private(set) var encoder: AudioEncoder?
    /// Silence in its codec's own words is not sent.
    private(set) var savesSilence = false
    /// Its far end takes comfort noise instead of silence.
    private(set) var takesComfortNoise = false
    /// For how long it has heard nothing, in 0.125 ms; counted where comfort noise is sent.
    var quiet8 = 0
    /// As the SDP has it, for reports; written and read on the control side.
    let codecName = Mutex("")
    /// When its next frame is due, as far as it knows.
    var nextDeadline: Int64 = 0

    /// From the other two rates to the one it listens at.
    private var converters: InlineArray<3, RateConverter?> = .init(repeating: nil)
    /// How long each converter still has something to give, in 0.125 ms.
    var converterTail: InlineArray<3, Int> = .init(repeating: 0)

    // Supervision
    var opened: Int64 = 0
    var watch = PortWatch()
    let meters = SequenceCell(PortMeters())
    /// Kept alive by the port; nil: nobody asks.
    var beep: Unmanaged<BeepWatch>?
    var progress: Unmanaged<ProgressWatch>?
    /// Digits that go out as tones.
    var toneOut = ToneOut()
    private(set) var digits: DigitFilter

    /// What the way of each frame leads through, without a chain of references to follow and to count: kept alive by
    /// `rtp`, `card` or `digits`, found again by `findParts`.
    private var parts: Parts
    /// What a recorder says: nothing.
    private var silentTrack: SampleTrack?
    private struct Parts {
        var rtp: Unmanaged<RTPPort>?
        var receiver: Unmanaged<RTPReceiver>?
        var sender: Unmanaged<RTPSender>?
        var track: Unmanaged<SampleTrack>
        var activity: Unmanaged<ActivityGate>

        init(_ rtp: RTPPort?, _ track: SampleTrack) {
            let streams = rtp?.streams
            self.rtp = rtp.map { .passUnretained($0) }
            receiver = streams.map { .passUnretained($0.receiver) }
            sender = streams.map { .passUnretained($0.sender) }
            self.track = .passUnretained(track)
            activity = .passUnretained(track.activity)
        }
    }

    /// What reading it, and what its own frame leads through.
    private var sourceHot = HotLines()
    private var listenerHot = HotLines()
    var sourceLines: HotLines.Reference { sourceHot.reference }
    var listenerLines: HotLines.Reference { listenerHot.reference }

    override var asPort: MixPort? { self }

    /// A port of the network. `configure` tells it what to send; until then it only listens to its sockets.
    package init(id: PortID, rtp: RTPPort) {
        self.id = id
        self.rtp = rtp
        card = nil
        tap = nil
        personal = MixGroup(frame8: 160, isPersonal: true)
        listenRate = 8000
        frame8 = 160
        digits = DigitFilter(sampleRate: rtp.receiver.track.sampleRate)
        parts = Parts(rtp, rtp.receiver.track)
        super.init(sampleRate: rtp.receiver.track.sampleRate)
        findHotLines()
    }

    /// A port of a sound card; `tick8` is the wheel's tick in 0.125 ms.
    package init(id: PortID, card: CardLine, tick8: Int) {
        self.id = id
        self.card = card
        rtp = nil
        tap = nil
        personal = MixGroup(frame8: tick8, isPersonal: true)
        listenRate = card.sampleRate
        frame8 = tick8
        digits = DigitFilter(sampleRate: card.sampleRate)
        parts = Parts(nil, card.track)
        converters = ConverterSet(to: card.sampleRate).converters
        super.init(sampleRate: card.sampleRate)
        findHotLines()
    }

    /// A channel of a recorder.
    init(id: PortID, tap: RecorderTap) {
        self.id = id
        self.tap = tap
        rtp = nil
        card = nil
        personal = MixGroup(frame8: 160, isPersonal: true)
        personal.isTap = true
        listenRate = tap.sampleRate
        frame8 = 160
        digits = DigitFilter(sampleRate: 8000)
        let nothing = SampleTrack(sampleRate: 8000, milliseconds: 10)
        silentTrack = nothing
        parts = Parts(nil, nothing)
        converters = ConverterSet(to: tap.sampleRate).converters
        super.init(sampleRate: 8000)
    }

    /// Whoever reads the tap learns that nothing more comes.
    deinit {
        tap?.close()
        beep?.release()
        progress?.release()
    }

    /// It wants frames: a card that works, or a call whose direction lets us send.
    var isListening: Bool {
        if let card { return !card.hasFailed }
        if tap != nil { return true }
        return encoder != nil
    }

    /// Exchanges the encoder and the frame length; the old encoder.
    func exchangeEncoder(_ new: AudioEncoder?, frame8 length8: Int) -> AudioEncoder? {
        let old = encoder
        encoder = new
        savesSilence = new?.savesSilence ?? false
        takesComfortNoise = new != nil && (rtp?.sender.sendsComfortNoise ?? false)
        quiet8 = 0
        frame8 = length8
        if let new { listenRate = new.codec.sampleRate }
        limiter = Limiter()
        return old
    }

    /// For the first configuration, or another rate: converters that were made on the control side.
    func exchangeConverters(_ set: inout ConverterSet) {
        swap(&converters, &set.converters)
        converterTail = .init(repeating: 0)
    }

    func converter(from rate: BusRate) -> RateConverter? { converters[rate.rawValue] }

    func continueConverting(of other: MixPort) {
        for rate in 0..<3 {
            if let mine = converters[rate], let theirs = other.converters[rate] { mine.copyState(from: theirs) }
        }
        converterTail = other.converterTail
    }

    func exchangeDigits(_ new: DigitFilter) -> DigitFilter {
        let old = digits
        new.isEnabled = old.isEnabled
        new.removes = old.removes
        digits = new
        return old
    }

    // MARK: As a source

    /// What its far end says.
    var track: SampleTrack { parts.track._withUnsafeGuaranteedRef { $0 } }

    /// After an exchange of streams.
    func findParts() {
        if let rtp { parts = Parts(rtp, rtp.receiver.track) }
    }

    override func safeEnd(at timeNS: Int64) -> Int64 {
        if let receiver = parts.receiver { return receiver._withUnsafeGuaranteedRef { $0.safeEnd(at: timeNS) } }
        return card?.safeEnd(at: timeNS) ?? 0
    }

    override var arrivedEnd: Int64 {
        if let receiver = parts.receiver { return receiver._withUnsafeGuaranteedRef { $0.arrivedEnd } }
        return parts.track._withUnsafeGuaranteedRef { $0.end }
    }

    override func canRepair(upTo position: Int64) -> Bool {
        parts.receiver?._withUnsafeGuaranteedRef { $0.canRepair(upTo: position) } ?? false
    }

    override func expectedTime(of position: Int64) -> Int64 {
        if let receiver = parts.receiver {
            return receiver._withUnsafeGuaranteedRef { $0.targetLine(position &+ 1) }
        }
        return card?.time(of: position) ?? 0
    }

    override func arrivalTime(of position: Int64) -> Int64? {
        if let receiver = parts.receiver {
            return receiver._withUnsafeGuaranteedRef { $0.isStarted ? $0.arrivalTime(of: position) : nil }
        }
        guard let card, card.hasLine else { return nil }
        return card.time(of: position)
    }

    override var isQuiet: Bool { parts.receiver != nil && !parts.activity._withUnsafeGuaranteedRef { $0.isOpen } }

    override var grain: Int {
        parts.receiver?._withUnsafeGuaranteedRef { $0.isStarted ? Int($0.newestLength) : 0 } ?? 0
    }

    override var hasArrivals: Bool { parts.receiver?._withUnsafeGuaranteedRef { $0.isStarted } ?? false }
    override var isTalking: Bool { parts.activity._withUnsafeGuaranteedRef { $0.isTalking } }

    override func prepare(upTo position: Int64, now: Int64) {
        if let receiver = parts.receiver {
            let isReady = receiver._withUnsafeGuaranteedRef { receiver in
                guard receiver.isStarted else { return false }
                if receiver.arrivedEnd < position { receiver.prepare(upTo: position) }
                return true
            }
            guard isReady else { return }
        } else if let card, card.track.end < position {
            // A network listener between two ticks: what the card has by now is worth a look.
            card.capture(now: now)
        }
        inspectDigits()
    }

    func send(_ payload: UnsafePointer<UInt8>, byteCount: Int, samples: Int, batch: SendBatch, now: Int64) {
        guard let rtp = parts.rtp, let sender = parts.sender, byteCount > 0 else { return }
        rtp._withUnsafeGuaranteedRef { rtp in
            sender._withUnsafeGuaranteedRef {
                $0.send(
                    payload, byteCount: byteCount, samples: samples, marker: false, now: now, through: rtp, into: batch)
            }
        }
    }

    func inspectDigits() {
        parts.track._withUnsafeGuaranteedRef { track in
            guard digits.inspected < track.end else { return }
            digits.inspect(track)
            let isLoud = !digits.isIdle
            parts.rtp?._withUnsafeGuaranteedRef { $0.note(isLoud: isLoud) }
        }
    }

    override func isActive(from position: Int64, count: Int) -> Bool {
        parts.track._withUnsafeGuaranteedRef { $0.isActive(from: position, count: count) }
    }

    override func copy(from position: Int64, count: Int, into target: UnsafeMutablePointer<Int16>) {
        parts.track._withUnsafeGuaranteedRef { $0.copy(from: position, count: count, into: target) }
    }

    override func fetch(from position: Int64, count: Int) {
        parts.track._withUnsafeGuaranteedRef { track in
            partyline_prefetch_span(
                UInt64(UInt(bitPattern: track.place(of: position))), count &* MemoryLayout<Int16>.size)
            partyline_prefetch_span(UInt64(UInt(bitPattern: track.mark(at: position))), 64)
        }
    }

    /// After any exchange of its parts.
    func findHotLines() {
        let own = Unmanaged.passUnretained(self).toOpaque()
        sourceHot.clear(owner: own)
        sourceHot.add(self, atMost: 64)
        withUnsafePointer(to: &parts) { sourceHot.add($0, bytes: MemoryLayout<Parts>.size) }
        withUnsafePointer(to: &digits) { sourceHot.add($0, bytes: 8) }
        sourceHot.add(digits, atMost: 128)
        rtp?.receiver.addTimeLine(to: &sourceHot)
        listenerHot.clear(owner: own)
        listenerHot.add(self, atMost: 640)
        listenerHot.add(encoder, atMost: 64)
        listenerHot.add(rtp, atMost: 192)
        listenerHot.add(rtp?.sender, atMost: 192)
        rtp?.findHotLines(digits)
    }
}
