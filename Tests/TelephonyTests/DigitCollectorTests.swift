// SPDX-License-Identifier: Apache-2.0
import Telephony
import Testing

@Suite struct DigitCollectorTests {
    private struct Digits: DestinationPattern {
        var lengths: ClosedRange<Int>
        func matchesWhole(_ destination: String) -> Bool {
            lengths.contains(destination.count) && destination.allSatisfy { ("0"..."9").contains($0) }
        }
    }

    private func collector(
        emergency: Set<String> = ["112"], extensions: Set<String> = ["21", "22", "210"], rooms: ClosedRange<Int>? = nil,
        outside: Bool = false
    ) -> DigitCollector {
        let rooms = rooms.map { Digits(lengths: $0) }
        let outside = outside ? ExactPattern { _ in true } : nil
        return DigitCollector(
            space: NumberSpace(
                emergencyNumbers: emergency, extensions: extensions, roomNumbers: rooms, outsideNumbers: outside),
            interdigitMilliseconds: 4_000)
    }

    /// A digit a second; the number and how many digits it took, nil: never complete by digits alone.
    private func dial(_ digits: String, _ collector: DigitCollector) -> (
        number: String, isEmergency: Bool, digits: Int
    )? {
        var collector = collector
        for (index, digit) in digits.compactMap(DTMFDigit.init).enumerated() {
            if case .complete(let number, let isEmergency) = collector.dial(digit, now: Int64(index) * 1_000) {
                return (number, isEmergency, index + 1)
            }
        }
        return nil
    }

    @Test func `a number sign ends the number at once and is no part of it`() throws {
        let number = try #require(dial("4711#", collector(rooms: 1...8)))
        #expect(number.number == "4711" && !number.isEmergency && number.digits == 5)
    }

    @Test func `a number sign alone means nothing`() throws {
        #expect(dial("##", collector()) == nil)
        #expect(try #require(dial("#22#", collector(outside: true))).number == "22")
    }

    @Test func `four seconds of silence end the number`() {
        var collector = collector(rooms: 1...8)
        #expect(collector.deadline == nil)
        #expect(collector.dial(.four, now: 1_000) == .collecting)
        #expect(collector.dial(.two, now: 4_999) == .collecting)
        #expect(collector.expire(now: 8_998) == .collecting)
        #expect(collector.expire(now: 8_999) == .complete("42", isEmergency: false))
        // Once.
        #expect(collector.deadline == nil)
        #expect(collector.expire(now: 99_999) == .collecting)
        #expect(collector.dial(.one, now: 99_999) == .collecting)
    }

    @Test func `the only possible match ends the number, another that begins alike does not`() throws {
        #expect(try #require(dial("22", collector())).digits == 2)
        #expect(dial("21", collector()) == nil)
        #expect(try #require(dial("210", collector())).digits == 3)
        #expect(dial("22", collector(rooms: 3...3)) == nil)
        #expect(try #require(dial("221", collector(rooms: 3...3))).digits == 3)
        #expect(dial("2", collector()) == nil)
        #expect(dial("999", collector()) == nil)
        #expect(dial("22", collector(outside: true)) == nil)
        // The longest room number there can be, of which parts are rooms as well: half of something longer.
        #expect(dial("1234567", collector(rooms: 1...8)) == nil)
        #expect(dial("12345678", collector(rooms: 1...8)) == nil)
        // Rooms of four and of six digits.
        #expect(dial("4711", collector(rooms: 4...6)) == nil)
    }

    @Test func `emergency numbers are dialled with their last digit whatever else begins like them`() throws {
        for outside in [false, true] {
            let number = try #require(
                dial("1123", collector(extensions: ["1123"], rooms: 1...8, outside: outside)))
            #expect(number.number == "112" && number.isEmergency && number.digits == 3)
        }
        #expect(dial("911", collector()) == nil)
    }

    @Test func `an emergency number that begins an extension keeps that waiting for nothing`() {
        // 11 is an extension and the beginning of 112: it waits for more.
        #expect(dial("11", collector(extensions: ["11"])) == nil)
    }

    @Test func `more than 32 digits are no number, and the first 32 of them are none either`() {
        var collector = collector(rooms: 1...99, outside: true)
        for digit in 1...32 { #expect(collector.dial(.nine, now: Int64(digit)) == .collecting) }
        #expect(collector.dial(.nine, now: 33) == .tooLong)
        #expect(collector.deadline == nil)
        #expect(collector.dial(.pound, now: 34) == .collecting)
    }

    /// A collector of a box with these patterns of numbers outside and of rooms.
    private func house(_ allowed: [String], prefix: String = "", rooms: String) throws -> DigitCollector {
        var fence = FenceOptions.closed
        fence.allowed = try allowed.map(WholePattern.init)
        return DigitCollector(
            space: NumberSpace(
                emergencyNumbers: ["112"], extensions: ["21"], roomNumbers: try WholePattern(rooms),
                outsideNumbers: OutsideNumbers(prefix: prefix, fence: fence)),
            interdigitMilliseconds: 4_000)
    }

    private func dial(
        _ digits: String, allowed: [String], prefix: String = "", rooms: String = "[0-9]{3}"
    ) throws -> (number: String, isEmergency: Bool, digits: Int)? {
        dial(digits, try house(allowed, prefix: prefix, rooms: rooms))
    }

    @Test func `a number outside is dialled as a whole, by '#' or after silence, however long it is`() throws {
        for rooms in ["[0-9]{1,8}", "[0-9]{3}"] {
            for number in ["03012345", "0301234567", "030123456789012", "0049301234567890"] {
                let typed = try dial(number + "#", allowed: ["0[0-9]+"], rooms: rooms)
                #expect(typed?.number == number && typed?.digits == number.count + 1)
                var collector = try house(["0[0-9]+"], rooms: rooms)
                for digit in number.compactMap(DTMFDigit.init) {
                    #expect(collector.dial(digit, now: 0) == .collecting)
                }
                #expect(collector.expire(now: 4_000) == .complete(number, isEmergency: false))
            }
        }
        // A pattern of one length is no reason to call whoever has the first digits of what is dialled.
        #expect(try dial("030123", allowed: ["0[0-9]{5}"]) == nil)
        #expect(try dial("0301234567#", allowed: [], prefix: "0")?.number == "0301234567")
    }

    @Test func `rooms of one length need neither '#' nor silence, unless a number outside begins like them`() throws {
        #expect(try dial("221", allowed: [])?.digits == 3)
        #expect(try dial("221", allowed: ["0[0-9]+"])?.digits == 3)
        #expect(try dial("221", allowed: ["0[0-9]+"], rooms: "^[0-9]{3}$")?.digits == 3)
        #expect(try dial("030", allowed: ["0[0-9]+"]) == nil)
        #expect(try dial("030", allowed: [], prefix: "0") == nil)
    }

    @Test func `what is longer than any room stays whole when nothing leaves the house`() throws {
        for number in ["0301234567", String(repeating: "1", count: 30)] {
            #expect(try dial(number + "#", allowed: [], rooms: "[0-9]{1,8}")?.number == number)
        }
    }

    @Test func `stars and letters are digits like others`() throws {
        #expect(try #require(dial("*97A#", collector())).number == "*97A")
    }

    @Test func `every sequence of up to four keys ends as the plan says`() {
        let keys = DTMFDigit.allCases
        for sequence in 0..<(16 * 16 * 16) {
            var collector = collector(rooms: 3...3)
            var typed = ""
            var ended: String?
            for step in 0..<3 {
                let key = keys[(sequence >> (4 * step)) & 15]
                let before = typed
                if key != .pound { typed.append(key.character) }
                let outcome = collector.dial(key, now: Int64(step))
                guard ended == nil else {
                    #expect(outcome == .collecting)
                    continue
                }
                let isRoom = typed.count == 3 && typed.allSatisfy(\.isWholeNumber)
                // Of the extensions all but 210 (which is as long as a room) can go on to be a room.
                let expected: DigitCollector.Outcome =
                    if key == .pound {
                        before.isEmpty ? .collecting : .complete(before, isEmergency: false)
                    } else if typed == "112" {
                        .complete(typed, isEmergency: true)
                    } else {
                        isRoom ? .complete(typed, isEmergency: false) : .collecting
                    }
                #expect(outcome == expected, "\(typed)")
                if case .complete(let number, _) = outcome { ended = number }
            }
        }
    }
}
