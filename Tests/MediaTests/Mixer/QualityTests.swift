// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Signals
import Testing

@testable import Media

/// Recordings through the real mixer over lossy networks in virtual time, so that no load of the machine spoils them; what a
/// listener heard goes into WAV files for a scorer. Scripts/quality says where from and where to, and scores them.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["PARTYLINE_QUALITY_CLIPS"] != nil, "asked for by Scripts/quality"))
struct QualityTests {
    private static let environment = ProcessInfo.processInfo.environment

    private static func list(_ name: String, _ usual: String) -> [String] {
        (environment[name] ?? usual).split(separator: ",").map(String.init)
    }

    @Test func `what a listener hears of recordings at several losses`() throws {
        let clips = URL(fileURLWithPath: try #require(Self.environment["PARTYLINE_QUALITY_CLIPS"]))
        let output = URL(fileURLWithPath: try #require(Self.environment["PARTYLINE_QUALITY_OUT"]))
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        for name in Self.list("PARTYLINE_QUALITY_CODECS", "PCMA,G726-32,GSM,G722,opus") {
            let codec = try #require(AudioCodec.all.first { $0.name == name })
            let recordings = try QualityClips.read(clips, wide: codec.sampleRate > 8_000)
            try #require(!recordings.isEmpty)
            for loss in Self.list("PARTYLINE_QUALITY_LOSSES", "0,1,5,10").compactMap({ Double($0) }) {
                for (number, clip) in recordings.enumerated() {
                    let heard = Self.heard(clip.samples, clip.rate, codec, loss, seed: UInt64(number))
                    let title = "\(name)-\(Int(loss))-\(clip.name)"
                    try WaveFile.write(heard, rate: clip.rate, to: output.appendingPathComponent(title + ".wav"))
                    try WaveFile.write(
                        clip.samples, rate: clip.rate, to: output.appendingPathComponent(title + ".ref.wav"))
                    #expect(heard.count > clip.samples.count / 2)
                }
            }
        }
    }

    /// A talker behind a network that loses so much, and a listener whose own network is perfect.
    private static func heard(
        _ clip: [Int16], _ rate: Int, _ codec: AudioCodec, _ loss: Double, seed: UInt64
    ) -> [Int16] {
        let rig = MixRig()
        let talker = rig.makePhone(codec, phase: 3_000_000)
        // What carries it on must take nothing away.
        let listener = rig.makePhone(rate > 8_000 ? .g722 : .pcma, phase: 11_000_000)
        rig.join([talker, listener], rig.makeMix())
        // What the exchange reports to lose, as its RTCP would.
        talker.encoder.expectLoss(percent: Int(loss))
        // Three seconds of other speech first: the exchange gets to know the network, as it does in a call.
        let lead = Array(clip.prefix(rate * 3))
        let speech = QualityClips.resampled(lead + clip, from: rate, to: codec.sampleRate)
        talker.voice = { position in speech.indices.contains(Int(position)) ? speech[Int(position)] : 0 }
        talker.path = NetworkPath(.loss(loss), seed: seed &* 7_919 &+ 1)
        rig.run(milliseconds: speech.count * 1_000 / codec.sampleRate + 400)
        let begin = talker.arrivals.first?.time ?? 0
        guard let first = listener.packets.first(where: { $0.time >= begin + 3_000_000_000 }) else { return [] }
        return Array(listener.heard[first.start...].prefix(clip.count + rate / 5))
    }
}
