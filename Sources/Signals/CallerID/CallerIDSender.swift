// SPDX-License-Identifier: Apache-2.0
// NTT number display, Telcordia GR-30 (Bell 202: 300 bits of seizure, 180 of mark), ETSI EN 300 659-1 (V.23, DT-AS 2130 + 2750 Hz), BT SIN 227.

import Glibc

/// What an exchange sends to a telephone to tell who calls, as samples.
package enum CallerIDSender {
    /// The ways of telling, as tone plans name them.
    package enum Way: String, Sendable, CaseIterable {
        case bell202
        case v23
        /// V.23 after a wake-up tone (the polarity reversal before it is the line's).
        case v23Reversal = "v23-reversal"
        case dtmf
    }

    private static let levelDBm0 = -13.5

    /// - Parameters:
    ///   - isSingle: SDMF (date and number) instead of MDMF.
    ///   - sampleRate: 8000, 16000 or 48000.
    package static func samples(
        _ caller: CallerID, _ way: Way, isSingle: Bool, sampleRate: Int
    ) -> [Int16] {
        let message = isSingle ? CallerIDMessage.single(caller) : CallerIDMessage.multiple(caller)
        switch way {
        case .bell202: return fsk(message, mark: 1200, space: 2200, sampleRate)
        case .v23: return fsk(message, mark: 1300, space: 2100, sampleRate)
        case .v23Reversal:
            let alert = tones(
                [Tone(2130, 2750, levelDBm0: -16, milliseconds: 100), .silence(milliseconds: 100)], sampleRate)
            return alert + fsk(message, mark: 1300, space: 2100, sampleRate)
        case .dtmf: return dtmf(caller, sampleRate)
        }
    }

    /// Japan's number display, to a line that was seized to be told: 72 bits of mark and no channel seizure.
    package static func japanese(_ caller: CallerID, sampleRate: Int) -> [Int16] {
        fsk(CallerIDMessage.japanese(caller), mark: 1300, space: 2100, sampleRate, seizure: 0, marks: 72)
    }

    /// To a telephone in a call (GR-575, EN 300 659-2): the alerting signal was acknowledged; no channel seizure, 80 bits of
    /// mark. Nil: this way knows nothing of the kind.
    package static func samplesInCall(_ caller: CallerID, _ way: Way, sampleRate: Int) -> [Int16]? {
        let message = CallerIDMessage.multiple(caller)
        return switch way {
        case .bell202: fsk(message, mark: 1200, space: 2200, sampleRate, seizure: 0, marks: 80)
        case .v23, .v23Reversal: fsk(message, mark: 1300, space: 2100, sampleRate, seizure: 0, marks: 80)
        case .dtmf: nil
        }
    }

    private static func fsk(
        _ bytes: [UInt8], mark: Double, space: Double, _ sampleRate: Int, seizure: Int = 300, marks: Int = 180
    ) -> [Int16] {
        var bits = [Bool](repeating: false, count: seizure)
        for index in bits.indices { bits[index] = index % 2 == 1 }
        bits += [Bool](repeating: true, count: marks)
        for byte in bytes {
            bits.append(false)
            for bit in 0..<8 { bits.append(byte >> bit & 1 == 1) }
            bits.append(true)
        }
        bits += [Bool](repeating: true, count: 10)
        let perBit = Double(sampleRate) / 1200
        let peak = 32_767 * pow(10, (levelDBm0 - 3.14) / 20)
        let count = Int(Double(bits.count) * perBit)
        var phase = 0.0
        return (0..<count).map { index in
            let isMark = bits[min(bits.count - 1, Int(Double(index) / perBit))]
            phase += 2 * Double.pi * (isMark ? mark : space) / Double(sampleRate)
            if phase > 2 * .pi { phase -= 2 * .pi }
            return Int16((peak * sin(phase)).rounded())
        }
    }

    /// D number C, or B reason C.
    private static func dtmf(_ caller: CallerID, _ sampleRate: Int) -> [Int16] {
        var codes = caller.number.utf8.compactMap { DTMFSignal.code(ofCharacter: Int32($0)) }.filter { $0 < 10 }
        codes = codes.isEmpty ? [13, caller.absence == .withheld ? 1 : 0, 0, 14] : [15] + codes + [14]
        return tones(
            codes.flatMap { code in
                [Tone.digit(code, milliseconds: 70, levelDBm0: -11), Tone.silence(milliseconds: 70)].compactMap { $0 }
            }, sampleRate)
    }

    private static func tones(_ tones: [Tone], _ sampleRate: Int) -> [Int16] {
        let generator = ToneGenerator(tones, repeats: false, sampleRate: sampleRate)
        var samples = [Int16](repeating: 0, count: Int(clamping: generator.length ?? 0))
        _ = samples.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { generator.fill($0, count: buffer.count) }
        }
        return samples
    }
}
