// SPDX-License-Identifier: Apache-2.0
import Glibc
import RealTime
import Signals
import Telephony

/// Listens to a landline, on-hook for the bell and who calls, off-hook for what the network and the far end say. On the
/// `lines` thread.
final class LandlineEar {
    /// Nothing tells of the bell but the audio.
    let hearsBell: Bool
    private(set) var noiseDBm0: Float = -99
    private(set) var echoDelay: Double?
    /// In dB, as the canceller found it in this call when it was to be believed last; nil: it never was.
    private(set) var echoFigures: (enhancement: Double, returnLoss: Double)?
    /// How the last caller was told.
    private(set) var callerKind: CallerID.Kind?
    /// Hears both directions while a test measures the line.
    var probe: EchoProbe?

    /// What was learned of the line's own tone.
    var lesson: CadenceLearner.Lesson? { tones.lesson }
    /// The tone that is being heard.
    var currentTone: ToneBurst? { tones.current }

    private var tones: LineTones
    private let callerID = CallerIDReceiver()
    private var ring = RingDetector()
    private var voice = VoiceWatch()
    private let finder = EchoDelayFinder()
    /// What we play, where a device takes its echo for keys of the far end; nil: it does not.
    private let playedDigits: DigitReceiver?
    /// Pieces of 10 ms: so long the digit that was played last can still come back.
    private var playedDigit: (digit: DTMFDigit, left: Int, isOn: Bool)?
    private static let playedDigitPieces = 60
    private let toNarrow: RateConverter?
    private let farToNarrow: RateConverter?
    private let rawToNarrow: RateConverter?
    private var piece: [Int16]
    private var rawPiece: [Int16]
    private var farPiece: [Int16]
    private var narrow = [Int16](repeating: 0, count: 256)
    private var rawNarrow = [Int16](repeating: 0, count: 256)
    private var farNarrow = [Int16](repeating: 0, count: 256)
    private var count = 0
    private var isOffHook = false
    private var isHearingCaller = false
    private var echo = LineTones.Echo()
    /// What the canceller measures of the return loss counts from so much enhancement on, and with so much taken off, in dB.
    private static let believedEnhancementDB = 10.0
    private static let returnLossMarginDB = 4.0
    private static let mostLossDB = 10.0
    /// Looks in a row, 20 ms each, in which it was so.
    private var sureLooks = 0
    private static let sureAfter = 100

    /// `echoDelay`: as it was when it was measured last.
    init(
        sampleRate: Int, country: LandlineCountry, learned: [[ToneSegment]], hearsBell: Bool, watchesPlayedDigits: Bool,
        echoDelay: Double?
    ) {
        self.hearsBell = hearsBell
        self.echoDelay = echoDelay
        tones = LineTones(country.patterns(learned: learned))
        playedDigits = watchesPlayedDigits ? DigitReceiver(sampleRate: 8_000) : nil
        let block = sampleRate / 100
        func converter() -> RateConverter? {
            sampleRate == 8000 ? nil : RateConverter(from: sampleRate, to: 8000, longestBlock: block)
        }
        toNarrow = converter()
        rawToNarrow = converter()
        farToNarrow = converter()
        piece = [Int16](repeating: 0, count: block)
        rawPiece = piece
        farPiece = piece
    }

    /// The plan's tones with what was learned since.
    func set(_ country: LandlineCountry, learned: [[ToneSegment]]) {
        tones = LineTones(country.patterns(learned: learned))
    }

    func setOffHook(_ isOffHook: Bool) {
        self.isOffHook = isOffHook
        echo.lossDB = LineTones.leastLossDB
        if isOffHook { (echoFigures, sureLooks) = (nil, 0) }
        playedDigit = nil
        forget()
        // While the line is being seized a bounce or a hum is no conversation.
        voice = VoiceWatch(quietSteps: 100)
    }

    /// What is heard from now on has nothing to do with what was before.
    func forget() {
        tones.forget()
        voice = VoiceWatch()
    }

    /// We have played that digit just now, or do.
    func hasPlayed(_ digit: DTMFDigit) -> Bool { playedDigit?.digit == digit }

    private func watchPlayed(_ count: Int) {
        guard let playedDigits else { return }
        if let played = playedDigit, !played.isOn {
            playedDigit = played.left > 0 ? (digit: played.digit, left: played.left - 1, isOn: false) : nil
        }
        let events = farNarrow.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { playedDigits.process($0, count: count, removes: false) } ?? 0
        }
        for index in 0..<events {
            let event = playedDigits.event(index)
            guard let digit = DTMFDigit(rawValue: event.code) else { continue }
            playedDigit = (digit: digit, left: Self.playedDigitPieces, isOn: event.hasBegun)
        }
    }

    /// All that waits in the tap; what it means for the state machine.
    func listen(_ tap: LandlineTap) -> [LandlineStateMachine.Event] {
        var events: [LandlineStateMachine.Event] = []
        let figures = tap.echoFigures
        // Where the delay is not known, or before some time, an echo that comes late seems to be weaker than it is.
        let isSure = isOffHook && echo.delay != nil && figures.enhancement > Self.believedEnhancementDB
        sureLooks = isSure ? sureLooks + 1 : 0
        if sureLooks > Self.sureAfter {
            echoFigures = figures
            let loss = min(Self.mostLossDB, figures.returnLoss - Self.returnLossMarginDB)
            echo.lossDB = max(echo.lossDB, Float(loss))
        }
        while let moment = tap.take() {
            piece[count] = moment.near
            rawPiece[count] = moment.raw
            farPiece[count] = moment.far
            count += 1
            guard count == piece.count else { continue }
            count = 0
            hear(&events)
        }
        return events
    }

    /// 10 ms.
    private func hear(_ events: inout [LandlineStateMachine.Event]) {
        let length = narrowed(piece, toNarrow, &narrow)
        guard isOffHook else {
            return narrow.withUnsafeBufferPointer { buffer in
                if let base = buffer.baseAddress { hearIdle(base, length, &events) }
            }
        }
        let rawLength = narrowed(rawPiece, rawToNarrow, &rawNarrow)
        let farLength = narrowed(farPiece, farToNarrow, &farNarrow)
        let all = min(length, rawLength, farLength)
        watchPlayed(farLength)
        rawNarrow.withUnsafeBufferPointer { raw in
            farNarrow.withUnsafeBufferPointer { far in
                guard let near = raw.baseAddress, let played = far.baseAddress else { return }
                finder.hear(near: near, far: played, count: all)
                probe?.hear(near: near, far: played, count: all)
            }
        }
        echoDelay = finder.milliseconds ?? echoDelay
        echo.delay = echoDelay
        tones.hear(clean: narrow, raw: rawNarrow, played: farNarrow, count: all, echo: echo, into: &events)
        let isTone = tones.current.map { $0.milliseconds > 250 } ?? false
        if let change = voice.step(levelDBm0: tones.levelDBm0, isTone: isTone) { events.append(.voice(change)) }
    }

    private func narrowed(_ samples: [Int16], _ converter: RateConverter?, _ target: inout [Int16]) -> Int {
        samples.withUnsafeBufferPointer { source in
            target.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return 0 }
                if let converter { return converter.convert(from, count: source.count, into: to) }
                to.update(from: from, count: source.count)
                return source.count
            }
        }
    }

    // MARK: - On-hook

    private func hearIdle(_ samples: UnsafePointer<Int16>, _ length: Int, _ events: inout [LandlineStateMachine.Event])
    {
        if hearsBell, let rings = ring.process(samples, count: length) { events.append(.ring(rings)) }
        var square: Float = 0
        for index in 0..<length { square += Float(samples[index]) * Float(samples[index]) }
        let level = 10 * log10f(square / Float(max(1, length)) / 5.37e8 + 1e-10) + 3.14
        // The quietest of late is the noise.
        noiseDBm0 = min(level, noiseDBm0 < -98 ? level : noiseDBm0 + 0.02)
        if let caller = callerID.process(samples, count: length) {
            callerKind = caller.kind
            events.append(
                .callerID(
                    LandlineStateMachine.Caller(
                        number: caller.number, name: caller.name, isWithheld: caller.absence == .withheld)))
        }
        if callerID.isReceiving != isHearingCaller {
            isHearingCaller.toggle()
            events.append(.callerIDActive(isHearingCaller))
        }
    }
}
