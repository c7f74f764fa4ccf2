// SPDX-License-Identifier: Apache-2.0

/// Tone scripts of the API: frequencies with levels, then times and cadences.
///
///     "440@-19,480@-19;2(2/4/1+2)"
///
/// reads: frequency 1 is 440 Hz at -19 dBm0, frequency 2 480 Hz; for 2 s repeat: 2 s of both, 4 s of silence. A section is
/// `length(on/off/frequencies[,on/off/frequencies…])`; '*' as a time goes on to the end of its section, and as a length for
/// ever: such a section is the last, and the only one that repeats. Frequency 0 is silence.
package enum ToneScript {
    package struct Tones: Sendable, Equatable {
        package var segments: [ToneSegment]
        package var repeats: Bool
    }

    private struct Frequency {
        var hertz: Double
        var level: Double
    }

    package static func parse(_ text: String) -> Tones? {
        guard text.utf8.count <= 1000 else { return nil }
        let parts = text.split(separator: ";", omittingEmptySubsequences: true).map { $0.filter { !$0.isWhitespace } }
        guard parts.count >= 2, let frequencies = frequencies(parts[0]) else { return nil }
        var tones = Tones(segments: [], repeats: false)
        for part in parts.dropFirst() {
            // What stands behind a section without end is never heard, but has to be right.
            var section = Tones(segments: [], repeats: false)
            guard add(part, frequencies, to: &section) else { return nil }
            guard !isEndless(tones) else { continue }
            tones.repeats = section.repeats
            if section.repeats {
                for index in tones.segments.indices { tones.segments[index].isOnce = true }
            }
            tones.segments += section.segments
            guard tones.segments.count <= mostSegments else { return nil }
        }
        return tones.segments.isEmpty ? nil : tones
    }

    /// Beeps and pauses: more than that would be hundreds of seconds of clicks.
    package static let mostSegments = 4096

    private static func isEndless(_ tones: Tones) -> Bool {
        tones.repeats || tones.segments.contains { $0.milliseconds == 0 }
    }

    private static func frequencies(_ text: String) -> [Frequency]? {
        var found: [Frequency] = []
        for item in text.split(separator: ",") {
            let halves = item.split(separator: "@")
            guard let hertz = halves.first.flatMap({ Double($0) }), (1...20_000).contains(hertz) else { return nil }
            let level = halves.count > 1 ? Double(halves[1]) : -19
            guard let level, (-60...3).contains(level), halves.count <= 2 else { return nil }
            found.append(Frequency(hertz: hertz, level: level))
        }
        return found.isEmpty || found.count > 16 ? nil : found
    }

    private static func add(_ section: String, _ frequencies: [Frequency], to tones: inout Tones) -> Bool {
        guard let open = section.firstIndex(of: "("), section.hasSuffix(")") else { return false }
        guard let length = milliseconds(section[..<open]), length != 0 else { return false }
        let cadence = section[section.index(after: open)...].dropLast()
        var once: [ToneSegment] = []
        for item in cadence.split(separator: ",") {
            let fields = item.split(separator: "/")
            guard fields.count == 3, let on = milliseconds(fields[0]), let off = milliseconds(fields[1]) else {
                return false
            }
            guard let tone = tone(fields[2], frequencies, max(on, 0)) else { return false }
            if on != 0 { once.append(tone) }
            if off != 0 { once.append(.silence(max(off, 0))) }
        }
        guard !once.isEmpty else { return false }
        if length == forEver {
            // The rest of an endless section has no end (0 ms); nothing comes behind it.
            let end = once.firstIndex { $0.milliseconds == 0 }
            tones.segments = end.map { Array(once[...$0]) } ?? once
            tones.repeats = end == nil
            return true
        }
        var left = length
        while left > 0, tones.segments.count <= mostSegments {
            for var segment in once where left > 0 {
                segment.milliseconds = segment.milliseconds == 0 ? left : min(segment.milliseconds, left)
                left -= segment.milliseconds
                tones.segments.append(segment)
            }
        }
        return true
    }

    private static let forEver = -1

    /// Seconds as text; '*' is `forEver`.
    private static func milliseconds(_ text: Substring) -> Int? {
        if text == "*" { return forEver }
        guard let seconds = Double(text), (0...3600).contains(seconds) else { return nil }
        return Int((seconds * 1000).rounded())
    }

    private static func tone(_ text: Substring, _ frequencies: [Frequency], _ milliseconds: Int) -> ToneSegment? {
        let indices = text.split(separator: "+").map { Int($0) }
        guard !indices.isEmpty, indices.count <= 2 else { return nil }
        var picked: [Frequency] = []
        for index in indices {
            guard let index, (0...frequencies.count).contains(index) else { return nil }
            if index > 0 { picked.append(frequencies[index - 1]) }
        }
        guard let first = picked.first else { return .silence(milliseconds) }
        return ToneSegment(
            first.hertz, picked.count > 1 ? picked[1].hertz : 0, levelDBm0: first.level, milliseconds: milliseconds)
    }
}
