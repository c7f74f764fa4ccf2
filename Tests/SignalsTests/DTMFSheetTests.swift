// SPDX-License-Identifier: Apache-2.0
// The data sheet of DigitReceiver: ITU-T Q.24 in full and our own goals, next to spandsp's receiver on the same signals.

import Foundation
import Testing

@testable import Signals

@Suite struct DTMFSheetTests {
    private typealias Press = DTMFPress

    @Test func `a receiver as Q 24 wants it`() throws {
        var sheet = DataSheet(
            "dtmf", "DTMF receiver",
            """
            `DigitReceiver`: per cent of presses that are heard once and right, 192 presses a point, all 16 keys, random phases, \
            50 ms at -10 dBm0 a tone unless something else is said; next to it spandsp 0.0.6 with its default settings. Q.24: \
            the strictest of ITU-T Q.24's national columns (NTT, AT&T); where it says nothing the goal is our own. White noise of \
            0 … 4 kHz is measured against both tones together.
            """)
        sheet.table(["what", "Q.24", "goal, %", "ours", "spandsp"])
        let accept = Goal.atLeast(99)
        let reject = Goal.atMost(1)
        let hard = accept.butReached(97...99, "The weaker tone is lost in what the stronger one's begin leaves.")
        func row(_ what: String, _ rule: String, _ goal: Goal, _ press: Press) {
            let (a, b) = (
                DTMFBench.share(press) { DTMFBench.ours($0) }, DTMFBench.share(press) { DTMFBench.spandsp($0) }
            )
            sheet.row([what, rule, goal.words, String(format: "%.0f", a), String(format: "%.0f", b)])
            sheet.hold(what, a, to: goal)
        }
        row("40 ms", "40 ms", accept, Press(milliseconds: 40))
        row("30 ms", "-", accept, Press(milliseconds: 30))
        row("23 ms", "23 ms", reject, Press(milliseconds: 23))
        row("20 ms", "-", reject, Press(milliseconds: 20))
        row("23 ms, noise 20 dB below", "-", reject, Press(milliseconds: 23, noise: 20))
        row(
            "23 ms, noise 10 dB below", "-",
            reject.butReached(1...3, "In noise spandsp's word is taken, which takes some of 23 ms."),
            Press(milliseconds: 23, noise: 10))
        for (percent, goal) in [(1.8, accept), (2.0, accept), (3.0, reject)] {
            row("both tones +\(percent) %", "1.8 / 3.0 %", goal, Press(low: percent, high: percent))
            row("both tones -\(percent) %", "1.8 / 3.0 %", goal, Press(low: -percent, high: -percent))
        }
        row("low tone +3.5 %", "3.5 %", reject, Press(low: 3.5))
        row("high tone -3.5 %", "3.5 %", reject, Press(high: -3.5))
        row("40 ms, both +2.0 %", "-", accept, Press(milliseconds: 40, low: 2, high: 2))
        row("high tone 4 dB stronger", "4 dB", accept, Press(twist: 4))
        row("high tone 8 dB stronger", "-", accept, Press(twist: 8))
        row("high tone 10 dB stronger", "-", accept, Press(twist: 10))
        row("low tone 8 dB stronger", "8 dB", accept, Press(twist: -8))
        row("low tone 10 dB stronger", "-", accept, Press(twist: -10))
        row("40 ms, high tone 10 dB stronger", "-", hard, Press(milliseconds: 40, twist: 10))
        row("40 ms, low tone 10 dB stronger", "-", hard, Press(milliseconds: 40, twist: -10))
        row("high tone 6 dB stronger, both +2.0 %", "-", accept, Press(low: 2, high: 2, twist: 6))
        row("0 dBm0", "0 dBm0", accept, Press(level: 0))
        row("-25 dBm0", "-25 dBm0", accept, Press(level: -25))
        row("-38 dBm0", "-", accept, Press(level: -38))
        row("-55 dBm0", "-55 dBm0", reject, Press(level: -55))
        row("noise 15 dB below", "-", accept, Press(noise: 15))
        row("40 ms, noise 15 dB below", "-", accept, Press(milliseconds: 40, noise: 15))
        let noisy = "In noise spandsp's word is taken; what hears more of them lets chords dial as well."
        row("noise 10 dB below", "-", accept.butReached(97...99, noisy), Press(noise: 10))
        row("noise 8 dB below", "-", accept.butReached(85...99, noisy), Press(noise: 8))
        try dialTones(&sheet)
        sheet.note(
            "Presses of one key, counted as two (per cent of 96), by the pause between them; Q.24: 30 ms are a pause, "
                + "interruptions of 10 ms are none.")
        sheet.table(["pause", "goal, %", "ours", "spandsp"])
        for pause in [8.0, 10, 12, 15, 20, 30, 40] {
            let (a, b) = (twice(pause) { DTMFBench.ours($0) }, twice(pause) { DTMFBench.spandsp($0) })
            let goal: Goal? = pause <= 10 ? .atMost(0) : pause == 12 ? .atMost(2) : pause >= 20 ? .atLeast(99) : nil
            sheet.row([
                "\(Int(pause)) ms", goal?.words ?? "-", String(format: "%.0f", a), String(format: "%.0f", b),
            ])
            if let goal { sheet.hold("a pause of \(Int(pause)) ms", a, to: goal) }
        }
        try prompt(&sheet)
        delay(&sheet)
        leak(&sheet)
        try sheet.finish()
    }

    /// Digits while the exchange still sends its dial tone.
    private func dialTones(_ sheet: inout DataSheet) throws {
        var kinds: [SIMD2<Double>: [String]] = [:]
        for plan in try PlannedTones.all() {
            guard let tone = plan.tones.first(where: { $0.kind == .dial })?.tones.first(where: { $0.frequency1Hz > 0 })
            else { continue }
            kinds[SIMD2(Double(tone.frequency1Hz), Double(tone.frequency2Hz)), default: []].append(plan.country)
        }
        sheet.note(
            "The same while a dial tone goes on, each of its frequencies 6 dB above each tone of the digit: of all plans."
        )
        sheet.table(["dial tone, Hz", "plans", "goal, %", "ours", "spandsp"])
        for (kind, countries) in kinds.sorted(by: { ($0.key.x, $0.key.y) < ($1.key.x, $1.key.y) }) {
            let press = Press(dial: (kind.x, kind.y, 6))
            let (a, b) = (
                DTMFBench.share(press, tries: 96) { DTMFBench.ours($0) },
                DTMFBench.share(press, tries: 96) { DTMFBench.spandsp($0) }
            )
            let name = kind.y > 0 ? "\(Int(kind.x)) + \(Int(kind.y))" : "\(Int(kind.x))"
            // Two that beat 25 Hz apart are one for the filter, and the rest of them hides the digit.
            let isBeating = abs(kind.x - kind.y) < 40
            let goal = Goal.atLeast(97).butReached(
                isBeating ? 0...97 : 80...97, "At the edge of what `DialToneFilter` takes away.")
            sheet.row([name, "\(countries.count)", goal.words, String(format: "%.0f", a), String(format: "%.0f", b)])
            sheet.hold("dial tone of \(name) Hz", a, to: goal)
        }
    }

    /// Digits that are typed while a greeting is played, which comes back from the line's hybrid.
    private func prompt(_ sheet: inout DataSheet) throws {
        let speech = try #require(
            Laboratory.speech(
                "Welcome to the party line. Please enter the number of the room, and press pound. To hear this again, press star.",
                voice: "en"), "no espeak-ng")
        let gain = Laboratory.peak(dBm0: -16) / 1.414 / Laboratory.rms(speech)
        var generator = SeededGenerator(state: 31)
        let presses = 1_008
        let count = presses * 2_400 + 16_000
        let far = (0..<count).map { Int16(max(-32_768, min(32_767, Double(speech[$0 % speech.count]) * gain))) }
        let echo = (Hybrid.standard.first ?? Hybrid.national[6]).echo(of: far.map(Double.init), from: 0, count)
        var near = zip(echo, Laboratory.noise(count, rms: 10, generator: &generator)).map { $0 + $1 }
        var places: [(code: UInt8, at: Int)] = []
        for number in 0..<presses {
            let code = UInt8(number % 16)
            // Anywhere in the greeting; the first second belongs to the canceller.
            let at = 12_000 + number * 2_400 + Int.random(in: 0..<800, using: &generator)
            let digit = Laboratory.digit(code, rate: 8000, count: 400, generator: &generator)
            for (index, value) in digit.enumerated() { near[at + index] += Double(value) }
            places.append((code, at))
        }
        let line = near.map { Int16(max(-32_768, min(32_767, $0.rounded()))) }
        let cleaned = EchoRival.ours.cancel(far: far, near: line).map { Int16(max(-32_768, min(32_767, $0))) }
        /// Per cent heard once and right, and digits that nobody pressed.
        func judge(_ heard: [DTMFBench.Heard]) -> (share: Double, false: Int) {
            var right = 0
            var known = 0
            for place in places {
                let here = heard.filter { $0.at > place.at && $0.at < place.at + 1_000 }
                known += here.count
                if here.map(\.code) == [place.code] { right += 1 }
            }
            return (Double(right) * 100 / Double(places.count), heard.count - known)
        }
        sheet.note(
            "\(presses) presses while a greeting of -16 dBm0 is played over a hybrid of 6 dB (G.168 D.2): per cent heard once and right, and "
                + "digits that nobody has pressed.")
        sheet.table(["", "goal, %", "ours", "false", "spandsp", "false"])
        for (name, samples) in [("through `EchoCanceller`", cleaned), ("without a canceller", line)] {
            let (a, b) = (judge(DTMFBench.ours(samples)), judge(DTMFBench.spandsp(samples)))
            let goal = Goal.atLeast(99.9).butReached(
                97.5...99.9, "Some of the loudest syllables are as loud as a tone and last as long as the digit.")
            sheet.row([
                name, goal.words, String(format: "%.1f", a.share), "\(a.false)", String(format: "%.1f", b.share),
                "\(b.false)",
            ])
            sheet.hold("under a greeting, \(name)", a.share, to: goal)
            sheet.hold("under a greeting, \(name), false", Double(a.false), to: .atMost(0))
        }
    }

    /// From a tone's begin to the report, in frames of 2.5 ms.
    private func delay(_ sheet: inout DataSheet) {
        sheet.note("Milliseconds from the begin of the tones to the report, frames of 2.5 ms, 192 presses of 60 ms.")
        sheet.table(["", "goal", "ours: median", "worst", "spandsp: median", "worst"])
        for (name, noise) in [("clean", nil), ("noise 15 dB below", 15.0)] {
            func delays(_ hear: ([Int16]) -> [DTMFBench.Heard]) -> [Double] {
                var generator = SeededGenerator(state: 8)
                return (0..<192).compactMap { number in
                    let lead = 1_600 + Int.random(in: 0..<160, using: &generator)
                    let digit = Laboratory.digit(
                        UInt8(number % 16), rate: 8000, count: 480, noisedB: noise, generator: &generator)
                    let silence = [Int16](repeating: 0, count: lead)
                    return hear(silence + digit + silence).first.map { Double($0.at - lead) / 8 }
                }.sorted()
            }
            let (a, b) = (
                delays { DTMFBench.ours($0, frame: 20) }, delays { DTMFBench.spandsp($0, frame: 20) }
            )
            guard let worst = a.last, let their = b.last else { continue }
            let goal = Goal.atMost(30).butReached(
                30...(noise == nil ? 35 : 45), "In noise spandsp's word is waited for, or 40 ms.")
            sheet.row(
                [name, goal.words]
                    + [a[a.count / 2], worst, b[b.count / 2], their].map { String(format: "%.0f", $0) })
            sheet.hold("delay, \(name)", worst, to: goal)
        }
    }

    /// What the room hears of a digit.
    private func leak(_ sheet: inout DataSheet) {
        sheet.note(
            "Milliseconds of a digit of 60 ms that get through to the room before `DigitSuppressor` mutes it (those less than 20 dB "
                + "below the tones), 192 presses.")
        sheet.table(["frames", "goal", "ours: median", "worst"])
        for frame in [20, 160] {
            var generator = SeededGenerator(state: 21)
            let leaks = (0..<192).map { (number: Int) -> Double in
                let lead = 800 + Int.random(in: 0..<160, using: &generator)
                let digit = Laboratory.digit(UInt8(number % 16), rate: 8000, count: 480, generator: &generator)
                let heard = DTMFBench.room(
                    [Int16](repeating: 0, count: lead) + digit + [Int16](repeating: 0, count: 800), frame: frame)
                return Double(
                    stride(from: lead, to: heard.count - 8, by: 8).count {
                        Laboratory.level(heard[$0..<$0 + 8]) > -30
                    })
            }.sorted()
            guard let worst = leaks.last else { continue }
            let goal = Goal.atMost(10).butReached(
                10...17, "Two tones are told from one that is about to be a voice in 10 ms and what a frame adds.")
            sheet.row([
                "\(Double(frame) / 8) ms", goal.words, String(format: "%.0f", leaks[leaks.count / 2]),
                String(format: "%.0f", worst),
            ])
            sheet.hold("leak, frames of \(Double(frame) / 8) ms", worst, to: goal)
        }
    }

    private func twice(_ pause: Double, by hear: ([Int16]) -> [DTMFBench.Heard]) -> Double {
        var generator = SeededGenerator(state: 12)
        let two = (0..<96).filter { number in
            let code = UInt8(number % 16)
            let press = Laboratory.digit(code, rate: 8000, count: 400, generator: &generator)
            let lead = [Int16](repeating: 0, count: 800 + Int.random(in: 0..<102, using: &generator))
            let gap = [Int16](repeating: 0, count: Int(pause * 8))
            let heard = hear(lead + press + gap + press + [Int16](repeating: 0, count: 1_000))
            return heard.map(\.code) == [code, code]
        }.count
        return Double(two) * 100 / 96
    }
}
