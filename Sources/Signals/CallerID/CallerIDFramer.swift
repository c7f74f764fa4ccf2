// SPDX-License-Identifier: Apache-2.0
// Telcordia GR-30, ETSI EN 300 659-1 (data link layer), NTT number display.

/// Makes messages of characters: waits for mark, a type, a length, data, and a checksum that is right.
///
/// The checksum is a sum: by how much it is off says which bit of a character would mend it. Where that is one of the two least
/// clear bits of the whole message, that bit was heard wrongly.
struct CallerIDFramer {
    /// A character as it was heard; see `FSKDemodulator`.
    struct Character {
        var byte: UInt8
        /// Bits of mark before it. Ten are stuffed at most within a message.
        var marks: Float
        var clearness: Float
        /// Its least clear bit, as a mask, and how clear that was.
        var doubt: (mask: UInt8, clearness: Float) = (0, 1)
    }

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
    /// The least clear bits of the message so far, the worst first.
    private var doubts: [(place: Int, mask: UInt8, clearness: Float)] = []
    private static let mostDoubts = 2
    private static let doubtful: Float = 0.5
    private var isEscaped = false
    /// Characters of the channel seizure (0x55) seen lately.
    private var seizure = 0

    /// In a message, or in the channel seizure before one.
    var isBusy: Bool { stage != .hunting || seizure >= 8 }

    init() { bytes.reserveCapacity(260) }

    /// Ms without a character: a message does not pause.
    mutating func silence() {
        stage = .hunting
        seizure = 0
    }

    /// - Returns: the caller of a message that ends with this character.
    mutating func hear(_ character: Character, kind: CallerID.Kind) -> CallerID? {
        guard character.clearness > 0.3 else {
            stage = .hunting
            return nil
        }
        let (byte, marks) = (character.byte, character.marks)
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
            doubts.removeAll(keepingCapacity: true)
            stage = wanted > 0 ? .data : .hunting
        case .data:
            note(character.doubt)
            bytes.append(byte)
            guard bytes.count > wanted else { return nil }
            stage = .hunting
            seizure = 0
            let sum = bytes.reduce(type &+ UInt8(truncatingIfNeeded: wanted)) { $0 &+ $1 }
            guard sum == 0 || mend(sum) else { return nil }
            return CallerIDMessage.parse(type, Array(bytes.dropLast()), kind: kind)
        case .japanese: return japanese(byte)
        }
        return nil
    }

    /// A bit of the next character.
    private mutating func note(_ doubt: (mask: UInt8, clearness: Float)) {
        guard doubt.clearness < Self.doubtful else { return }
        doubts.append((bytes.count, doubt.mask, doubt.clearness))
        doubts.sort { $0.clearness < $1.clearness }
        if doubts.count > Self.mostDoubts { doubts.removeLast() }
    }

    /// Turns the doubtful bit that makes the sum 0; false: there is none.
    private mutating func mend(_ sum: UInt8) -> Bool {
        for doubt in doubts where doubt.place < bytes.count {
            let isSet = bytes[doubt.place] & doubt.mask != 0
            guard sum &+ (isSet ? 0 &- doubt.mask : doubt.mask) == 0 else { continue }
            bytes[doubt.place] ^= doubt.mask
            return true
        }
        return false
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
