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
    package var callWaiting: [ToneSegment] = []
    package var recall: [ToneSegment] = []
    package var messageWaiting: [ToneSegment] = []
    package var specialInformation: [ToneSegment] = []
    package var record: [ToneSegment] = []
    /// The bell, ms on and off in turn.
    package var ringMilliseconds = [1_000, 4_000]
    package var callerID = "v23"
    /// An on-hook time within these is a flash.
    package var flashMilliseconds = [50, 600]
    package var impedance = "600"
    package var redialPauseSeconds = 5.0
    package var redialAttempts = 12
    package var redialRestMinutes = 30

    package init() {}

    /// What `caller_id` can be; "v23-reversal" has a polarity reversal and a wake-up tone before it (SIN 242), "v23-jp" a
    /// short ring.
    package static let callerIDKinds = ["none", "bell202", "v23", "v23-reversal", "v23-jp", "dtmf"]

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
        SettingKey(
            "call_waiting", \.callWaiting, .tone, example: "[{ hz = [425], dbm0 = -18, ms = 200 }, { ms = 4000 }]",
            "Tone in a call when another one comes in."),
        SettingKey(
            "recall", \.recall, .tone, example: "[{ hz = [425], dbm0 = -18, ms = 100 }, { ms = 100 }]",
            "Dial tone after a flash."),
        SettingKey(
            "message_waiting", \.messageWaiting, .tone,
            example: "[{ hz = [425], ms = 100 }, { ms = 100 }, { hz = [425] }]", "Dial tone while a message waits."),
        SettingKey(
            "special_information", \.specialInformation, .tone,
            example: "[{ hz = [950], ms = 330 }, { hz = [1400], ms = 330 }, { hz = [1800], ms = 330 }, { ms = 1000 }]",
            "Tone before an announcement that a number cannot be reached."),
        SettingKey(
            "record", \.record, .tone, example: "[{ hz = [1400], ms = 400 }, { ms = 15000 }]",
            "Tone in a call that is recorded."),
        SettingKey(
            "ring_ms", \.ringMilliseconds, .list(.integer(20...20_000), 2...8, of: "times", unique: false),
            unit: "ms", "The bell of a call, on and off in turn."),
        SettingKey(
            "caller_id", \.callerID, .word(callerIDKinds),
            "How a telephone is told who calls. A landline understands every kind; with v23-jp it is seized, unanswered, when "
                + "short bursts of bell ask for it."),
        SettingKey(
            "flash_ms", \.flashMilliseconds, .list(.integer(20...2_000), 2...2, of: "times").rising, unit: "ms",
            "An on-hook time between these two is a flash."),
        SettingKey(
            "impedance", \.impedance, .text("a text, such as \"600\"", maximum: 64), unit: "ohm",
            "What a telephone line of the country looks like: for the hardware's own setting."),
        SettingKey(
            "redial_pause_seconds", \.redialPauseSeconds, .number(0...3_600), unit: "s",
            "The landlines of the box wait so long before one of them dials a number again that was just dialled in vain."
        ),
        SettingKey(
            "redial_attempts", \.redialAttempts, .integer(1...1_000), unit: "attempts",
            "So often in a row a number is dialled in vain; then it rests."),
        SettingKey(
            "redial_rest_minutes", \.redialRestMinutes, .integer(0...1_440), unit: "min",
            "So long a number rests that was dialled in vain as often as is allowed."),
    ]
}

/// A piece of a tone as it stands in the file.
private struct TonePiece: SettingGroup {
    var frequencies: [Double] = []
    var level = -18.0
    /// 0: without end.
    var milliseconds = 0
    var modulation = 0.0
    var isOnce = false

    static let keys: [SettingKey<TonePiece>] = [
        SettingKey(
            "hz", \.frequencies, .list(.number(20...3_800), 0...2, of: "frequencies"), unit: "Hz",
            "Frequencies, none for silence."),
        SettingKey("am", \.modulation, .number(5...200), unit: "Hz", "The tone is modulated with this frequency."),
        SettingKey("dbm0", \.level, .number(-60...0), unit: "dBm0", "Level of each frequency."),
        SettingKey("ms", \.milliseconds, .integer(10...60_000), unit: "ms", "Length; left out: without end."),
        SettingKey("once", \.isOnce, .boolean, "Left out when the pieces are repeated; such pieces stand first."),
    ]

    var segment: ToneSegment {
        var segment = ToneSegment.silence(milliseconds)
        if let first = frequencies.first {
            segment = ToneSegment(
                first, frequencies.count > 1 ? frequencies[1] : 0, levelDBm0: level, milliseconds: milliseconds)
        }
        segment.modulationHz = modulation
        segment.isOnce = isOnce
        return segment
    }
}

extension SettingKind<[Int]> {
    /// The second is more than the first.
    fileprivate var rising: SettingKind {
        checked { values in
            values[0] < values[1] ? nil : ("these two do not rise", "write the shorter time first")
        }
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
                if piece.isOnce, segments.last?.isOnce == false {
                    misfits.error(
                        element.place, "this piece is played once, but stands behind one that is repeated",
                        "write the pieces with once = true first")
                }
                if piece.modulation > 0, piece.frequencies.count != 1 {
                    misfits.error(
                        element.place, "only a single frequency can be modulated", "write one hz, or leave am out")
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
                let rest =
                    (segment.modulationHz > 0 ? ["am = \(segment.modulationHz)"] : [])
                    + (segment.milliseconds > 0 ? ["ms = \(segment.milliseconds)"] : [])
                    + (segment.isOnce ? ["once = true"] : [])
                return "{ " + (hz + rest).joined(separator: ", ") + " }"
            }
            return "[" + pieces.joined(separator: ", ") + "]"
        })
}
