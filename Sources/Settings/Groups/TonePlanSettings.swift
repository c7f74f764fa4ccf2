// SPDX-License-Identifier: Apache-2.0
// ITU-T E.180 and its Supplement 2 (tones of the national networks).

package import Telephony

/// The tones of a country: a file of `tones.d`.
package struct TonePlanSettings: SettingGroup {
    /// The name of the file without ".toml".
    package var country = ""
    package var name = ""
    package var source = ""
    package var emergency: [String] = []
    package var dial: [ToneSegment] = []
    package var busy: [ToneSegment] = []
    package var ringback: [ToneSegment] = []
    package var reorder: [ToneSegment] = []

    package init() {}

    static let keys: [SettingKey<TonePlanSettings>] = [
        SettingKey("name", \.name, .text("a text"), example: "\"Germany\"", isRequired: true, "Name of the country."),
        SettingKey(
            "source", \.source, .text("a text", maximum: 256), example: "\"ITU-T E.180 Supplement 2\"",
            isRequired: true,
            "Where the figures were taken from."),
        SettingKey(
            "emergency", \.emergency, .list(.digits(2...6), 0...32, of: "numbers"),
            "Emergency numbers of the country."),
        SettingKey(
            "dial", \.dial, .tone, example: "[{ hz = [425], dbm0 = -16 }]", isRequired: true,
            "Dial tone. Each piece has hz (none, one or two frequencies), dbm0 (level of each) and ms (left out: "
                + "without end); the pieces are repeated."),
        SettingKey(
            "busy", \.busy, .tone, example: "[{ hz = [425], dbm0 = -16, ms = 480 }, { ms = 480 }]", isRequired: true,
            "Tone when the other side is busy."),
        SettingKey(
            "ringback", \.ringback, .tone, example: "[{ hz = [425], dbm0 = -19, ms = 1000 }, { ms = 4000 }]",
            isRequired: true, "Tone while the other side is rung."),
        SettingKey(
            "reorder", \.reorder, .tone, example: "[{ hz = [425], dbm0 = -16, ms = 240 }, { ms = 240 }]",
            isRequired: true,
            "Tone when a call cannot be made, and after it is over (congestion)."),
    ]
}

/// A piece of a tone as it stands in the file.
private struct TonePiece: SettingGroup {
    var frequencies: [Double] = []
    var level = -18.0
    /// 0: without end.
    var milliseconds = 0

    static let keys: [SettingKey<TonePiece>] = [
        SettingKey(
            "hz", \.frequencies, .list(.number(20...3_800), 0...2, of: "frequencies"), unit: "Hz",
            "Frequencies, none for silence."),
        SettingKey("dbm0", \.level, .number(-60...0), unit: "dBm0", "Level of each frequency."),
        SettingKey("ms", \.milliseconds, .integer(10...60_000), unit: "ms", "Length; left out: without end."),
    ]

    var segment: ToneSegment {
        guard let first = frequencies.first else { return .silence(milliseconds) }
        return ToneSegment(
            first, frequencies.count > 1 ? frequencies[1] : 0, levelDBm0: level, milliseconds: milliseconds)
    }
}

extension SettingKind<[ToneSegment]> {
    private static let shape = "a list of 1 to 32 pieces, such as [{ hz = [425], dbm0 = -16, ms = 480 }, { ms = 480 }]"

    fileprivate static let tone = SettingKind(
        words: shape,
        read: { value, misfits in
            guard case .array(let elements) = value.content, (1...32).contains(elements.count) else {
                misfits.error(value.place, "\(value.words) does not fit here", "write \(shape)")
                return nil
            }
            var segments: [ToneSegment] = []
            let before = misfits.all.count
            for (index, element) in elements.enumerated() {
                guard case .table(let entries) = element.content else {
                    misfits.error(
                        element.place, "\(element.words) is no piece of a tone", "write { hz = [425], ms = 480 }")
                    continue
                }
                let piece = TonePiece(entries, at: element.place, in: "a piece of a tone", &misfits)
                if piece.milliseconds == 0, index + 1 < elements.count, misfits.all.count == before {
                    misfits.error(
                        element.place, "this piece has no end, so those behind it are never heard",
                        "give it a length with ms")
                }
                segments.append(piece.segment)
            }
            return misfits.all.count == before ? segments : nil
        },
        write: { segments in
            let pieces = segments.map { segment in
                let frequencies = [segment.frequency1Hz, segment.frequency2Hz].filter { $0 > 0 }
                let hz =
                    frequencies.isEmpty
                    ? []
                    : ["hz = [\(frequencies.map { "\($0)" }.joined(separator: ", "))]", "dbm0 = \(segment.levelDBm0)"]
                return "{ "
                    + (hz + (segment.milliseconds > 0 ? ["ms = \(segment.milliseconds)"] : [])).joined(separator: ", ")
                    + " }"
            }
            return "[" + pieces.joined(separator: ", ") + "]"
        })
}
