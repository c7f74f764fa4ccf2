// SPDX-License-Identifier: Apache-2.0

import CJavaScriptCore
import Glibc

/// Finds the column of a syntax error: the engine tells its line alone.
///
/// A text that is cut off before the mistake is told otherwise (or is right so far), one that is cut off behind it is told as
/// the whole is. So of the cuts in that line the first behind which all are told alike ends the piece that is wrong.
struct SyntaxPlace {
    private let units: [UInt16]
    private let context: JSGlobalContextRef
    private let deadline: timespec

    /// Cuts are tried one after the other for so long, seconds of this process; then by halves.
    private static let patience = 1

    private static let endWords = "Unexpected end of script"

    private init(_ text: String, _ context: JSGlobalContextRef) {
        units = Array(text.utf16)
        self.context = context
        var end = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end)
        end.tv_sec += Self.patience
        deadline = end
    }

    /// From 1, in characters; of a line from 1 about which the engine says these words.
    static func column(_ words: String, line: Int, in text: String, _ context: JSGlobalContextRef) -> Int {
        let place = SyntaxPlace(text, context)
        guard let start = place.start(ofLine: line) else { return 1 }
        let end = place.units[start...].firstIndex(where: Self.isLineEnd) ?? place.units.count
        // What is missing at the end is wrong nowhere.
        let found =
            words.hasSuffix(Self.endWords)
            ? end : place.wrong(in: start..<end, words) ?? place.firstWord(in: start..<end)
        // Of a pair of units the first alone counts.
        return place.units[start..<found].count(where: { $0 & 0xfc00 != 0xdc00 }) + 1
    }

    private func wrong(in line: Range<Int>, _ words: String) -> Int? {
        let cuts = cuts(line)
        // From this one on all are told like the whole.
        var first = cuts.count
        while first > 0 {
            if isLate {
                first = firstByHalves(cuts, before: first, words)
                break
            }
            guard told(units[..<cuts[first - 1]]) == words else { break }
            first -= 1
        }
        guard first < cuts.count else { return nil }
        // Back to where the piece begins.
        var start = cuts[first] - 1
        guard Self.isNamePart(units[start]) else { return start }
        while start > line.lowerBound, Self.isNamePart(units[start - 1]) { start -= 1 }
        return start
    }

    /// Some twenty cuts for any line; right where nothing that is cut off before the mistake is told like the whole by chance.
    private func firstByHalves(_ cuts: [Int], before known: Int, _ words: String) -> Int {
        var (low, high) = (0, known)
        while low < high {
            let middle = (low + high) / 2
            if told(units[..<cuts[middle]]) == words { high = middle } else { low = middle + 1 }
        }
        return high
    }

    /// Where names, numbers and marks end.
    private func cuts(_ line: Range<Int>) -> [Int] {
        line.map { $0 + 1 }.filter { cut in
            let last = units[cut - 1]
            guard !Self.isBlank(last) else { return false }
            return cut == line.upperBound || !Self.isNamePart(last) || !Self.isNamePart(units[cut])
        }
    }

    /// What the engine says of a text; nil: it is right.
    private func told(_ text: ArraySlice<UInt16>) -> String? {
        let part = String(decoding: text, as: UTF16.self)
        var exception: JSValueRef?
        let isValid = ScriptText.with(part) { JSCheckScriptSyntax(context, $0, nil, 1, &exception) }
        return isValid ? nil : ScriptFault(thrown: exception, in: context).text
    }

    private var isLate: Bool {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return (time.tv_sec, time.tv_nsec) > (deadline.tv_sec, deadline.tv_nsec)
    }

    private func start(ofLine line: Int) -> Int? {
        var place = 0
        for _ in 1..<max(line, 1) {
            guard let end = units[place...].firstIndex(where: Self.isLineEnd) else { return nil }
            let isPair = units[end] == 0x0d && end + 1 < units.count && units[end + 1] == 0x0a
            place = end + (isPair ? 2 : 1)
        }
        return place
    }

    private func firstWord(in line: Range<Int>) -> Int {
        units[line].firstIndex { !Self.isBlank($0) } ?? line.lowerBound
    }

    /// ECMAScript 2024, 12.3.
    private static func isLineEnd(_ unit: UInt16) -> Bool { [0x0a, 0x0d, 0x2028, 0x2029].contains(unit) }

    private static func isBlank(_ unit: UInt16) -> Bool { [0x20, 0x09, 0xa0, 0xfeff].contains(unit) }

    /// What is no ASCII counts as part of a name; it is that, or in a string.
    private static func isNamePart(_ unit: UInt16) -> Bool {
        switch unit {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x24, 0x5f: true
        default: unit >= 0x80 && !(0x2000...0x206f).contains(unit)
        }
    }
}
