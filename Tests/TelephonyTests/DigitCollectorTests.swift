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
        return DigitCollector(
            space: NumberSpace(
                emergencyNumbers: emergency, extensions: extensions, roomNumbers: rooms, hasOutsideNumbers: outside),
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
        // The longest room number there can be.
        #expect(dial("1234567", collector(rooms: 1...8)) == nil)
        #expect(try #require(dial("12345678", collector(rooms: 1...8))).digits == 8)
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

    @Test func `a number is never longer than 32 digits`() throws {
        let number = try #require(dial(String(repeating: "9", count: 99), collector(rooms: 1...99, outside: true)))
        #expect(number.digits == 32 && number.number.count == 32)
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
