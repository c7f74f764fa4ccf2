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
    /// The tone that was heard last, and what was learned of the line's own.
    private(set) var lesson: CadenceLearner.Lesson?
    private(set) var noiseDBm0: Float = -99
    private(set) var echoDelay: Double?
    private(set) var lastTone: ToneBurst?

    /// The tone that is being heard.
    var currentTone: ToneBurst? { detector.tracker.current }

    private var detector: ProgressDetector
    private let learner = CadenceLearner()
    private let callerID = CallerIDReceiver()
    private var ring = RingDetector()
    private var voice = VoiceWatch()
    private let finder = EchoDelayFinder()
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
    private var lastBurst: Int64 = -1
    private var steps = 0
    /// How much less than is played the line gives back, as far as the canceller knows; as little as a line may have before.
    private var returnLossDB: Float = leastReturnLossDB
    private static let leastReturnLossDB: Float = 8
    /// The loudest 10 ms of what was played in the last third of a second, as mean squares.
    private var played = [Float](repeating: 0, count: 32)
    private var learnedBursts = 0

    init(sampleRate: Int, country: LandlineCountry, learned: [[ToneSegment]], hearsBell: Bool) {
        self.hearsBell = hearsBell
        detector = ProgressDetector(country.patterns(learned: learned))
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
        detector = ProgressDetector(country.patterns(learned: learned))
        lastBurst = -1
    }

    func setOffHook(_ isOffHook: Bool) {
        self.isOffHook = isOffHook
        returnLossDB = Self.leastReturnLossDB
        forget()
    }

    /// What is heard from now on has nothing to do with what was before.
    func forget() {
        detector.forget()
        learnedBursts = 0
        lesson = nil
        voice = VoiceWatch()
    }

    /// All that waits in the tap; what it means for the state machine.
    func listen(_ tap: LandlineTap) -> [LandlineStateMachine.Event] {
        var events: [LandlineStateMachine.Event] = []
        let figures = tap.echoFigures
        if figures.enhancement > 10 { returnLossDB = max(returnLossDB, min(20, Float(figures.returnLoss))) }
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
        if isOffHook {
            let rawLength = narrowed(rawPiece, rawToNarrow, &rawNarrow)
            let farLength = narrowed(farPiece, farToNarrow, &farNarrow)
            let both = min(rawLength, farLength)
            rawNarrow.withUnsafeBufferPointer { raw in
                farNarrow.withUnsafeBufferPointer { far in
                    guard let near = raw.baseAddress, let played = far.baseAddress else { return }
                    finder.hear(near: near, far: played, count: both)
                }
            }
            echoDelay = finder.milliseconds
            // What is louder than an echo can be is none: the same tone from two lines at once would cancel itself out.
            if isLouderThanEcho() { narrow.replaceSubrange(0..<length, with: rawNarrow[0..<length]) }
        }
        narrow.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            if isOffHook { hearCall(base, length, &events) } else { hearIdle(base, length, &events) }
        }
    }

    private func isLouderThanEcho() -> Bool {
        played[steps % played.count] = Self.meanSquare(farPiece)
        steps += 1
        // Also next to nothing that is played can be a reference to a filter that has gone astray.
        guard let loudest = played.max() else { return false }
        return Self.meanSquare(rawPiece) > loudest * powf(10, (6 - returnLossDB) / 10)
    }

    private static func meanSquare(_ samples: [Int16]) -> Float {
        samples.reduce(0) { $0 + Float($1) * Float($1) } / Float(max(1, samples.count))
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

    // MARK: - Off-hook

    private func hearCall(_ samples: UnsafePointer<Int16>, _ length: Int, _ events: inout [LandlineStateMachine.Event])
    {
        let found = detector.process(samples, count: length)
        for index in 0..<found {
            let event = detector.event(index)
            events.append(.tone(Self.tone(event.kind), bursts: event.bursts))
        }
        if let burst = detector.burst(0), burst.start != lastBurst {
            lastBurst = burst.start
            lastTone = burst
            if let lesson = learner.lesson(detector) {
                self.lesson = lesson
                learnedBursts = max(3, learnedBursts + 1)
                // A tone of the plan has told of itself.
                if !lesson.isRinging, found == 0 { events.append(.tone(.learned, bursts: learnedBursts)) }
            } else {
                learnedBursts = 0
            }
        }
        let tracker = detector.tracker
        let isTone = tracker.current.map { $0.milliseconds > 250 } ?? false
        if let change = voice.step(levelDBm0: tracker.levelDBm0, isTone: isTone) { events.append(.voice(change)) }
    }

    private static func tone(_ kind: ProgressTone) -> LandlineStateMachine.Tone {
        switch kind {
        case .dial: .dial
        case .ringback: .ringback
        case .busy: .busy
        case .congestion: .congestion
        case .specialInformation: .specialInformation
        case .disconnect: .learned
        }
    }
}
