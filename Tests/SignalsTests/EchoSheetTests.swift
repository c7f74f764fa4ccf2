// SPDX-License-Identifier: Apache-2.0
// The data sheet of EchoCanceller and EchoDelayFinder, on hybrids computed from national line impedances.

import Foundation
import Testing

@testable import Signals

@Suite struct EchoSheetTests {
    private func power(_ values: ArraySlice<Double>) -> Double {
        values.reduce(0) { $0 + $1 * $1 } / Double(max(1, values.count))
    }

    private func decibels(_ above: Double, _ below: Double) -> Double {
        10 * log10(max(above, 1e-9) / max(below, 1e-9))
    }

    private func clipped(_ values: [Double]) -> [Int16] {
        values.map { Int16(max(-32_768, min(32_767, $0.rounded()))) }
    }

    /// What is played, what is spoken at the near end, and the line's own noise: 14 s of each.
    private struct Scene {
        var far: [Double]
        var talk: [Double]
        var noise: [Double]
        /// From the sixth second on somebody speaks at the near end, or the line is another one.
        static let change = 48_000
        static let count = 8000 * 14
        var talkLength: Int
    }

    private func scene() throws -> Scene {
        let speech = try #require(
            Laboratory.speech(
                "Good morning, I would like to know whether the room is free on Thursday, and who has the key. Thank you.",
                voice: "en"), "no espeak-ng")
        let other = try #require(
            Laboratory.speech(
                "Well, that depends on many things, does it not? Let us see what we can do.", voice: "en+f4"),
            "no espeak-ng")
        let gain = Laboratory.peak(dBm0: -16) / 1.414 / Laboratory.rms(speech)
        var generator = SeededGenerator(state: 2)
        let talk = (0..<Scene.count).map { index in
            let place = index - Scene.change
            return other.indices.contains(place) ? Double(other[place]) * gain : 0
        }
        return Scene(
            far: (0..<Scene.count).map { Double(speech[$0 % speech.count]) * gain }, talk: talk,
            noise: Laboratory.noise(
                Scene.count, rms: Laboratory.peak(dBm0: -68) / 1.414, generator: &generator),
            talkLength: other.count)
    }

    /// Decibels; NaN: not measured.
    private struct Figures {
        var start = 0.0, second = 0.0, settled = 0.0, coded = 0.0, changed = 0.0, voice = 0.0, after = 0.0
        var cells: [Double] { [start, second, settled, coded, changed, voice, after] }
    }

    private func measure(_ rival: EchoRival, _ echo: [Double], next: [Double], _ scene: Scene) -> Figures {
        let far = clipped(scene.far)
        func run(_ near: [Double]) -> [Double] { rival.cancel(far: far, near: clipped(near)) }
        func loss(_ left: [Double], _ seconds: Double) -> Double {
            let range = Int((seconds - 0.2) * 8000)..<Int((seconds + 0.2) * 8000)
            return decibels(power(scene.far[range]), power(left[range]))
        }
        let plain = zip(echo, scene.noise).map { $0 + $1 }
        var figures = Figures()
        let left = run(plain)
        (figures.start, figures.second, figures.settled) = (loss(left, 0.5), loss(left, 1), loss(left, 5))
        figures.coded = loss(
            rival.cancel(far: far, near: clipped(plain).map { G711.expand(G711.compress(Int($0), .a), .a) }), 5)
        let change = Scene.change
        figures.changed = loss(
            run((0..<Scene.count).map { ($0 < change ? echo[$0] : next[$0]) + scene.noise[$0] }),
            Double(change) / 8000 + 1)
        let double = run(zip(plain, scene.talk).map { $0 + $1 })
        // The filter takes DC away, which turns phases: compared with the same voice when nothing is played.
        let silence = [Int16](repeating: 0, count: Scene.count)
        let alone = rival.cancel(far: silence, near: clipped(zip(scene.noise, scene.talk).map { $0 + $1 }))
        let range = change..<(change + min(scene.talkLength, 32_000))
        let damage = range.map { double[$0] - alone[$0] }
        figures.voice = decibels(power(alone[range]), power(damage[...]))
        let after = Double(change + scene.talkLength) / 8000 + 2
        figures.after = after < 13.5 ? loss(double, after) : .nan
        return figures
    }

    @Test func `echoes go, voices stay`() throws {
        var sheet = DataSheet(
            "echo", "Line echo canceller",
            """
            `EchoCanceller` (blocks of 2.5 ms, tail 32 ms) on the echoes of eight lines computed from impedances against 600 ohm \
            and of the models D.2 … D.9 of ITU-T G.168 at a return loss of 6 dB (coefficients as Debian's libspandsp-dev has \
            them in `g168models.h`), noise -68 dBm0. Combined loss (return loss and canceller) in dB of synthetic speech at \
            -16 dBm0; double talk: how far the near voice (as loud) stands above what is different from the same voice when \
            nothing is played.
            """)
        let scene = try scene()
        let head = [
            "0.5 s", "1 s", "5 s", "5 s, A-law", "1 s after another line", "near voice in double talk",
            "2 s after double talk",
        ]
        let lines = Hybrid.all
        let echoes = lines.map { $0.echo(of: scene.far, from: 0, Scene.count) }
        sheet.table(["line", "return loss"] + head)
        var all: [EchoRival: [Figures]] = [:]
        for rival in EchoRival.sheet {
            for (number, line) in lines.enumerated() {
                let next = echoes[(number + 3) % lines.count]
                let figures = measure(rival, echoes[number], next: next, scene)
                all[rival, default: []].append(figures)
                guard rival == .ours else { continue }
                let loss = decibels(power(scene.far[...]), power(echoes[number][...]))
                sheet.row(
                    [line.name] + ([loss] + figures.cells).map { $0.isNaN ? "-" : String(format: "%.0f", $0) })
                #expect(figures.settled > 40 && figures.coded > 30, "\(line.name)")
                #expect(figures.changed > 30, "\(line.name): \(figures.changed) dB after a change")
                #expect(figures.voice > 10, "\(line.name)")
            }
        }
        sheet.note(
            "The same next to the libraries' own, in the same run: mean of the \(lines.count) lines, and the worst.")
        sheet.table(["canceller"] + head)
        for rival in EchoRival.sheet {
            let columns = (0..<head.count).map { column in (all[rival] ?? []).map { $0.cells[column] } }
            sheet.row(
                [rival.rawValue]
                    + columns.map { values in
                        let known = values.filter { !$0.isNaN }
                        let mean = known.reduce(0, +) / Double(max(1, known.count))
                        return String(format: "%.0f (%.0f)", mean, known.min() ?? 0)
                    })
        }
        try sheet.finish()
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
