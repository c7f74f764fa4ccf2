// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import Media
import RTP
import Synchronization
import Telephony
import Testing

@testable import Lines

/// Two telephones, the real media engine, and an exchange that connects everybody who dials a room.
private final class Office: Sendable {
    private final class RoomKeeper: LegSink {
        struct State {
            var mix: MixID?
            var offers: [CallOffer] = []
            var events: [String] = []
            var legs: UInt64 = 0
        }
        let state = Mutex(State())
        let media: any MediaControl

        init(_ media: any MediaControl) { self.media = media }

        func incoming(_ offer: CallOffer) {
            let mix = state.withLock { state in
                state.offers.append(offer)
                state.mix = state.mix ?? media.openMix()
                return state.mix
            }
            offer.leg.answer([])
            guard let port = offer.leg.port, let mix else { return }
            media.add(.port(port), to: mix)
            media.listen(port, to: mix)
        }
        func post(_ event: LegEvent, from leg: LegID) {
            if case .hungUp = event { state.withLock { $0.events.append("hung up") } }
        }
        func newLegID() -> LegID {
            state.withLock { state in
                state.legs += 1
                return LegID(state.legs)
            }
        }
    }

    let engine: MediaEngine
    let desk: LineDesk
    private let keeper: RoomKeeper

    init(_ lines: [VirtualLine], periodMilliseconds: Double) throws {
        var options = MixOptions()
        options.ports = 16
        options.mixes = 16
        options.players = 16
        options.cardTick8 = Int(periodMilliseconds * 8)
        let folder = NSTemporaryDirectory()
        engine = MediaEngine(
            options: options,
            network: MediaNetwork(ports: 47_000...47_010, dscp: 46, workspace: RTPWorkspace(spareBuffers: 16)),
            sounds: PromptStore(
                PromptStore.Options(promptsFolder: folder, cacheFolder: folder + "/partyline-lines-cache")))
        keeper = RoomKeeper(engine)
        let descriptions = lines.map { line in
            var description = LineDescription(
                name: line.name, preset: "alsa-fxs", pcm: VirtualCard.device(of: line.name),
                ctl: VirtualCard.device(of: line.name))
            description.sampleRate = line.sampleRate
            description.periodMilliseconds = periodMilliseconds
            return description
        }
        let numbers = NumberSpace(
            emergencyNumbers: [], extensions: [], roomNumbers: AnyNumber(lengths: 3...3), outsideNumbers: nil)
        desk = LineDesk(
            LineDeskOptions(lines: descriptions, numbers: numbers, tones: .standard, interdigitMilliseconds: 4_000),
            media: engine, ports: engine, sink: keeper, log: Logger(label: "lines") { _ in SwiftLogNoOpLogHandler() })
        let desk = desk
        _ = try engine.start(priority: 50, locksMemory: false) { desk.media($0) }
        try desk.start()
    }

    func stop() {
        desk.stop()
        engine.stop()
    }

    var destinations: [String] { keeper.state.withLock { $0.offers.map(\.destination) } }
    func endFirstCall() { keeper.state.withLock { $0.offers.first }?.leg.hangUp(.normalClearing, []) }
}

@Suite(.serialized) struct PhoneToPhoneTests {
    @Test(arguments: [(8_000, 48_000, 5.0), (16_000, 16_000, 2.5)])
    func `two people lift, dial a room with tones and hear each other`(
        firstRate: Int, secondRate: Int, period: Double
    ) async throws {
        let lines = [
            try Laboratory.line(sampleRate: firstRate, isManual: false),
            try Laboratory.line(sampleRate: secondRate, isManual: false),
        ]
        lines[0].setPPM(200)
        lines[1].setPPM(-200)
        let office = try Office(lines, periodMilliseconds: period)
        defer { office.stop() }
        let phones = lines.map { VirtualPhone($0) }
        #expect(await Laboratory.eventually { office.desk.reports().map(\.state) == ["on-hook", "on-hook"] })

        for phone in phones { #expect(await phone.perform("dial", digits: "111") == .done) }
        #expect(await Laboratory.eventually { office.destinations == ["111", "111"] })
        #expect(office.desk.reports().map(\.state) == ["in call", "in call"])

        // Each sends a tone of its own for half a second.
        try await Task.sleep(for: .milliseconds(300))
        let voices = [600.0, 1_000.0]
        await withTaskGroup(of: Void.self) { group in
            for (phone, hertz) in zip(phones, voices) {
                let tone = HandsetSignals.tones(
                    [hertz], levelDBm0: -12, milliseconds: 800, sampleRate: phone.line.sampleRate)
                group.addTask { await phone.speak(tone) }
            }
        }
        for (index, line) in lines.enumerated() {
            let now = line.frame
            let heard = line.heard((now - Int64(line.sampleRate) / 2)..<(now - Int64(line.sampleRate) / 10))
            let other = HandsetSignals.levelDBm0(of: voices[1 - index], in: heard, sampleRate: line.sampleRate)
            let own = HandsetSignals.levelDBm0(of: voices[index], in: heard, sampleRate: line.sampleRate)
            // Gaps of a loaded machine weaken and smear a tone; Media's tests measure this exactly, in virtual time.
            #expect(other > -24 && other < -10, "\(line.name) hears the other at \(other) dBm0")
            #expect(own < other - 12, "\(line.name) hears itself at \(own) dBm0")
        }
        print(
            "clicks, capture to playback, \(firstRate) to \(secondRate) Hz, \(period) ms periods:", await delays(lines))
        print("cards:", office.desk.reports().map { "\($0.driftPPM) ppm \($0.underruns) under \($0.overruns) over" })

        office.endFirstCall()
        #expect(await Laboratory.eventually { office.desk.reports().first?.state == "off-hook" })
        let line = lines[0]
        #expect(
            await Laboratory.eventually {
                let now = line.frame
                let heard = line.heard((now - Int64(line.sampleRate) * 3 / 5)..<now)
                return HandsetSignals.levelDBm0(of: 425, in: heard, sampleRate: line.sampleRate) > -25
            })
        for phone in phones { await phone.hangUp() }
        #expect(await Laboratory.eventually { office.desk.reports().map(\.state) == ["on-hook", "on-hook"] })
    }

    /// Of a few clicks from the first to the second, in ms; for reading, not asserted: others load the machine.
    private func delays(_ lines: [VirtualLine]) async -> [Double] {
        var delays: [Double] = []
        for _ in 0..<8 {
            let (from, to) = (lines[0], lines[1])
            let start = from.frame + Int64(from.sampleRate / 20)
            // The moment of a frame on both clocks: both count from the same monotonic clock.
            let pair = (from.frame, to.frame)
            let click = HandsetSignals.tones([1_000], levelDBm0: -3, milliseconds: 4, sampleRate: from.sampleRate)
            from.inject(click, at: start)
            try? await Task.sleep(for: .milliseconds(200))
            let due = pair.1 + (start - pair.0) * Int64(to.sampleRate) / Int64(from.sampleRate)
            let heard = to.heard(due..<due + Int64(to.sampleRate / 8))
            if let index = heard.firstIndex(where: { abs(Int($0)) > 4_000 }) {
                delays.append((Double(index) * 10_000 / Double(to.sampleRate)).rounded() / 10)
            }
        }
        return delays
    }
}
