// SPDX-License-Identifier: Apache-2.0
// Tones of both ends at once (narrow-band signals in ITU-T G.168's words).

import Foundation
import Testing

@testable import Signals

/// A tone of the near end is no echo of a tone that is played.
@Suite struct EchoToneSheetTests {
    /// What is played and heard, and who begins.
    struct Scene: CustomTestStringConvertible, Sendable {
        var near: [Double]
        var far: [Double]
        /// Ms from the near tone's begin to the far one's.
        var lag = 0
        /// What was played before has taught the filter the line.
        var isTrained = false
        var hasEcho = true
        /// The far tone comes from a telephone far away.
        var isCoded = false

        var testDescription: String {
            "near \(near), far \(far) \(lag) ms later\(isTrained ? ", trained" : "")\(hasEcho ? "" : ", no echo")"
        }
    }

    static let scenes: [Scene] = {
        var scenes: [Scene] = []
        for hasEcho in [false, true] {
            for isTrained in [false, true] {
                for lag in [-500, 0, 500] {
                    scenes.append(
                        Scene(near: [600], far: [1_400], lag: lag, isTrained: isTrained, hasEcho: hasEcho))
                }
            }
            scenes.append(Scene(near: [1_400], far: [600], hasEcho: hasEcho))
            scenes.append(Scene(near: [425], far: [480, 620], hasEcho: hasEcho, isCoded: true))
            scenes.append(Scene(near: [440], far: [350, 440.0 + 60], isTrained: true, hasEcho: hasEcho))
            scenes.append(Scene(near: [697, 1_209], far: [425], isTrained: true, hasEcho: hasEcho, isCoded: true))
            scenes.append(Scene(near: [1_000], far: [1_040], isTrained: true, hasEcho: hasEcho))
        }
        return scenes
    }()

    private static let second = 8_000
    private static let training = second * 3

    private func tones(_ frequencies: [Double], _ count: Int) -> [Double] {
        (0..<count).map { index in
            frequencies.enumerated().reduce(0) { sum, tone in
                sum + Laboratory.peak(dBm0: -16)
                    * sin(2 * .pi * tone.element * Double(index) / 8_000 + Double(tone.offset) + 0.3)
            }
        }
    }

    private func clipped(_ values: [Double]) -> [Int16] {
        values.map { Int16(max(-32_768, min(32_767, $0.rounded()))) }
    }

    private static let speech = Laboratory.speech(
        "Good morning, I would like to know whether the room is free on Thursday, and who has the key.", voice: "en")

    /// The softest 100 ms of the near tone (its first frequency) from 50 ms after its begin, next to what it was, and what the far
    /// tone is reduced by in the last second.
    private func measure(
        _ scene: Scene, _ cancel: ([Int16], [Int16]) -> [Double]
    ) throws -> (near: Double, far: Double) {
        let total = Self.training + Self.second * 4
        var (far, talk) = ([Double](repeating: 0, count: total), [Double](repeating: 0, count: total))
        if scene.isTrained {
            let speech = try #require(Self.speech, "no espeak-ng")
            let gain = Laboratory.peak(dBm0: -16) / 1.414 / Laboratory.rms(speech)
            for index in 0..<(Self.training - Self.second / 2) {
                far[index] = Double(speech[index % speech.count]) * gain
            }
        }
        let begins = (near: Self.training + max(0, -scene.lag) * 8, far: Self.training + max(0, scene.lag) * 8)
        for (index, value) in tones(scene.near, total - begins.near).enumerated() { talk[begins.near + index] = value }
        for (index, value) in tones(scene.far, total - begins.far).enumerated() { far[begins.far + index] = value }
        if scene.isCoded { far = clipped(far).map { Double(G711.expand(G711.compress(Int($0), .a), .a)) } }
        let echo = Hybrid.standard.first ?? Hybrid.national[6]
        let back = scene.hasEcho ? echo.echo(of: far, from: 0, total) : [Double](repeating: 0, count: total)
        var generator = SeededGenerator(state: 4)
        let noise = Laboratory.noise(total, rms: Laboratory.peak(dBm0: -68) / 1.414, generator: &generator)
        let left = cancel(clipped(far), clipped((0..<total).map { back[$0] + talk[$0] + noise[$0] }))
        let all = scene.near + scene.far
        var softest = 99.0
        for start in stride(from: begins.near + 400, to: total - 800, by: 400) {
            softest = min(softest, Self.levels(left[start..<(start + 800)], all)[0])
        }
        let last = Self.levels(left[(total - Self.second)...], all)
        let was = Self.levels(far[(total - Self.second)...], all)
        let place = scene.near.count
        return (softest + 16, was[place] - last[place])
    }

    /// Levels in dBm0 of several frequencies at once (least squares, so that they do not disturb each other).
    private static func levels(_ samples: ArraySlice<Double>, _ frequencies: [Double]) -> [Double] {
        let size = frequencies.count * 2
        var matrix = [[Double]](repeating: [Double](repeating: 0, count: size + 1), count: size)
        for (index, sample) in samples.enumerated() {
            var basis: [Double] = []
            for frequency in frequencies {
                let angle = 2 * .pi * frequency * Double(index) / 8_000
                basis += [sin(angle), cos(angle)]
            }
            for row in 0..<size {
                for column in 0..<size { matrix[row][column] += basis[row] * basis[column] }
                matrix[row][size] += basis[row] * sample
            }
        }
        for pivot in 0..<size {
            for row in 0..<size where row != pivot {
                let factor = matrix[row][pivot] / matrix[pivot][pivot]
                for column in pivot...size { matrix[row][column] -= factor * matrix[pivot][column] }
            }
        }
        return frequencies.indices.map { place in
            let (a, b) = (
                matrix[place * 2][size] / matrix[place * 2][place * 2],
                matrix[place * 2 + 1][size] / matrix[place * 2 + 1][place * 2 + 1]
            )
            return 20 * log10(max(1e-3, (a * a + b * b).squareRoot()) / 32_767) + 3.14
        }
    }

    @Test func `a tone of the near end stays while a tone is played`() throws {
        var sheet = DataSheet(
            "echo-tones", "Line echo canceller: tones of both ends at once",
            """
            `EchoCanceller` (tail 32 ms), tones of -16 dBm0 each at both ends, noise -68 dBm0; where there is an echo it is \
            G.168's model D.2 at a return loss of 6 dB. Taught: speech was played before. Lag: ms from the near tone's begin to \
            the far one's. Near tone: its softest 100 ms, from 50 ms after its begin, next to what it was, in dB. Far tone: how \
            far below what is played it is in the fourth second; goal: 30, or as far as speexdsp. In brackets the same of speexdsp alone (blocks of 2.5 ms).
            """)
        sheet.table(["near, Hz", "far, Hz", "lag", "taught", "echo", "near tone, dB", "far tone, dB down"])
        for scene in Self.scenes {
            let ours = try measure(scene) { EchoRival.ours.cancel(far: $0, near: $1) }
            let theirs = try measure(scene) { EchoRival.speexBlocks.cancel(far: $0, near: $1) }
            func list(_ tones: [Double]) -> String { tones.map { "\(Int($0))" }.joined(separator: "+") }
            func pair(_ our: Double, _ their: Double) -> String { String(format: "%.0f (%.0f)", our, their) }
            sheet.row([
                list(scene.near), list(scene.far) + (scene.isCoded ? ", A-law" : ""), "\(scene.lag)",
                scene.isTrained ? "yes" : "no", scene.hasEcho ? "yes" : "no", pair(ours.near, theirs.near),
                scene.hasEcho ? pair(ours.far, theirs.far) : "-",
            ])
            sheet.hold("near tone, \(scene.testDescription)", ours.near, to: .atLeast(-3))
            guard scene.hasEcho else { continue }
            // Where speexdsp follows the tone to 80 dB nobody hears it at 30 either.
            sheet.hold(
                "far tone, \(scene.testDescription)", ours.far,
                to: .atLeast(min(30, theirs.far) - 1).butReached(10...30, "The settled filter stands still."))
        }
        try forget(&sheet)
        try sheet.finish()
    }

    @Test(arguments: [[1_400.0], [425], [350, 440], [941, 1_477]])
    func `the echo of a tone goes when nobody else sends one`(frequencies: [Double]) throws {
        let count = Self.second * 3
        let far = clipped(tones(frequencies, count)).map { G711.expand(G711.compress(Int($0), .a), .a) }
        let echo = (Hybrid.standard.first ?? Hybrid.national[0]).echo(of: far.map(Double.init), from: 0, count)
        let near = clipped(echo).map { G711.expand(G711.compress(Int($0), .a), .a) }
        let left = EchoRival.ours.cancel(far: far, near: near)[(Self.second * 2)...]
        let played = Self.levels(far.map(Double.init)[(Self.second * 2)...], frequencies)
        for (was, rest) in zip(played, Self.levels(left, frequencies)) {
            print("\(frequencies): \(Int(was - rest)) dB down")
            #expect(was - rest > 25)
        }
    }

    @Test func `tones are told from voices`() throws {
        func share(_ signal: [Double]) -> Double {
            let watch = NarrowBandWatch(sampleRate: 8_000)
            let floats = clipped(signal).map(Float.init)
            var (narrow, all) = (0, 0)
            floats.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                for end in stride(from: watch.reach, through: floats.count, by: 80) {
                    watch.look(base + end)
                    all += 1
                    narrow += watch.isNarrow ? 1 : 0
                }
            }
            return Double(narrow) / Double(max(1, all))
        }
        for voice in ["en", "en+f4", "de+f2", "fr+m3", "it+f5"] {
            let words = "A moment, please. Nine men may mow our lawn; who knows why you rue it?"
            let speech = try #require(Laboratory.speech(words, voice: voice), "no espeak-ng")
            let found = share(speech.map { Double($0) * 0.3 })
            print("\(voice): \(Int(found * 1_000)) in a thousand looks take speech for tones")
            #expect(found < 0.05, "\(voice)")
        }
        for frequencies in [[425.0], [350, 440], [400, 450], [941, 1_477], [480, 620], [950, 1_400, 1_800]] {
            let coded = clipped(tones(frequencies, 8_000)).map { Double(G711.expand(G711.compress(Int($0), .a), .a)) }
            #expect(share(tones(frequencies, 8_000)) > 0.99, "\(frequencies)")
            #expect(share(coded) > 0.95, "\(frequencies), through A-law")
        }
    }

    /// G.168's narrow-band test in spirit: tones make the filter forget as little as can be.
    private func forget(_ sheet: inout DataSheet) throws {
        sheet.note(
            "What five seconds of a tone leave of what speech has taught, through A-law, G.168 D.2: combined loss in dB of the speech "
                + "before and in the half second after. Goal: at most 3 dB less.")
        sheet.table(["tone, Hz", "before", "after", "speexdsp, blocks of 2.5 ms: before", "after"])
        let speech = try #require(Self.speech, "no espeak-ng")
        let gain = Laboratory.peak(dBm0: -16) / 1.414 / Laboratory.rms(speech)
        let count = Self.second * 12
        for frequencies in [[425.0], [697], [1_633], [770, 1_336], [350, 440]] {
            var far = (0..<count).map { Double(speech[$0 % speech.count]) * gain }
            far.replaceSubrange((Self.second * 5)..<(Self.second * 10), with: tones(frequencies, Self.second * 5))
            let echo = (Hybrid.standard.first ?? Hybrid.national[0]).echo(of: far, from: 0, count)
            var generator = SeededGenerator(state: 6)
            let noise = Laboratory.noise(count, rms: Laboratory.peak(dBm0: -68) / 1.414, generator: &generator)
            let near = EchoScene.coded(clipped(zip(echo, noise).map { $0 + $1 }))
            func loss(_ left: [Double], _ seconds: ClosedRange<Double>) -> Double {
                let range = Int(seconds.lowerBound * 8_000)..<Int(seconds.upperBound * 8_000)
                return EchoScene.decibels(EchoScene.power(far[range]), EchoScene.power(left[range]))
            }
            let ours = EchoRival.ours.cancel(far: clipped(far), near: near)
            let theirs = EchoRival.speexBlocks.cancel(far: clipped(far), near: near)
            let (before, after) = (loss(ours, 4.5...5), loss(ours, 10.1...10.6))
            let name = frequencies.map { "\(Int($0))" }.joined(separator: "+")
            sheet.row(
                [name]
                    + [before, after, loss(theirs, 4.5...5), loss(theirs, 10.1...10.6)].map {
                        String(format: "%.0f", $0)
                    })
            sheet.hold(
                "forgotten in five seconds of \(name) Hz", before - after,
                to: .atMost(3).butReached(3...6, "Tones teach the careful filter nothing of the rest of the band."))
        }
    }
}
