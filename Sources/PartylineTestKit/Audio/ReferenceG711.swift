// SPDX-License-Identifier: Apache-2.0
//
// ITU-T G.711, written from the formulae of the recommendation and not from the product's tables, so that a mistake
// there is heard here.

/// The two laws of G.711, one octet a sample at 8 kHz.
package enum ReferenceG711 {
    package static let muLawSamples: [Int16] = (0..<256).map { octet in
        let bits = ~octet & 0xFF
        let magnitude = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132
        return Int16(bits & 0x80 != 0 ? -magnitude : magnitude)
    }

    package static let aLawSamples: [Int16] = (0..<256).map { octet in
        let bits = octet ^ 0x55
        let segment = (bits >> 4) & 7
        let mantissa = (bits & 15) << 4
        let magnitude = segment == 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1)
        return Int16(bits & 0x80 != 0 ? magnitude : -magnitude)
    }

    package static func muLaw(_ sample: Int16) -> UInt8 {
        let magnitude = min(abs(Int(sample)), 32635) + 132
        var segment = 7
        while segment > 0, magnitude & (0x80 << segment) == 0 { segment -= 1 }
        let sign = sample < 0 ? 0x80 : 0
        return UInt8(truncatingIfNeeded: ~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 15)))
    }

    package static func aLaw(_ sample: Int16) -> UInt8 {
        let magnitude = min(sample < 0 ? -Int(sample) - 1 : Int(sample), 32767)
        var segment = 0
        while segment < 7, magnitude >> (segment + 8) != 0 { segment += 1 }
        let mantissa = segment == 0 ? magnitude >> 4 : magnitude >> (segment + 3)
        let bits = (sample < 0 ? 0 : 0x80) | (segment << 4) | (mantissa & 15)
        return UInt8(truncatingIfNeeded: bits ^ 0x55)
    }
}
