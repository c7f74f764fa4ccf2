// SPDX-License-Identifier: Apache-2.0
// Telcordia GR-30 and GR-31 (SDMF, MDMF), ETSI EN 300 659-3 section 5, NTT number display.

/// The bytes of a caller-ID message, both ways. Pure.
enum CallerIDMessage {
    static let singleData: UInt8 = 0x04
    static let multipleData: UInt8 = 0x80
    /// Type bytes with which a message can begin: SDMF, message waiting, MDMF (call set-up, message waiting, charge, SMS).
    static func isType(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x04, 0x06, 0x80, 0x82, 0x86: true
        default: false
        }
    }

    /// Type, length, data, checksum: the sum of all is 0.
    static func framed(_ type: UInt8, _ data: [UInt8]) -> [UInt8] {
        let body = [type, UInt8(truncatingIfNeeded: data.count)] + data.prefix(255)
        let sum = body.reduce(UInt8(0)) { $0 &+ $1 }
        return body + [0 &- sum]
    }

    /// A call set-up message with what is known.
    static func multiple(_ caller: CallerID) -> [UInt8] {
        var data: [UInt8] = []
        func add(_ parameter: UInt8, _ text: String) {
            let bytes = text.unicodeScalars.map { $0.value < 256 ? UInt8($0.value) : 0x3F }.prefix(60)
            data += [parameter, UInt8(bytes.count)] + bytes
        }
        if !caller.date.isEmpty { add(0x01, caller.date) }
        let reason = caller.absence == .withheld ? "P" : "O"
        if caller.number.isEmpty { add(0x04, reason) } else { add(0x02, caller.number) }
        if !caller.name.isEmpty {
            add(0x07, caller.name)
        } else if caller.number.isEmpty {
            add(0x08, reason)
        }
        return framed(multipleData, data)
    }

    static func single(_ caller: CallerID) -> [UInt8] {
        let number = caller.number.isEmpty ? (caller.absence == .withheld ? "P" : "O") : caller.number
        return framed(singleData, Array((caller.date.isEmpty ? "01010000" : caller.date).utf8) + Array(number.utf8))
    }

    /// Type, length and data (without checksum) of a whole message; nil when it tells of no call.
    static func parse(_ type: UInt8, _ data: [UInt8], kind: CallerID.Kind) -> CallerID? {
        var caller = CallerID(kind: kind)
        switch type {
        case singleData:
            guard data.count >= 8 else { return nil }
            caller.date = CallerID.number(data[..<8])
            set(number: data[8...], in: &caller)
            return caller
        case multipleData:
            var rest = data[...]
            while rest.count >= 2 {
                let parameter = rest[rest.startIndex]
                let length = Int(rest[rest.startIndex + 1])
                let value = rest.dropFirst(2).prefix(length)
                rest = rest.dropFirst(2 + length)
                set(parameter, value, in: &caller)
            }
            return caller.number.isEmpty && caller.name.isEmpty && caller.absence == nil ? nil : caller
        default: return nil
        }
    }

    /// The contents between DLE SOH and DLE ETX of Japan's format, parity taken away.
    static func parseJapanese(_ bytes: [UInt8]) -> CallerID? {
        var caller = CallerID(kind: .v23JP)
        // Header 0x07, DLE STX, 0x40, length; then parameters as elsewhere.
        guard let start = bytes.firstIndex(of: 0x02), bytes.count > start + 3, bytes[start + 1] == 0x40 else {
            return nil
        }
        var rest = bytes[(start + 3)...]
        while rest.count >= 2 {
            let parameter = rest[rest.startIndex]
            let length = Int(rest[rest.startIndex + 1])
            set(parameter, rest.dropFirst(2).prefix(length), in: &caller)
            rest = rest.dropFirst(2 + length)
        }
        return caller.number.isEmpty && caller.absence == nil ? nil : caller
    }

    /// The same as bytes: DLE SOH header DLE STX type length parameters DLE ETX, each with even parity, then a CRC of what follows
    /// SOH, the low byte first.
    static func japanese(_ caller: CallerID) -> [UInt8] {
        let (escape, header): (UInt8, UInt8) = (0x10, 0x07)
        var data: [UInt8] = []
        if caller.number.isEmpty {
            data += [0x04, 1, caller.absence == .withheld ? 0x50 : 0x4F]
        } else {
            let digits = caller.number.utf8.map { $0 & 0x7F }.prefix(20)
            data += [0x02, UInt8(digits.count)] + digits
        }
        let contents = ([0x40, UInt8(data.count)] + data).flatMap { $0 == escape ? [escape, escape] : [$0] }
        let bytes = ([escape, 0x01, header, escape, 0x02] + contents + [escape, 0x03]).map {
            $0.nonzeroBitCount % 2 == 0 ? $0 : $0 | 0x80
        }
        let check = bytes.dropFirst(2).reduce(UInt16(0)) { check, byte in
            (0..<8).reduce(check ^ UInt16(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0x8408 : rest >> 1 }
        }
        return bytes + [UInt8(check & 0xFF), UInt8(check >> 8)]
    }

    private static func set(_ parameter: UInt8, _ value: ArraySlice<UInt8>, in caller: inout CallerID) {
        switch parameter {
        case 0x01: caller.date = CallerID.number(value.prefix(8))
        case 0x02: set(number: value, in: &caller)
        case 0x04, 0x08:
            guard caller.absence == nil, let reason = value.first else { return }
            caller.absence = reason == 0x50 ? .withheld : .unavailable
        case 0x07: caller.name = CallerID.text(value)
        default: break
        }
    }

    /// "P" and "O" instead of a number tell why there is none.
    private static func set(number value: ArraySlice<UInt8>, in caller: inout CallerID) {
        if value.count == 1, let only = value.first, only == 0x50 || only == 0x4F {
            caller.absence = only == 0x50 ? .withheld : .unavailable
        } else {
            caller.number = CallerID.number(value)
        }
    }
}
