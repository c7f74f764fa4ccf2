// SPDX-License-Identifier: Apache-2.0
// Telcordia GR-30, ETSI EN 300 659-1 (data link layer), NTT number display.

/// Makes messages of characters: waits for mark, a type, a length, data, and a checksum that is right.
struct CallerIDFramer {
    private enum Stage {
        case hunting
        case length
        case data
        case japanese
    }

    private var stage = Stage.hunting
    private var type: UInt8 = 0
    private var wanted = 0
    private var bytes: [UInt8] = []
    private var isEscaped = false
    /// Characters of the channel seizure (0x55) seen lately.
    private var seizure = 0

    init() { bytes.reserveCapacity(260) }

    /// Ms without a character: a message does not pause.
    mutating func silence() {
        stage = .hunting
        seizure = 0
    }

    /// - Parameter marks: bits of mark before the character. Ten are stuffed at most within a message.
    /// - Returns: the caller of a message that ends with this character.
    mutating func hear(_ byte: UInt8, marks: Float, clearness: Float, kind: CallerID.Kind) -> CallerID? {
        guard clearness > 0.3 else {
            stage = .hunting
            return nil
        }
        if stage != .hunting, marks > 24 { stage = .hunting }
        switch stage {
        case .hunting:
            if byte == 0x55 {
                seizure = min(seizure + 1, 100)
                return nil
            }
            // After the seizure or at least 40 bits of mark (an off-hook message has only those).
            let isReady = marks > 20 && seizure >= 4 || marks > 40
            if isReady, CallerIDMessage.isType(byte) {
                type = byte
                stage = .length
            } else if isReady, byte & 0x7F == 0x10 {
                stage = .japanese
                bytes.removeAll(keepingCapacity: true)
                isEscaped = true
            }
            // A single false character in the mark (noise) does not count.
            if marks > 20, byte != 0xFF { seizure -= seizure / 4 }
        case .length:
            wanted = Int(byte)
            bytes.removeAll(keepingCapacity: true)
            stage = wanted > 0 ? .data : .hunting
        case .data:
            guard bytes.count == wanted else {
                bytes.append(byte)
                return nil
            }
            stage = .hunting
            let sum = bytes.reduce(type &+ UInt8(truncatingIfNeeded: wanted)) { $0 &+ $1 } &+ byte
            return sum == 0 ? CallerIDMessage.parse(type, bytes, kind: kind) : nil
        case .japanese: return japanese(byte)
        }
        return nil
    }

    /// Seven bits with even parity; control characters are escaped by DLE; ends with DLE ETX and two bytes of CRC (which are
    /// left alone: every byte has its parity).
    private mutating func japanese(_ byte: UInt8) -> CallerID? {
        guard byte.nonzeroBitCount % 2 == 0, bytes.count < 120 else {
            stage = .hunting
            return nil
        }
        let plain = byte & 0x7F
        if isEscaped {
            isEscaped = false
            if plain == 0x03 {
                stage = .hunting
                return CallerIDMessage.parseJapanese(bytes)
            }
            bytes.append(plain)
        } else if plain == 0x10 {
            isEscaped = true
        } else {
            bytes.append(plain)
        }
        return nil
    }
}
