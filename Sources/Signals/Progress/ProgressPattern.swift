// SPDX-License-Identifier: Apache-2.0
// ITU-T E.180, Q.35.

/// What a tone of the network tells.
package enum ProgressTone: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    case dial
    case ringback
    case busy
    case congestion
    case specialInformation
    /// A tone that was learned as this line's sign that the far end has gone.
    case disconnect
}

/// A tone as it is recognised: bursts with their frequencies and lengths, repeated; or one burst without end.
package struct ProgressPattern: Sendable, Hashable {
    /// One burst and the pause after it.
    struct Piece: Sendable, Hashable {
        /// Frequencies that must be there (0: none).
        var required = SIMD2<Float>(repeating: 0)
        /// Distance of side frequencies that may be there besides; 0: none.
        var modulation: Float = 0
        var on: Int64 = 0
        var off: Int64 = 0
    }

    package let kind: ProgressTone
    /// 1 … 8 pieces; a single one of length 0 is continuous.
    let pieces: [Piece]

    var isContinuous: Bool { pieces.count == 1 && pieces[0].on == 0 }
    /// All pieces and pauses, in ms.
    var period: Int64 { pieces.reduce(0) { $0 + $1.on + $1.off } }

    /// From a tone as it is played. Nil: it has no frequencies, or more than eight bursts. Pieces that are played once only
    /// do not count, nor pauses below 40 ms, which no detector needs to hear.
    package init?(_ kind: ProgressTone, _ tones: [Tone]) {
        var pieces: [Piece] = []
        let once = tones.prefix(while: \.isOnce)
        for tone in once.count < tones.count ? tones.dropFirst(once.count) : tones[...] {
            let milliseconds = Int64(max(0, min(tone.milliseconds, 3_600_000)))
            guard tone.frequency1Hz > 0 else {
                guard !pieces.isEmpty else { continue }
                pieces[pieces.count - 1].off += milliseconds
                continue
            }
            var piece = Piece()
            piece.required = SIMD2(Float(tone.frequency1Hz), Float(max(0, tone.frequency2Hz)))
            piece.modulation = Float(tone.modulationHz)
            piece.on = milliseconds
            if let last = pieces.last, last.off < 40, last.required == piece.required, last.on > 0, piece.on > 0 {
                pieces[pieces.count - 1].on += last.off + piece.on
                pieces[pieces.count - 1].off = 0
            } else {
                pieces.append(piece)
            }
        }
        // The special information tone is said in one go.
        if kind == .specialInformation, let end = pieces.firstIndex(where: { $0.off >= 500 }) {
            pieces = Array(pieces[...end])
        }
        // Without a pause at its end, and all the same: it goes on for ever. An endless last piece is what counts.
        if let last = pieces.last, last.on == 0 { pieces = [last] }
        if pieces.count == 1, pieces[0].off < 40 { pieces[0].on = 0 }
        guard (1...8).contains(pieces.count) else { return nil }
        // Twice the same (with another level) is once.
        for length in 1..<max(2, pieces.count)
        where pieces.count % length == 0 && pieces.indices.allSatisfy({ pieces[$0] == pieces[$0 % length] }) {
            pieces = Array(pieces[..<length])
            break
        }
        self.kind = kind
        self.pieces = pieces
    }

    /// Whether a burst can be this piece, by its frequencies.
    static func fits(_ burst: ToneBurst, _ piece: Piece) -> Bool {
        var missing = SIMD2<Float>(repeating: 1)
        for lane in 0..<4 where burst.frequencies[lane] > 0 {
            let heard = burst.frequencies[lane]
            var isKnown = false
            for wanted in 0..<2 where piece.required[wanted] > 0 {
                let frequency = piece.required[wanted]
                let tolerance = max(12, frequency * 0.025)
                if abs(heard - frequency) <= tolerance {
                    missing[wanted] = 0
                    isKnown = true
                } else if piece.modulation > 0, abs(abs(heard - frequency) - piece.modulation) <= tolerance {
                    isKnown = true
                }
            }
            guard isKnown else { return false }
        }
        return missing[0] == 0 && (piece.required[1] == 0 || missing[1] == 0)
    }

    /// Whether a length fits. A modulated tone's edges lie where its swing is, up to one period off.
    static func isNear(_ heard: Int64, _ wanted: Int64, _ piece: Piece) -> Bool {
        let swing = piece.modulation > 0 ? Int64(1000 / piece.modulation) : 0
        return abs(heard - wanted) <= max(30, wanted / 9) + swing
    }
}
