// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Logging
import Media
import Synchronization
import Telephony
import Testing

@testable import Lines

/// The real thread, real ALSA, a virtual line: what a daemon runs but for the media engine.
@Suite struct LineDeskTests {
    /// What was logged, for tests that read it.
    private final class Journal: Sendable {
        let lines = Mutex<[String]>([])
    }

    private struct JournalHandler: LogHandler {
        let journal: Journal
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { journal.lines.withLock { $0.append("\(event.message)") } }
    }

    private func description(_ name: String, device: String, extension number: String? = nil) -> LineDescription {
        var line = LineDescription(name: name, preset: "alsa-fxs", pcm: device, ctl: device)
        line.extension = number
        return line
    }

    private func desk(
        _ lines: [LineDescription], _ media: NotingMedia, _ sink: NotingSink, journal: Journal = Journal()
    ) -> LineDesk {
        let numbers = NumberSpace(
            emergencyNumbers: ["112"], extensions: ["21"], roomNumbers: AnyNumber(lengths: 3...3),
            outsideNumbers: nil)
        return LineDesk(
            LineDeskOptions(lines: lines, numbers: numbers, tones: .standard, interdigitMilliseconds: 4_000),
            media: media, ports: media, sink: sink,
            log: Logger(label: "lines") { _ in JournalHandler(journal: journal) })
    }

    @Test func `a phone on a virtual card lifts, dials and talks through ALSA`() async throws {
        let line = try Laboratory.line(isManual: false)
        let (media, sink) = (NotingMedia(), NotingSink())
        let desk = desk([description("hall", device: VirtualCard.device(of: line.name), extension: "21")], media, sink)
        try desk.start()
        defer { desk.stop() }
        #expect(await Laboratory.eventually { desk.reports().first?.state == "on-hook" })
        #expect(desk.knows("21") && desk.knows("hall") && !desk.knows("22"))

        line.isOffHook = true
        #expect(await Laboratory.eventually { desk.reports().first?.state == "dial tone" })
        let port = try #require(media.openPorts.first)
        #expect(media.tone(at: port) == TonePlan.standard.dial)
        #expect(line.capture.isRunning && line.playback.isRunning)
        #expect(line.capture.periodFrames == 80)
        for digit in [DTMFDigit.one, .one, .one] { desk.media(.digit(port, digit, .inBand)) }
        #expect(await Laboratory.eventually { sink.offers.first?.destination == "111" })
        let report = try #require(desk.reports().first)
        #expect(
            report.state == "in call" && report.driftPPM == 12 && report.underruns == 3 && report.sampleRate == 16_000)

        line.isOffHook = false
        #expect(await Laboratory.eventually { sink.events == ["hung up: normal clearing"] })
        #expect(await Laboratory.eventually { !line.capture.isRunning && media.openPorts.isEmpty })
    }

    @Test func `a landline that is told to do what a telephone does is there, and says what it does`() {
        var landline = description("pstn", device: "vline:nowhere")
        landline.preset = "alsa-fxo"
        let desk = desk([landline, description("hall", device: "vline:nowhere")], NotingMedia(), NotingSink())
        for action in ["lift", "flash", "message"] {
            guard case .refused(let words) = desk.refusal(of: action, on: "pstn") else {
                Issue.record("\(action) of a landline")
                continue
            }
            #expect(words.reason.contains("pstn is a landline") && words.description.contains("doctor"))
        }
        #expect(
            desk.refusal(of: "lift", on: "attic") == .notFound(Obstacle("no line attic", remedy: "see partyline lines"))
        )
        guard case .refused(let words) = desk.refusal(of: "hangup", on: "hall") else {
            Issue.record("hangup of a telephone")
            return
        }
        #expect(words.description.contains("hang it up by hand"))
    }

    @Test func `calls out hunt through the landlines, one that was tried is left out, the last one dials blindly`()
        async throws
    {
        let cards = [try Laboratory.line(isManual: false), try Laboratory.line(isManual: false)]
        let (media, sink) = (NotingMedia(), NotingSink())
        let lines = zip(["one", "two"], cards).map { name, card in
            var line = description(name, device: VirtualCard.device(of: card.name))
            line.preset = "alsa-fxo"
            return line
        }
        let desk = desk(lines, media, sink)
        try desk.start()
        defer { desk.stop() }
        #expect(await Laboratory.eventually(milliseconds: 6_000) { desk.reports().map(\.state) == ["idle", "idle"] })
        var request = DialRequest(destination: "0301", callerNumber: "", callerName: "", headers: [])
        #expect(!desk.hasWay(request))
        request.kind = .outside
        #expect(desk.hasWay(request))
        let first = try #require(desk.dial(request))
        #expect(first.outsideLine == "one")
        #expect(await Laboratory.eventually { cards[0].isOffHook && desk.reports()[0].state == "seizing" })
        // The exchange does not answer: no loop current.
        #expect(
            await Laboratory.eventually { sink.events == ["hung up: network out of order"] && !cards[0].isOffHook })
        request.triedLines = ["one"]
        let second = try #require(desk.dial(request))
        #expect(second.outsideLine == "two")
        #expect(await Laboratory.eventually { cards[1].isOffHook })
        request.triedLines = ["one", "two"]
        #expect(!desk.hasWay(request) && desk.dial(request) == nil)
        // Whatever it is doing: the last try.
        request.triedLines = ["two"]
        request.isLastTry = true
        #expect(desk.dial(request)?.outsideLine == "one")
    }

    @Test func `an emergency number of a reload goes out with its last digit from the next call on`() async throws {
        let line = try Laboratory.line(isManual: false)
        let (media, sink) = (NotingMedia(), NotingSink())
        let desk = desk([description("hall", device: VirtualCard.device(of: line.name), extension: "21")], media, sink)
        try desk.start()
        defer { desk.stop() }
        #expect(await Laboratory.eventually { desk.reports().first?.state == "on-hook" })
        desk.adopt(
            NumberSpace(
                emergencyNumbers: ["1777"], extensions: [], roomNumbers: AnyNumber(lengths: 1...8), outsideNumbers: nil),
            interdigitMilliseconds: 3_600_000)
        line.isOffHook = true
        #expect(await Laboratory.eventually { desk.reports().first?.state == "dial tone" })
        let port = try #require(media.openPorts.first)
        for digit in [DTMFDigit.one, .seven, .seven, .seven] { desk.media(.digit(port, digit, .inBand)) }
        #expect(await Laboratory.eventually { sink.offers.first?.destination == "1777" })
    }

    @Test func `a called virtual phone rings and answers`() async throws {
        let line = try Laboratory.line(isManual: false)
        let (media, sink) = (NotingMedia(), NotingSink())
        let desk = desk([description("hall", device: VirtualCard.device(of: line.name), extension: "21")], media, sink)
        try desk.start()
        defer { desk.stop() }
        #expect(await Laboratory.eventually { desk.reports().first?.state == "on-hook" })
        #expect(desk.dial(DialRequest(destination: "99", callerNumber: "", callerName: "", headers: [])) == nil)
        let leg = try #require(
            desk.dial(DialRequest(destination: "21", callerNumber: "22", callerName: "", headers: [])))
        #expect(await Laboratory.eventually { line.isRinging })
        line.isOffHook = true
        #expect(await Laboratory.eventually { sink.events == ["ringing", "answered"] && leg.port != nil })
        #expect(!line.isRinging)
        leg.hangUp(.normalClearing, [])
        #expect(await Laboratory.eventually { sink.events.last == "hung up: normal clearing" })
        #expect(
            await Laboratory.eventually { media.openPorts.first.map(media.tone(at:)) == TonePlan.standard.reorder })
    }

    @Test func `a line that is pulled out is gone, and others do not notice`() async throws {
        let (first, second) = (try Laboratory.line(isManual: false), try Laboratory.line(isManual: false))
        let (media, sink, journal) = (NotingMedia(), NotingSink(), Journal())
        let desk = desk(
            [
                description("hall", device: VirtualCard.device(of: first.name)),
                description("attic", device: VirtualCard.device(of: second.name)),
                description("cellar", device: "vline:nowhere"),
            ], media, sink, journal: journal)
        try desk.start()
        defer { desk.stop() }
        first.isOffHook = false
        #expect(await Laboratory.eventually { desk.reports().map(\.state) == ["on-hook", "on-hook", "gone"] })
        let missing = journal.lines.withLock { $0.filter { $0.contains("cellar") } }
        #expect(missing.count == 1 && missing.first?.contains("vline:nowhere") == true)
        first.isOffHook = true
        second.isOffHook = true
        #expect(await Laboratory.eventually { desk.reports().map(\.state) == ["dial tone", "dial tone", "gone"] })
        first.unplug()
        #expect(await Laboratory.eventually { desk.reports().map(\.state) == ["gone", "dial tone", "gone"] })
        #expect(media.openPorts.count == 1)
        first.isOffHook = false
        try first.replug()
        #expect(await Laboratory.eventually(milliseconds: 5_000) { desk.reports().first?.state == "on-hook" })
    }

    @Test func `stopping waits for the card that the mix thread still has`() async throws {
        let line = try Laboratory.line(isManual: false)
        let (media, sink, journal) = (NotingMedia(), NotingSink(), Journal())
        media.state.withLock { $0.holdsCards = true }
        let desk = desk([description("hall", device: VirtualCard.device(of: line.name))], media, sink, journal: journal)
        try desk.start()
        #expect(await Laboratory.eventually { desk.reports().first?.state == "on-hook" })
        line.isOffHook = true
        #expect(await Laboratory.eventually { desk.reports().first?.state == "dial tone" })
        // The mix thread's part, on a thread of its own: the pool may be busy with other tests.
        let ranUntilThen = Mutex(false)
        Thread.detachNewThread {
            while !media.openPorts.isEmpty { usleep(500) }
            ranUntilThen.withLock { $0 = line.capture.isRunning }
            media.releaseCards()
        }
        desk.stop()
        #expect(ranUntilThen.withLock { $0 })
        #expect(!line.capture.isRunning)
        #expect(journal.lines.withLock { $0.allSatisfy { !$0.contains("did not give") } })
    }

    @Test func `an unknown preset and a number that is taken are named in the log, and the rest works`() {
        let journal = Journal()
        var odd = description("odd", device: "x")
        odd.preset = "alsa-phone"
        let desk = desk(
            [odd, description("a", device: "x", extension: "21"), description("b", device: "x", extension: "21")],
            NotingMedia(), NotingSink(), journal: journal)
        #expect(desk.knows("a") && desk.knows("21") && !desk.knows("b") && !desk.knows("odd"))
        let logged = journal.lines.withLock { $0 }
        #expect(logged.count == 2 && logged[0].contains("alsa-fxs") && logged[1].contains("line b"))
    }

    @Test func `a person at a virtual phone hears the dial tone and dials into the line`() async throws {
        let line = try Laboratory.line(sampleRate: 8_000, isManual: true)
        let phone = VirtualPhone(line)
        let card = try Laboratory.card(on: line)
        try card.start()
        let hand = HandTurnedCard(card)
        // The box: plays a dial tone and notes what it captures, 5 ms at a time.
        let tone = HandsetSignals.tones([425], levelDBm0: -16, milliseconds: 1_000, sampleRate: 8_000)
        let turned = hand
        let box = Task { () -> [Int16] in
            var captured: [Int16] = []
            var at = 80
            // 10 ms ahead.
            _ = turned.play([Int16](repeating: 0, count: 80))
            while !Task.isCancelled {
                line.advance(frames: 40)
                captured += turned.capture(400).samples
                _ = turned.play(Array(tone[at..<at + 40]))
                at = at + 40 < tone.count - 80 ? at + 40 : 80
                try? await Task.sleep(for: .milliseconds(1))
            }
            return captured
        }
        #expect(await phone.perform("dial", digits: "7*") == .done)
        #expect(
            await phone.perform("dial", digits: "seven")
                == .refused(Obstacle("\"seven\" can not be dialled", remedy: "write digits, '*' and '#'")))
        await phone.hangUp()
        box.cancel()
        let captured = await box.value
        func level(_ hertz: Double) -> Double {
            stride(from: 0, to: captured.count - 400, by: 200)
                .map { HandsetSignals.levelDBm0(of: hertz, in: captured[$0..<$0 + 400], sampleRate: 8_000) }.max()
                ?? -99
        }
        for hertz in [852.0, 1209, 941] { #expect(abs(level(hertz) + 7) < 1) }
        #expect(level(1477) < -25)
        let heard = await phone.heard()
        #expect(abs(HandsetSignals.levelDBm0(heard.suffix(800)) + 16) < 1)
    }
}
