// SPDX-License-Identifier: Apache-2.0
// The data sheet of EchoCanceller and EchoDelayFinder, on hybrids computed from national line impedances.

import Foundation
import Testing

@testable import Signals

@Suite struct EchoSheetTests {
    @Test func `echoes go, voices stay`() throws {
        var sheet = DataSheet(
            "echo", "Line echo canceller",
            """
            `EchoCanceller` (blocks of 2.5 ms, tail 32 ms) on the echoes of eight lines computed from impedances against 600 ohm \
            and of the models D.2 … D.9 of ITU-T G.168 at a return loss of 6 dB (coefficients as Debian's libspandsp-dev has \
            them in `g168models.h`), noise -68 dBm0. Combined loss (return loss and canceller) in dB of synthetic speech at \
            -16 dBm0. "Perfect, A-law": what a filter that knew the line exactly would reach, since the code's steps are no echo. \
            Double talk: how far the near voice (as loud) stands above what is different from the same voice when nothing is \
            played. Forgotten: by how much the loss 1 s after the double talk is below that before.
            """)
        let scene = try EchoScene()
        let lines = Hybrid.all
        let echoes = lines.map { $0.echo(of: scene.far, from: 0, EchoScene.count) }
        sheet.table(["line", "return loss"] + EchoFigures.head)
        var all: [EchoRival: [EchoFigures]] = [:]
        for rival in EchoRival.sheet {
            for (number, line) in lines.enumerated() {
                let figures = scene.measure(rival, echoes[number], next: echoes[(number + 3) % lines.count])
                all[rival, default: []].append(figures)
                guard rival == .ours else { continue }
                let loss = EchoScene.decibels(
                    EchoScene.power(scene.far[...]), EchoScene.power(echoes[number][...]))
                sheet.row(
                    [line.name] + ([loss] + figures.cells).map { $0.isNaN ? "-" : String(format: "%.0f", $0) })
                Self.hold(figures, line.name, &sheet)
            }
        }
        sheet.note(
            "The same next to the libraries' own, in the same run: mean of the \(lines.count) lines, and the worst.")
        sheet.table(["canceller"] + EchoFigures.head)
        var means: [EchoRival: [Double]] = [:]
        for rival in EchoRival.sheet {
            let columns = EchoFigures.head.indices.map { column in
                (all[rival] ?? []).map { $0.cells[column] }.filter { !$0.isNaN }
            }
            means[rival] = columns.map { $0.reduce(0, +) / Double(max(1, $0.count)) }
            let worst = columns.enumerated().map { place, values in
                (EchoFigures.head[place] == EchoFigures.head.last ? values.max() : values.min()) ?? 0
            }
            sheet.row(
                [rival.rawValue]
                    + zip(means[rival] ?? [], worst).map { String(format: "%.0f (%.0f)", $0, $1) })
        }
        if let ours = means[.ours], let theirs = means[.speexdsp] {
            sheet.note(
                "Goals: 30 dB after 0.3 s, 45 dB after 5 s (40 through A-law), 30 dB 1 s after a change, at most 6 dB forgotten, on every "
                    + "line; in double talk the near voice as clean as speexdsp leaves it, or cleaner.")
            sheet.hold("near voice in double talk above speexdsp's", ours[7] - theirs[7], to: .atLeast(0))
        }
        sheet.leave("PESQ of the near voice in double talk", to: "echo-voice", by: "PARTYLINE_PESQ=PYTHON")
        try sheet.finish()
    }

    private static func hold(_ figures: EchoFigures, _ line: String, _ sheet: inout DataSheet) {
        let learning = "Speech teaches this line slowly: it goes on learning."
        let steps = String(
            format: "The code's steps are no echo: a perfect filter would leave %.0f dB.", figures.ceiling)
        sheet.hold("\(line), 0.3 s", figures.begun, to: .atLeast(30))
        sheet.hold("\(line), 5 s", figures.settled, to: .atLeast(45).butReached(41...45, learning))
        sheet.hold(
            "\(line), 5 s, A-law", figures.coded,
            to: .atLeast(40).butReached(min(39, figures.ceiling - 4)...40, steps))
        sheet.hold("\(line), 1 s after a change", figures.changed, to: .atLeast(30))
        sheet.hold("\(line), forgotten", figures.forgotten, to: .atMost(6))
    }

    /// What the quick filter costs on the mix thread; printed, not asserted: others load the machine.
    @Test(arguments: [(8_000, 64), (8_000, 32), (16_000, 32)]) func `what a line's canceller costs`(
        rate: Int, tail: Int
    ) throws {
        let canceller = try #require(EchoCanceller(sampleRate: rate, tailMilliseconds: tail))
        var generator = SeededGenerator(state: 3)
        let far = (0..<rate).map { _ in Int16.random(in: -4_000...4_000, using: &generator) }
        var near = far.map { $0 / 4 }
        let took = ContinuousClock().measure {
            near.withUnsafeMutableBufferPointer { near in
                far.withUnsafeBufferPointer { far in
                    guard let a = near.baseAddress, let b = far.baseAddress else { return }
                    for start in stride(from: 0, through: rate - canceller.block, by: canceller.block) {
                        canceller.process(a + start, far: b + start)
                    }
                }
            }
        }
        print("echo canceller, \(rate) Hz, tail \(tail) ms: a second of a line takes \(took)")
    }

    @Test(arguments: [0.0, 12.5, 40, 120, 240]) func `the delay of a device is measured`(milliseconds: Double) throws {
        let finder = EchoDelayFinder()
        let speech = try #require(
            Laboratory.speech("One two three four, five six seven eight, nine ten eleven.", voice: "en+f3"))
        var far: [Int16] = []
        while far.count < 8000 * 8 { far += speech }
        let delay = Int(milliseconds * 8)
        let hybrid = Hybrid.all[0]
        let echo = hybrid.echo(of: far.map(Double.init), from: 0, 8000 * 7)
        var generator = SeededGenerator(state: 9)
        let noise = Laboratory.noise(echo.count, rms: 30, generator: &generator)
        let near = (0..<echo.count).map { index in
            Int16(max(-32_768, min(32_767, (index >= delay ? echo[index - delay] : 0) + noise[index])))
        }
        near.withUnsafeBufferPointer { n in
            far.withUnsafeBufferPointer { f in
                if let a = n.baseAddress, let b = f.baseAddress { finder.hear(near: a, far: b, count: near.count) }
            }
        }
        // The hybrid itself has its peak after one millisecond.
        let found = try #require(finder.milliseconds)
        #expect(abs(found - milliseconds - 1) < 1.5, "\(found)")
    }
}
