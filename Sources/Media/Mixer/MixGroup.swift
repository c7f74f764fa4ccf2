// SPDX-License-Identifier: Apache-2.0
import RealTime

/// Listeners of one mix that are served at the same moment with frames of the same length: they share a deadline, a read
/// position for every source, and the sums. Mix thread only.
///
/// Every port has a group of its own (rooms of up to eight are made of these); a larger mix has shared ones, one for each
/// frame length. A group without a mix sends silence.
package final class MixGroup {
    /// The usual frame in units of 0.125 ms (samples at 8 kHz).
    var frame8: Int
    /// When it is due; the frame then sent covers the time up to `deadline`.
    var deadline: Int64 = 0
    /// Length of the frame that is due: differs from `frame8` once, when the deadline is moved.
    var nextLength8: Int
    /// Frames so far; the delay is measured in some of them.
    var turns = 0
    /// Its place in the heap of deadlines, -1: none.
    var heapIndex = -1
    /// It is due at every tick of the wheel (local cards).
    var isCards = false
    /// Which part of a crowd, from 0: each is served when those before it have been sent to.
    var part = 0
    /// A group of one port, not of a mix.
    let isPersonal: Bool
    /// Of a recorder: it has time, so it reads what all others have read already and never makes anybody's concealment.
    var isTap = false
    /// How far behind a recorder reads, in nanoseconds: more than any frame is held, less than a player lasts behind its end.
    static let tapLag: Int64 = 40_000_000

    /// Of somebody who tries his line: it hears itself, so much later that it is heard as an echo.
    var isEcho = false
    /// Less than the shortest track (a card's, 250 ms) holds, in nanoseconds.
    static let echoLag: Int64 = 160_000_000

    unowned(unsafe) var mix: Mix?
    var firstMember: Unmanaged<MixPort>?
    var memberCount = 0
    var pulls: UnsafeMutablePointer<Pull>?
    /// Pulls of the frame in hand that are heard.
    var heard: UnsafeMutablePointer<Pull>?
    var steering = Steering()
    /// By how much moves have shifted a shared group in all, and what of the last one is still to be done, in 0.125 ms.
    private var moved8 = 0
    private(set) var unmoved8 = 0
    /// Since when the frame that is due is held for a missing packet; 0: not held.
    var heldSince: Int64 = 0
    /// Listeners at each rate, counted: which buses are wanted.
    var listeners8 = 0
    var listeners16 = 0
    var listeners48 = 0
    /// Limiters of the frames that silent listeners share, by rate.
    let limiters: UnsafeMutablePointer<Limiter>
    /// The frame that silent listeners share, by codec.
    let shared: UnsafeMutablePointer<SharedFrame>
    /// By rate: the member whose converters bring the sums of the other rates there.
    var converterLenders: InlineArray<3, Unmanaged<MixPort>?> = .init(repeating: nil)
    /// Rates at which the shared frame in hand was limited already, a bit each.
    var sharedRates = 0
    static let codecCapacity = 8
    /// What the next frame leads through, of a personal group: its member first, then whom it hears.
    var hotPulls: InlineArray<8, HotPull> = .init(repeating: HotPull())
    var hotPullCount = 0

    /// What the frame lengths of the members' codecs have in common, in 0.125 ms: 1, or 20 where somebody uses Opus.
    var granularity8: Int { opusMembers > 0 ? 20 : 1 }
    private var opusMembers = 0
    /// Its frames cannot be moved: it keeps its phase.
    var isRigid: Bool { rigidMembers > 0 }
    private var rigidMembers = 0
    /// The member of a personal group.
    var onlyMember: MixPort? { isPersonal ? firstMember?.takeUnretainedValue() : nil }

    init(frame8: Int, isPersonal: Bool) {
        self.frame8 = frame8
        nextLength8 = frame8
        self.isPersonal = isPersonal
        limiters = .allocate(capacity: 3)
        limiters.initialize(repeating: Limiter(), count: 3)
        shared = .allocate(capacity: Self.codecCapacity)
        shared.initialize(repeating: SharedFrame(), count: Self.codecCapacity)
    }

    deinit {
        limiters.deallocate()
        shared.deallocate()
    }

    func insert(_ port: MixPort) {
        port.nextInGroup = firstMember
        firstMember = .passUnretained(port)
        memberCount &+= 1
        port.group = self
        count(port, by: 1)
        let rate = BusRate(sampleRate: port.listenRate).rawValue
        if converterLenders[rate] == nil { converterLenders[rate] = .passUnretained(port) }
        port.ownPull = pull(of: port)
    }

    func remove(_ port: MixPort) {
        guard port.group === self else { return }
        dismissLender(port)
        dismissConverters(port)
        var link = firstMember
        var before: MixPort?
        while let member = link?.takeUnretainedValue() {
            if member === port {
                if let before { before.nextInGroup = port.nextInGroup } else { firstMember = port.nextInGroup }
                memberCount &-= 1
                count(port, by: -1)
                break
            }
            before = member
            link = member.nextInGroup
        }
        port.shares = false
        port.nextInGroup = nil
        port.group = nil
        port.ownPull = nil
    }

    /// Takes on a move (0.125 ms); returns the part of it for the next frame, half a frame at most.
    ///
    /// All phases lie within one frame, so a shared group can always be within half a frame of where it began: it takes
    /// the way round that leads there. Otherwise whoever listens for long would get fewer frames than time has.
    func move(by length8: Int) -> Int {
        var way = length8
        if !isPersonal {
            if moved8 &+ way > frame8 / 2 { way &-= frame8 }
            if moved8 &+ way < 0 &- frame8 / 2 { way &+= frame8 }
            moved8 &+= way
        }
        unmoved8 = way
        return goOnMoving()
    }

    /// The next part of a move that was begun.
    func goOnMoving() -> Int {
        let part = max(0 &- frame8 / 2, min(frame8 / 2, unmoved8))
        unmoved8 &-= part
        return part
    }

    func forgetMoves() {
        moved8 = 0
        unmoved8 = 0
    }

    /// The pull of this source, nil when it is none of the group's.
    func pull(of source: MixSource) -> UnsafeMutablePointer<Pull>? {
        var pull = pulls
        while let this = pull {
            if this.pointee.source.toOpaque() == Unmanaged.passUnretained(source).toOpaque() { return this }
            pull = this.pointee.next
        }
        return nil
    }

    /// Forgets the lender that leaves; its successor goes on from its state.
    private func dismissLender(_ port: MixPort) {
        let codec = port.codecNumber
        guard codec >= 0, shared[codec].lender?.toOpaque() == Unmanaged.passUnretained(port).toOpaque() else { return }
        shared[codec].lender = nil
        var link = firstMember
        while let member = link?.takeUnretainedValue() {
            link = member.nextInGroup
            guard member !== port, member.codecNumber == codec, member.shares, member.encoderHasState else { continue }
            member.continueEncoding(of: port)
            shared[codec].lender = .passUnretained(member)
            return
        }
    }

    private func dismissConverters(_ port: MixPort) {
        let rate = BusRate(sampleRate: port.listenRate).rawValue
        guard converterLenders[rate]?.toOpaque() == Unmanaged.passUnretained(port).toOpaque() else { return }
        converterLenders[rate] = nil
        var link = firstMember
        while let member = link?.takeUnretainedValue() {
            link = member.nextInGroup
            guard member !== port, member.listenRate == port.listenRate else { continue }
            member.continueConverting(of: port)
            converterLenders[rate] = .passUnretained(member)
            return
        }
    }

    private func count(_ port: MixPort, by step: Int) {
        if port.frameGranularity8 > 1 { opusMembers &+= step }
        if port.hasRigidFrames { rigidMembers &+= step }
        switch port.listenRate {
        case 16000: listeners16 &+= step
        case 48000: listeners48 &+= step
        default: listeners8 &+= step
        }
    }
}

/// One encoded frame for all who hear the same, of one codec.
struct SharedFrame: BitwiseCopyable {
    /// The member whose encoder makes it; its state is what every sharing listener's decoder has seen.
    var lender: Unmanaged<MixPort>?
    /// Bytes of the frame in hand, 0: not encoded yet.
    var byteCount = 0
    /// Somebody joins whose decoder saw something else: this frame must not lean on earlier ones.
    var hasNewcomers = false
    var isChosen = false
    /// The greatest loss that a member who shares it reports, per cent.
    var lossPercent = 0
}

/// Where a group is in what one source says, and what it took of it for the frame in hand.
struct Pull {
    var source: Unmanaged<MixSource>
    var next: UnsafeMutablePointer<Pull>?
    /// What reading the source leads through; nil: it is no port.
    var lines: HotLines.Reference?
    var nextHeard: UnsafeMutablePointer<Pull>?
    /// The next sample to read.
    var position: Int64 = 0
    /// The samples of the frame in hand, gain applied; valid while `isHeard`.
    var frame: UnsafeMutablePointer<Int16>?
    /// The least distance behind the best position within the window that ends at `windowEnd`.
    var leastLag: Int64 = .max
    var windowEnd: Int64 = 0
    /// Since when what it reads has come earlier than could be relied on; 0: it does not.
    var earlySince: Int64 = 0
    /// Samples still to be left out while it is talking; negative: to be said twice.
    var shed = 0
    /// Samples to leave out (or repeat) in this frame, whatever it sounds like.
    var jump: Int64 = 0
    /// For how long time scaling has found no place, in 0.125 ms.
    var refusals = 0
    var isPrimed = false
    /// It adds something to the frame in hand.
    var isHeard = false
    /// It was heard in the last frame.
    var wasHeard = false

    /// For how long packets may come before their time until more of them is let gather, in nanoseconds.
    static let luck: Int64 = 200_000_000
    /// How long a lag has to last before it is shed in the middle of speech, in nanoseconds.
    static let window: Int64 = 60_000_000
    /// After 200 ms without a place that suits, a crossfade does it.
    static let mostRefusals8 = 1600

    /// The position is a new one: whatever was measured before counts no more.
    mutating func startWindow(at time: Int64) {
        leastLag = .max
        shed = 0
        refusals = 0
        earlySince = 0
        windowEnd = time &+ Self.window
    }
}
