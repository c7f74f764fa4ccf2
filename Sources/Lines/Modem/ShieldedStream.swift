// SPDX-License-Identifier: Apache-2.0
// ITU-T V.253, voice data with shielded codes: DLE (0x10) and a letter within the samples, DLE DLE for a sample of 0x10.

/// Takes the shielded codes out of what a modem sends, and shields what it is sent. Pure.
struct ShieldedStream: Sendable {
    static let shield: UInt8 = 0x10
    static let endOfText: UInt8 = 0x03
    private static let substitute: UInt8 = 0x1A

    private var isShielded = false

    /// Samples' bytes behind `data`, codes behind `codes`, in their order. A shield at the end waits for its letter.
    mutating func take(_ bytes: some Sequence<UInt8>, data: inout [UInt8], codes: inout [UInt8]) {
        for byte in bytes {
            guard isShielded else {
                if byte == Self.shield { isShielded = true } else { data.append(byte) }
                continue
            }
            isShielded = false
            switch byte {
            case Self.shield: data.append(Self.shield)
            // Short for two.
            case Self.substitute: data += [Self.shield, Self.shield]
            default: codes.append(byte)
            }
        }
    }

    static func shielded(_ data: some Sequence<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in data {
            bytes.append(byte)
            if byte == shield { bytes.append(shield) }
        }
        return bytes
    }
}

/// "NO CARRIER" among samples: some modems leave the voice mode without a code before it. Fourteen bytes in a row that no voice
/// makes. Pure.
struct ModemFarewell: Sendable {
    private static let words = Array("\r\nNO CARRIER\r\n".utf8)
    private var matched = 0

    /// True with its last byte.
    mutating func take(_ byte: UInt8) -> Bool {
        if byte != Self.words[matched] { matched = 0 }
        if byte == Self.words[matched] { matched += 1 }
        guard matched == Self.words.count else { return false }
        matched = 0
        return true
    }
}

/// How a voice modem writes its samples, 8000 a second.
enum ModemFormat: Sendable, Hashable {
    /// Conexant: +VSM=1.
    case unsigned8
    /// USRobotics: +VSM=129.
    case linear16

    /// What a modem offers in its answer to +VSM=?; the better one.
    init(offered text: String) {
        let numbers = text.split { !$0.isNumber && $0 != "." }.compactMap { Int($0) }
        self = numbers.contains(129) ? .linear16 : .unsigned8
    }

    var selection: String { self == .linear16 ? "AT+VSM=129,8000" : "AT+VSM=1,8000,0,0" }
    /// What ends the duplex mode of any modem; in command mode it is an empty line at last. Behind half a code that was left over the
    /// first byte makes it one that means nothing.
    static let endings = [0] + linear16.ending + unsigned8.ending + [13]
    /// What ends the duplex mode of a modem of this sort.
    var ending: [UInt8] { [ShieldedStream.shield, self == .linear16 ? ShieldedStream.endOfText : UInt8(ascii: "^")] }
    var bytesPerSample: Int { self == .linear16 ? 2 : 1 }

    /// `rest` keeps half a sample.
    func samples(_ data: [UInt8], rest: inout [UInt8]) -> [Int16] {
        switch self {
        case .unsigned8: return data.map { (Int16($0) - 128) << 8 }
        case .linear16:
            let all = rest + data
            rest = all.count % 2 == 0 ? [] : [all[all.count - 1]]
            return stride(from: 0, to: all.count - all.count % 2, by: 2).map {
                Int16(bitPattern: UInt16(all[$0]) | UInt16(all[$0 + 1]) << 8)
            }
        }
    }

    func bytes(_ samples: [Int16]) -> [UInt8] {
        switch self {
        // To the nearest step, so that silence is silence.
        case .unsigned8: samples.map { UInt8(clamping: ((Int($0) + 128) >> 8) + 128) }
        case .linear16:
            samples.flatMap { sample in
                let bits = UInt16(bitPattern: sample)
                return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
            }
        }
    }
}
