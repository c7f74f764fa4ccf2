// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Testing

/// An endless supply of sound that is no digit.
struct TalkOffClips {
    private var generator: SeededGenerator
    private var concert: Music
    private var next = 0

    private static let languages = [
        "en-us", "en-gb", "de", "fr-fr", "es", "it", "pt", "pt-br", "nl", "sv", "da", "nb", "fi", "pl", "cs", "hu",
        "ru",
        "el", "tr", "ro", "hi", "cmn", "vi", "ar",
    ]
    private static let variants = ["m1", "m3", "m7", "f2", "f4", "f5"]
    private static let words =
        """
        alo hello yes no si ja nein oui non da net pronto please bitte room house moment thank you number call me back later \
        nine eight seven who why you we are over here meeting tomorrow evening aha oh ah mmm hee wow
        """.split(separator: " ").map(String.init)

    init(seed: UInt64) {
        generator = SeededGenerator(state: seed)
        concert = Music(seed: seed)
    }

    /// About a minute of the next language and voice: numbers, which each speaks in its own words, and words.
    mutating func speech() throws -> [Int16] {
        let language = Self.languages[next % Self.languages.count]
        let variant = Self.variants[next / Self.languages.count % Self.variants.count]
        next += 1
        var text = ""
        for _ in 0..<60 {
            text +=
                Bool.random(using: &generator)
                ? "\(Int.random(in: 0..<10_000, using: &generator)) "
                : (Self.words.randomElement(using: &generator) ?? "") + " "
        }
        let spoken = try #require(
            Laboratory.speech(text, voice: "\(language)+\(variant)"), "espeak-ng is not installed")
        let level = Double.random(in: -30 ... -8, using: &generator)
        let gain = Laboratory.peak(dBm0: level) / 1.414 / max(1, Laboratory.rms(spoken))
        return spoken.map { Int16(max(-32_768, min(32_767, Double($0) * gain))) }
    }

    /// About a minute.
    mutating func music() -> [Int16] { concert.play(seconds: 60) }

    /// WAV files below PARTYLINE_RECORDINGS.
    static func recordings() -> [URL] {
        guard let folder = ProcessInfo.processInfo.environment["PARTYLINE_RECORDINGS"] else { return [] }
        let all = FileManager.default.enumerator(at: URL(fileURLWithPath: folder), includingPropertiesForKeys: nil)
        return (all?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "wav" }.sorted { $0.path < $1.path }
    }

    /// Of a WAV file with one channel of 16 bits at 8 kHz; nil: it is something else.
    static func samples(of file: URL) -> [Int16]? {
        guard let data = try? Data(contentsOf: file), data.count > 44 else { return nil }
        func number(_ at: Int, _ bytes: Int) -> Int {
            (0..<bytes).reduce(0) { $0 | Int(data[at + $1]) << (8 * $1) }
        }
        guard number(22, 2) == 1, number(24, 4) == 8_000, number(34, 2) == 16 else { return nil }
        return stride(from: 44, to: data.count - 1, by: 2).map { Int16(truncatingIfNeeded: number($0, 2)) }
    }
}
