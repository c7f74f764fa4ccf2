// SPDX-License-Identifier: Apache-2.0
// ITU-T V.253, +VCID: who calls in lines of a tag and a value (NMBR, NAME, MESG; DATE and TIME are not used).

import Signals
import Telephony

/// Who calls, as a voice modem tells it line by line. Pure; milliseconds of the owner's clock.
struct ModemCaller: Sendable {
    /// Nothing more is told of this caller: then `told` is due.
    private(set) var deadline: Int64?
    private var number = ""
    private var name = ""

    /// From one line to the next.
    private static let pauseMilliseconds: Int64 = 600
    private static let longestValue = 64
    /// In place of a number or a name: withheld, and not known to the network.
    private static let absences: Set<String> = ["P", "O"]

    /// A line that is none of these says nothing.
    mutating func take(_ line: String, now: Int64) {
        if let value = Self.value("NMBR", in: line) {
            number = String(value.prefix(Self.longestValue))
        } else if let value = Self.value("NAME", in: line) {
            name = Self.absences.contains(String(value)) ? "" : String(value.prefix(Self.longestValue))
        } else if let value = Self.value("MESG", in: line), let caller = CallerID(message: Self.bytes(value)) {
            if !caller.number.isEmpty {
                number = caller.number
            } else if let absence = caller.absence, number.isEmpty {
                number = absence == .withheld ? "P" : "O"
            }
            if !caller.name.isEmpty { name = caller.name }
        } else {
            return
        }
        deadline = now &+ Self.pauseMilliseconds
    }

    /// What is known so far, once.
    mutating func told() -> LineSignal? {
        guard deadline != nil else { return nil }
        defer { self = ModemCaller() }
        return .callerID(number: number, name: name)
    }

    /// "NMBR = 0301234": nil for another line.
    private static func value(_ tag: String, in line: String) -> Substring? {
        guard line.hasPrefix(tag) else { return nil }
        let rest = line.dropFirst(tag.count).drop { $0 == " " }
        return rest.first == "=" ? rest.dropFirst().drop { $0 == " " } : nil
    }

    /// Hexadecimal, two digits a byte; empty when it is something else.
    private static func bytes(_ text: Substring) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count % 2 == 0 else { return [] }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
