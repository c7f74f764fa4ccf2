// SPDX-License-Identifier: Apache-2.0
// ITU-T E.180 (tones), its Supplement 2 (who uses which).

package import Telephony

/// What a telephone hears from the exchange; each is repeated until it is stopped.
package struct TonePlan: Sendable, Hashable {
    package var dial: [ToneSegment]
    package var busy: [ToneSegment]
    package var ringback: [ToneSegment]
    package var reorder: [ToneSegment]
    /// The second dial tone, after a flash; empty: the dial tone.
    package var recall: [ToneSegment] = []
    /// The dial tone while a message waits; empty: a stutter before the dial tone.
    package var messageWaiting: [ToneSegment] = []
    /// In a call when another one comes in: a burst and the pause until the next.
    package var callWaiting: [ToneSegment] = []

    package init(dial: [ToneSegment], busy: [ToneSegment], ringback: [ToneSegment], reorder: [ToneSegment]) {
        self.dial = dial
        self.busy = busy
        self.ringback = ringback
        self.reorder = reorder
    }

    /// 425 Hz throughout, as most of Europe has it.
    package static let standard = TonePlan(
        dial: [ToneSegment(425, 0, levelDBm0: -16, milliseconds: 0)],
        busy: [ToneSegment(425, 0, levelDBm0: -16, milliseconds: 480), .silence(480)],
        ringback: [ToneSegment(425, 0, levelDBm0: -19, milliseconds: 1_000), .silence(4_000)],
        reorder: [ToneSegment(425, 0, levelDBm0: -16, milliseconds: 240), .silence(240)])

    func segments(for tone: StationStateMachine.Tone) -> [ToneSegment] {
        switch tone {
        case .dial: dial
        case .recall: recall.isEmpty ? dial : recall
        case .busy: busy
        case .reorder: reorder
        case .howler: Self.howler
        }
    }

    /// The dial tone that tells of a message: the country's own, or ten short pieces of dial tone before it.
    var stutter: [ToneSegment] {
        guard messageWaiting.isEmpty || messageWaiting == dial, var piece = dial.first else { return messageWaiting }
        piece.milliseconds = 100
        piece.isOnce = true
        var pause = ToneSegment.silence(100)
        pause.isOnce = true
        return (0..<10).flatMap { _ in [piece, pause] } + dial
    }

    /// The four tones of a receiver-off-hook signal, two at a time, loud.
    private static let howler = [
        ToneSegment(1_400, 2_060, levelDBm0: -6, milliseconds: 100),
        ToneSegment(2_450, 2_600, levelDBm0: -6, milliseconds: 100),
    ]
}
