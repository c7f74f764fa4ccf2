// SPDX-License-Identifier: Apache-2.0
// ITU-T V.23 (1300/2100 Hz), Bell 202 (1200/2200 Hz), both 1200 baud.

import Glibc

/// Frequency-shift keying of 1200 baud as characters: two correlators one bit long. Only the ratio of their energies counts,
/// so there is no level to set.
///
/// Data sheet (CallerIDSheetTests): -50 dBm0 to overload, 8 dB above white noise (0 … 4 kHz).
struct FSKDemodulator: ~Copyable {
    /// A character came in: start bit, eight bits, a stop bit that was right.
    private(set) var character: UInt8 = 0
    /// Samples of mark in a row before the character, in bits.
    private(set) var marksBefore: Float = 0
    /// Average of how clear the bits of the character were, 0 … 1.
    private(set) var clearness: Float = 0
    /// Its least clear bit, as a mask, and how clear that was, 0 … 1.
    private(set) var doubt: (mask: UInt8, clearness: Float) = (0, 1)
    /// How far the mark frequency that is heard lies above the nominal one, averaged, in Hz.
    private(set) var markOffset: Float = 0
    /// Mean square of the signal, slowly averaged; full scale is 1.
    private(set) var power: Float = 0

    private static let taps = 7
    private static let doubtfulStop: Float = 0.5
    /// Sum over ten bits.
    private static let clearCharacter: Float = 6
    private static let bit: Float = 8000 / 1200
    /// Steps of the turning vectors of mark and space.
    private let markStep: SIMD2<Float>
    private let spaceStep: SIMD2<Float>
    private let products: UnsafeMutablePointer<SIMD4<Float>>
    private var place = 0
    private var sum = SIMD4<Float>(repeating: 0)
    private var turn = SIMD4<Float>(1, 0, 1, 0)
    private var lastMark = SIMD2<Float>(repeating: 0)
    private var last: Float = 0
    private var marks: Float = 0
    /// Samples since the start bit's edge; negative: waiting for one.
    private var since: Float = -1
    private var next = 0
    private var bits: UInt16 = 0
    private var sure: Float = 0
    private var weakest: (bit: Int, clearness: Float) = (0, 1)
    private var settle = 0

    init(mark: Float, space: Float) {
        markStep = SIMD2(cosf(2 * .pi * mark / 8000), -sinf(2 * .pi * mark / 8000))
        spaceStep = SIMD2(cosf(2 * .pi * space / 8000), -sinf(2 * .pi * space / 8000))
        products = .allocate(capacity: Self.taps)
        products.initialize(repeating: SIMD4(repeating: 0), count: Self.taps)
    }

    deinit { products.deallocate() }

    /// True when `character` is a new one.
    mutating func hear(_ sample: Float) -> Bool {
        power += (sample * sample - power) * 0.005
        turn = SIMD4(
            turn[0] * markStep.x - turn[1] * markStep.y, turn[0] * markStep.y + turn[1] * markStep.x,
            turn[2] * spaceStep.x - turn[3] * spaceStep.y, turn[2] * spaceStep.y + turn[3] * spaceStep.x)
        settle += 1
        if settle == 256 {
            settle = 0
            let a = (turn[0] * turn[0] + turn[1] * turn[1]).squareRoot()
            let b = (turn[2] * turn[2] + turn[3] * turn[3]).squareRoot()
            turn /= SIMD4(a, a, b, b)
            // Rounding of the running sum is thrown away as well.
            sum = SIMD4(repeating: 0)
            for index in 0..<Self.taps where index != place { sum += products[index] }
            sum += products[place]
        }
        let product = turn * sample
        sum += product - products[place]
        products[place] = product
        place = place + 1 == Self.taps ? 0 : place + 1
        let mark = sum[0] * sum[0] + sum[1] * sum[1]
        let space = sum[2] * sum[2] + sum[3] * sum[3]
        let level = (mark - space) / max(1e-12, mark + space)
        defer { last = level }
        if level > 0.5 { follow(SIMD2(sum[0], sum[1])) } else { lastMark = SIMD2(repeating: 0) }
        return decide(level)
    }

    private mutating func decide(_ level: Float) -> Bool {
        guard since >= 0 else {
            if level < 0, last >= 0, marks > 2 {
                // Where between the last sample and this one it crossed.
                since = level / (level - last)
                since = max(0, min(1, since))
                next = 0
                bits = 0
                sure = 0
                weakest = (0, 1)
            } else if level >= 0 {
                marks += 1
            } else {
                marks = 0
            }
            return false
        }
        since += 1
        if next > 0, (level < 0) != (last < 0) { follow(edgeAt: since - level / (level - last)) }
        let middle = (Float(next) + 0.5) * Self.bit
        guard since >= middle else { return false }
        // Between the last sample and this one.
        let fraction = max(0, min(1, since - middle))
        let value = level + (last - level) * fraction
        sure += abs(value)
        if next == 0 {
            // The middle of the start bit must be space.
            guard value < 0 else { return abandon() }
        } else if next <= 8 {
            if value > 0 { bits |= 1 << UInt16(next - 1) }
            if abs(value) < weakest.clearness { weakest = (next - 1, abs(value)) }
        } else {
            since = -1
            let before = marks / Self.bit
            // A stop bit that noise has nearly turned over: the rest of the character was clear.
            let isStop = value > 0 || value > -Self.doubtfulStop && sure > Self.clearCharacter
            marks = isStop ? Self.bit / 2 : 0
            guard isStop else { return false }
            character = UInt8(truncatingIfNeeded: bits)
            marksBefore = before
            clearness = sure / 10
            doubt = (1 << UInt8(truncatingIfNeeded: weakest.bit), weakest.clearness)
            return true
        }
        next += 1
        return false
    }

    /// An edge within a character says where the bits begin, a little.
    private mutating func follow(edgeAt time: Float) {
        let error = time - (time / Self.bit).rounded() * Self.bit
        if abs(error) < Self.bit / 3 { since -= error * 0.2 }
    }

    private mutating func abandon() -> Bool {
        since = -1
        return false
    }

    /// The mark frequency from its correlator's phase.
    private mutating func follow(_ now: SIMD2<Float>) {
        if lastMark != SIMD2(repeating: 0) {
            let real = now.x * lastMark.x + now.y * lastMark.y
            let imaginary = now.y * lastMark.x - now.x * lastMark.y
            let hertz = atan2f(imaginary, real) * 8000 / (2 * .pi)
            if abs(hertz) < 300 { markOffset += (hertz - markOffset) * 0.01 }
        }
        lastMark = now
    }
}
