// SPDX-License-Identifier: Apache-2.0
import Foundation
import Media
import Synchronization
import Telephony

@testable import Lines

/// A media engine that only notes what each port hears.
final class NotingMedia: MediaControl, CardPortProvider {
    struct State {
        var next: UInt32 = 1
        var mixes: [MixID: Set<SoundSource>] = [:]
        var players: [PlayerID: Sound] = [:]
        var heard: [PortID: MixID] = [:]
        var open: [PortID: @Sendable () -> Void] = [:]
        var held: [@Sendable () -> Void] = []
        var cards: [PortID: CardFunctions] = [:]
        var sent: [DTMFDigit] = []
        var muted: Set<PortID> = []
        var resumed: [PortID] = []
        var echoing: Set<PortID> = []
        var neighbourhoods: [PortID: UInt32] = [:]
        var holdsCards = false
        var isFull = false
    }

    let state = Mutex(State())

    /// What this port hears of players: the tones' segments, empty for silence.
    func tone(at port: PortID) -> [ToneSegment] {
        state.withLock { state in
            guard let mix = state.heard[port], let sources = state.mixes[mix] else { return [] }
            return sources.flatMap { source -> [ToneSegment] in
                guard case .player(let player) = source, case .tones(let segments, _) = state.players[player] else {
                    return []
                }
                return segments
            }
        }
    }

    /// The samples that this port is played, where a player has some.
    func samples(at port: PortID) -> (player: PlayerID, samples: [Int16])? {
        state.withLock { state in
            guard let mix = state.heard[port], let sources = state.mixes[mix] else { return nil }
            for case .player(let player) in sources {
                if case .samples(let samples, _) = state.players[player] { return (player, samples) }
            }
            return nil
        }
    }

    var openPorts: [PortID] { state.withLock { $0.open.keys.sorted { $0.slot < $1.slot } } }
    var openMixes: Int { state.withLock { $0.mixes.count } }
    var runningPlayers: Int { state.withLock { $0.players.count } }

    func openMix() -> MixID? {
        state.withLock { state in
            state.next += 1
            let mix = MixID(slot: state.next, generation: 1)
            state.mixes[mix] = []
            return mix
        }
    }
    func closeMix(_ mix: MixID) { state.withLock { $0.mixes[mix] = nil } }
    func add(_ source: SoundSource, to mix: MixID) { state.withLock { _ = $0.mixes[mix]?.insert(source) } }
    func remove(_ source: SoundSource, from mix: MixID) { state.withLock { _ = $0.mixes[mix]?.remove(source) } }
    func listen(_ port: PortID, to mix: MixID?) { state.withLock { $0.heard[port] = mix } }
    func mute(_ port: PortID, _ muted: Bool) {
        state.withLock { state in
            if muted { state.muted.insert(port) } else { state.muted.remove(port) }
        }
    }
    var muted: Set<PortID> { state.withLock { $0.muted } }
    func deafen(_ port: PortID, _ deaf: Bool) {}
    func setGain(_ port: PortID, talkDB: Double, listenDB: Double) {}
    func setNeighbourhood(_ port: PortID, _ neighbourhood: UInt32) {
        state.withLock { $0.neighbourhoods[port] = neighbourhood }
    }
    func echo(_ port: PortID, _ isOn: Bool) {
        state.withLock { state in
            if isOn { state.echoing.insert(port) } else { state.echoing.remove(port) }
        }
    }
    func detectDigits(_ port: PortID, _ enabled: Bool, removed: Bool) {}
    func send(_ digits: [DTMFDigit], to port: PortID) { state.withLock { $0.sent += digits } }
    func play(_ sound: Sound, loop: Bool, delayMilliseconds: Int) -> PlayerID? {
        state.withLock { state in
            state.next += 1
            let player = PlayerID(slot: state.next, generation: 1)
            state.players[player] = sound
            return player
        }
    }
    func pause(_ player: PlayerID, _ paused: Bool) {}
    func stop(_ player: PlayerID) { state.withLock { $0.players[player] = nil } }
    func detectBeep(_ port: PortID, _ enabled: Bool) {}
    func isWideband(_ port: PortID) -> Bool { false }
    func record(_ order: RecordingOrder) -> RecorderID? { nil }
    func listen(_ recorder: RecorderID, channel: Int, to mix: MixID?) {}
    func setMode(_ recorder: RecorderID, _ mode: RecorderMode) {}
    func stopRecording(_ recorder: RecorderID) {}
    func statistics() -> [PortStatistics] { [] }

    func openCardPort(_ card: CardFunctions, onRelease: @escaping @Sendable () -> Void) -> PortID? {
        state.withLock { state in
            guard !state.isFull else { return nil }
            state.next += 1
            let port = PortID(slot: state.next, generation: 1)
            state.open[port] = onRelease
            state.cards[port] = card
            return port
        }
    }
    func resumeCardPort(_ port: PortID) { state.withLock { $0.resumed.append(port) } }
    func closeCardPort(_ port: PortID) {
        let release = state.withLock { state -> (@Sendable () -> Void)? in
            guard let release = state.open.removeValue(forKey: port) else { return nil }
            guard state.holdsCards else { return release }
            state.held.append(release)
            return nil
        }
        release?()
    }
    /// The mix thread gives back the cards of the ports that were closed.
    func releaseCards() {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for release in held { release() }
    }
    func cardStatistics(_ port: PortID) -> CardStatistics? {
        state.withLock { $0.open[port] == nil ? nil : CardStatistics(driftPPM: 12, underruns: 3, overruns: 1) }
    }
}

/// A switchboard that only notes what comes in.
final class NotingSink: LegSink {
    struct State {
        var offers: [CallOffer] = []
        var events: [(leg: LegID, event: String)] = []
        var legs: UInt64 = 0
    }

    let state = Mutex(State())

    func incoming(_ offer: CallOffer) { state.withLock { $0.offers.append(offer) } }
    func post(_ event: LegEvent, from leg: LegID) {
        let words =
            switch event {
            case .ringing: "ringing"
            case .answered: "answered"
            case .hungUp(let cause, _): "hung up: \(cause.words)"
            case .digit(let digit, let source): "digit \(digit.character) by \(source)"
            default: "\(event)"
            }
        state.withLock { $0.events.append((leg, words)) }
    }
    func newLegID() -> LegID {
        state.withLock { state in
            state.legs += 1
            return LegID(state.legs)
        }
    }

    var offers: [CallOffer] { state.withLock { $0.offers } }
    var events: [String] { state.withLock { $0.events.map(\.event) } }
}

/// Hardware made of wishes. The test is its only thread.
final class WishedDevice: StationDevice {
    var descriptors: [Int32] { [] }
    let sampleRate = 8_000
    let periodMilliseconds = 5.0
    var warnings: [String] { [] }
    var offHook = false
    var hasHook = true
    /// What comes with the next reading, beside the hook.
    var keys: [LineSignal] = []
    var lamps: Set<LineLamp> = []
    var displayed: [String] = []
    var rings = false
    var isGone = false
    var startsFail = false
    var recoveries = 0
    var starts = 0
    var stops = 0

    private var gone: LineError {
        LineError(code: 19, device: "wished", stage: "use it", remedy: "plug it in")
    }

    func isOffHook() throws(LineError) -> Bool {
        if isGone { throw gone }
        return offHook
    }
    var deadline: Int64? { nil }
    func signals(now: Int64) throws(LineError) -> [LineSignal] {
        if isGone { throw gone }
        defer { keys = [] }
        return keys + (hasHook ? [.hook(isOffHook: offHook)] : [])
    }
    func expire(now: Int64) throws(LineError) -> [LineSignal] { [] }
    func perform(_ order: LineOrder, now: Int64) {
        switch order {
        case .bell(let on): rings = on
        case .lamp(let lamp, let on): if on { lamps.insert(lamp) } else { lamps.remove(lamp) }
        case .display(let text): displayed.append(text)
        case .seize, .flash: break
        }
    }
    func start() throws(LineError) -> CardFunctions {
        if isGone || startsFail { throw gone }
        starts += 1
        return CardFunctions(
            context: Unmanaged.passUnretained(self).toOpaque(), sampleRate: 8_000, capture: Self.capture,
            play: Self.play,
            capturePosition: Self.position, playPosition: Self.position)
    }
    func recover() throws(LineError) {
        if isGone { throw gone }
        recoveries += 1
    }
    func stop() { stops += 1 }
    var xruns: (overruns: Int, underruns: Int) { (0, 0) }

    private static let capture: @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int16>, Int32) -> Int32 =
        {
            _, _, _ in 0
        }
    private static let play: @convention(c) (UnsafeMutableRawPointer, UnsafePointer<Int16>, Int32) -> Int32 = {
        _, _, count in
        count
    }
    private static let position:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 = { _, _, _ in 0 }
}

struct AnyNumber: DestinationPattern {
    var lengths: ClosedRange<Int> = 1...8
    /// Empty: every one of these lengths.
    var only: Set<String> = []
    func matchesWhole(_ destination: String) -> Bool {
        lengths.contains(destination.count) && destination.allSatisfy(\.isWholeNumber)
            && (only.isEmpty || only.contains(destination))
    }
}
