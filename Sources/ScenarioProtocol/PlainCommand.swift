// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Telephony

/// The commands of which a caller waits for the first and every session has several, read without a decoder, which takes some
/// 40 us for each, in the worker and again in the daemon. Of exactly the text that the API writes; everything else is nil here and
/// the decoder's matter.
enum PlainCommand {
    /// `{"answer":{"_0":{"number":1},"headers":[]}}`, `{"stopPlayback":{"_0":{"number":1}}}`,
    /// `{"connect":{"from":{"number":1},"to":{"number":-1}}}`.
    static func command(_ json: Data) -> SessionCommand? {
        json.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            guard bytes.count < 120 else { return nil }
            var text = Cursor(bytes: bytes)
            guard text.skip("{\""), let name = text.word(), text.skip("\":{\"") else { return nil }
            if text.skip("_0\":{\"number\":") {
                guard let unit = text.unit(), text.skip("}") else { return nil }
                if text.skip(",\"headers\":[]}}") { return text.isAtEnd ? withHeaders(name, unit) : nil }
                return text.skip("}}") && text.isAtEnd && name == "stopPlayback" ? .stopPlayback(unit) : nil
            }
            guard text.skip("from\":{\"number\":"), let from = text.unit(), text.skip("},\"to\":{\"number\":"),
                let to = text.unit(), text.skip("}}}"), text.isAtEnd
            else { return nil }
            return switch name {
            case "connect": .connect(from: from, to: to)
            case "disconnect": .disconnect(from: from, to: to)
            default: nil
            }
        }
    }

    private static func withHeaders(_ name: String, _ unit: UnitID) -> SessionCommand? {
        switch name {
        case "answer": .answer(unit, headers: [])
        case "ring": .ring(unit, headers: [])
        case "startEarlyMedia": .startEarlyMedia(unit, headers: [])
        case "hangUp": .hangUp(unit, headers: [])
        default: nil
        }
    }

    private struct Cursor {
        let bytes: UnsafeRawBufferPointer
        var place = 0

        var isAtEnd: Bool { place == bytes.count }

        mutating func skip(_ text: StaticString) -> Bool {
            guard bytes.count - place >= text.utf8CodeUnitCount else { return false }
            for index in 0..<text.utf8CodeUnitCount where bytes[place + index] != text.utf8Start[index] { return false }
            place += text.utf8CodeUnitCount
            return true
        }

        /// Letters of ASCII.
        mutating func word() -> String? {
            let start = place
            while place < bytes.count, (UInt8(ascii: "A")...UInt8(ascii: "z")).contains(bytes[place]) { place += 1 }
            return place > start ? String(decoding: bytes[start..<place], as: UTF8.self) : nil
        }

        /// As JSON.stringify writes a whole number: no zero in front.
        mutating func unit() -> UnitID? {
            let isNegative = skip("-")
            let start = place
            var number: Int64 = 0
            while place < bytes.count, (48...57).contains(bytes[place]), place - start < 10 {
                number = number * 10 + Int64(bytes[place] - 48)
                place += 1
            }
            let isWhole = place > start && (bytes[start] != 48 || (place == start + 1 && !isNegative))
            return isWhole ? Int32(exactly: isNegative ? -number : number).map { UnitID($0) } : nil
        }
    }
}
