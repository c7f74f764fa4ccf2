// SPDX-License-Identifier: Apache-2.0
// ITU-T E.180 (tones of the networks), Q.23 (the keypad): what a room's tones must not be taken for.

import Foundation
import Telephony
import Testing

@testable import Signals

/// The tones that a room plays when somebody comes or goes: no exchange has them, no keypad, and no detector of ours hears
/// anything in them.
@Suite struct RoomTonesTests {
    private static let joinAndLeave = [RoomTones.join, RoomTones.leave].map { PlannedTones.converted($0) }

    private static let hertz = joinAndLeave.joined().flatMap { [$0.frequency1Hz, $0.frequency2Hz] }.filter { $0 > 0 }

    /// Frequencies of one segment of a tone plan, side frequencies of a modulated one included.
    private func frequencies(_ segment: Substring) -> [Double] {
        guard let list = segment.firstMatch(of: /hz\s*=\s*\[([^\]]*)\]/) else { return [] }
        let tones = list.output.1.split(separator: ",").compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
        let modulation = segment.firstMatch(of: /am\s*=\s*([0-9.]+)/).flatMap { Double($0.output.1) } ?? 0
        return tones.flatMap { modulation > 0 ? [$0 - modulation, $0, $0 + modulation] : [$0] }
    }

    @Test func `no exchange and no keypad has the tones of a room`() throws {
        #expect(Set(Self.hertz).count == 2)
        let folder = DataSheet.repository.appendingPathComponent("etc/partyline/tones.d")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "toml" }
        #expect(files.count >= 46)
        var others: [(hertz: Double, name: String)] = []
        for code in UInt8(0)..<16 {
            guard let (row, column) = DTMFSignal.frequencies(ofCode: code) else { continue }
            others += [(row, "digit \(code)"), (column, "digit \(code)")]
        }
        #expect(others.count == 32)
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            let found = text.split(separator: "{").flatMap { frequencies($0) }
            // Each has a dial, a busy, a ringing and a reorder tone at least.
            #expect(found.count >= 4, "\(file.lastPathComponent)")
            others += found.map { ($0, file.lastPathComponent) }
        }
        for other in others {
            // Twice what ProgressPattern takes for the same frequency.
            let least = 2 * max(12, other.hertz * 0.025)
            for hertz in Self.hertz {
                #expect(abs(hertz - other.hertz) > least, "\(hertz) Hz is near \(other.hertz) Hz (\(other.name))")
            }
        }
    }

    /// So many of a tone, one every so many milliseconds, with half a second of nothing and `lead` samples more before.
    private func row(_ tones: [Tone], count: Int, every milliseconds: Int, lead: Int = 0) -> [Int16] {
        var samples = [Int16](repeating: 0, count: 4_000 + lead + count * milliseconds * 8 + 12_000)
        for number in 0..<count {
            let start = 4_000 + lead + number * milliseconds * 8
            let generator = ToneGenerator(tones, repeats: false, sampleRate: 8_000)
            samples.withUnsafeMutableBufferPointer { buffer in
                if let base = buffer.baseAddress { _ = generator.fill(base + start, count: milliseconds * 8) }
            }
        }
        return samples
    }

    private func sum(_ one: [Int16], _ other: [Int16]) -> [Int16] {
        zip(one, other).map { Int16(clamping: Int($0) + Int($1)) }
    }

    /// Somebody alone, and six in the rhythm of a busy and of a reorder tone.
    private func rows(lead: Int = 0) -> [[Int16]] {
        Self.joinAndLeave.flatMap { tones in
            [1_000, 500, 250].map { row(tones, count: $0 == 1_000 ? 1 : 6, every: $0, lead: lead) }
        }
    }

    /// The same, and one who comes at the moment at which another goes.
    private func scenes(lead: Int = 0) -> [[Int16]] {
        let rows = rows(lead: lead)
        return rows + [sum(rows[0], rows[3])]
    }

    @Test func `no plan's tones are heard in them`() throws {
        let plans = try PlannedTones.all()
        #expect(plans.count >= 46)
        for (number, scene) in scenes().enumerated() {
            for plan in plans {
                let events = ProgressRun(scene, plan.patterns).events
                #expect(events.isEmpty, "\(plan.country), scene \(number): \(events.map(\.kind))")
            }
        }
    }

    @Test func `no digit is heard in them`() throws {
        for lead in stride(from: 0, to: 160, by: 20) {
            for (number, scene) in scenes(lead: lead).enumerated() {
                let receiver = try #require(DigitReceiver(sampleRate: 8_000))
                var samples = scene
                var events = 0
                samples.withUnsafeMutableBufferPointer { buffer in
                    guard let base = buffer.baseAddress else { return }
                    for start in stride(from: 0, through: buffer.count - 160, by: 160) {
                        events += receiver.process(base + start, count: 160, removes: true)
                    }
                }
                #expect(events == 0, "scene \(number), \(lead) samples later")
            }
        }
    }

    private func beeps(_ samples: [Int16]) -> Int {
        let detector = BeepDetector(sampleRate: 8_000)
        var found = 0
        samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, through: buffer.count - 80, by: 80)
            where detector.hear(base + start, count: 80) > 0 {
                found += 1
            }
        }
        return found
    }

    @Test func `they are no beep of an answering machine`() {
        for lead in stride(from: 0, to: 160, by: 20) {
            for (number, scene) in rows(lead: lead).enumerated() {
                #expect(beeps(scene) == 0, "scene \(number), \(lead) samples later")
            }
        }
        // For their shortness alone: one of their frequencies for 300 ms is a beep.
        let long = Tone(Self.hertz[0], levelDBm0: -22, milliseconds: 300)
        #expect(beeps(row([long], count: 1, every: 1_000)) == 1)
    }
}
