// SPDX-License-Identifier: Apache-2.0
// The near voice in double talk, scored by PESQ (ITU-T P.862, PyPI package "pesq": used here only, not shipped).

import Foundation
import Testing

@testable import Signals

@Suite struct EchoVoiceSheetTests {
    /// A Python that has the package; Scripts/quality makes one below .partyline/quality/venv.
    private static let python = ProcessInfo.processInfo.environment["PARTYLINE_PESQ"]

    @Test(.enabled(if: python != nil, "PARTYLINE_PESQ (a Python that has pesq) is not set"))
    func `a voice over an echo is as clean as speexdsp leaves it`() throws {
        let python = try #require(Self.python)
        var sheet = DataSheet(
            "echo-voice", "Line echo canceller: the near voice in double talk",
            """
            PESQ, narrow band, of 4 s of a near voice as loud as what is played, on the lines of echo.md, next to the voice as it was \
            spoken: mean, and the worst line. speexdsp in blocks of 10 ms is what AUDIO's goals were measured with; it is 7.5 ms later than \
            ours.

                PARTYLINE_RENEW=1 PARTYLINE_TESTING=1 PARTYLINE_PESQ=.partyline/quality/venv/bin/python \\
                    swift test -c release --disable-xctest --filter EchoVoiceSheetTests
            """)
        let scene = try EchoScene()
        let far = EchoScene.clipped(scene.far)
        let spoken = EchoScene.clipped(Array(scene.talk[scene.voice]))
        let echoes = Hybrid.all.map { $0.echo(of: scene.far, from: 0, EchoScene.count) }
        sheet.table(["canceller", "linear", "A-law"])
        var means: [EchoRival: [Double]] = [:]
        for rival in EchoRival.sheet {
            var cells: [String] = []
            for isCoded in [false, true] {
                var heard: [[Int16]] = []
                for echo in echoes {
                    let near = scene.both(echo)
                    let left = rival.cancel(far: far, near: isCoded ? EchoScene.coded(near) : near)
                    heard.append(EchoScene.clipped(Array(left[scene.voice])))
                }
                let scores = try Self.scores(spoken, heard, python)
                let mean = scores.reduce(0, +) / Double(max(1, scores.count))
                means[rival, default: []].append(mean)
                cells.append(String(format: "%.2f (%.2f)", mean, scores.min() ?? 0))
            }
            sheet.row([rival.rawValue] + cells)
        }
        let ours = try #require(means[.ours])
        let theirs = try #require(means[.speexBlocks])
        for (place, name, goal, reached) in [(0, "linear", 3.9, 3.3), (1, "A-law", 3.6, 3.0)] {
            sheet.hold(
                "PESQ, \(name)", ours[place],
                to: .atLeast(goal).butReached(reached...goal, "The clips differ from those that the goal was set with.")
            )
            sheet.hold(
                "PESQ above speexdsp's in the same blocks, \(name)", ours[place] - theirs[place], to: .atLeast(0))
        }
        try sheet.finish()
    }

    /// One score a clip.
    private static func scores(_ reference: [Int16], _ clips: [[Int16]], _ python: String) throws -> [Double] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pesq-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (number, clip) in ([reference] + clips).enumerated() {
            try clip.withUnsafeBytes { try Data($0).write(to: folder.appendingPathComponent("\(number).raw")) }
        }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [
            "-c",
            """
            import sys, numpy, pesq
            clips = [numpy.fromfile(f"{sys.argv[1]}/{n}.raw", dtype="<i2") for n in range(int(sys.argv[2]) + 1)]
            for clip in clips[1:]: print(pesq.pesq(8000, clips[0], clip, "nb"))
            """, folder.path, "\(clips.count)",
        ]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let scores = text.split(separator: "\n").compactMap { Double($0) }
        try #require(scores.count == clips.count, "no scores from \(python)")
        return scores
    }
}
