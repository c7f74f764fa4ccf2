// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ScenarioProtocol
import Telephony
import Testing

@Suite struct MessageFramingTests {
    private static let reports: [WorkerReport] = [
        .ready,
        .command(
            SessionID(7),
            .dial(
                UnitID(-1),
                SessionDial(
                    target: .conference, destination: "conf_1\u{1F4DE}", callerNumber: nil, callerName: "\"",
                    headers: [HeaderField("X-A", "\r\n")]))),
        .ended(SessionID(.max), reason: nil),
        .ended(SessionID(1), reason: "a.js:1: no"),
        .log(SessionID(2), ScriptLogLine(level: .warning, text: "\u{0}", file: "a.js", line: 3)),
        .pong(4, WorkerHealth(sessions: 1, heapBytes: 2, residentBytes: 3, engines: 4)),
    ]

    private func feed(_ reader: inout MessageReader, _ data: some Collection<UInt8>) {
        Array(data).withUnsafeBytes { reader.append($0) }
    }

    @Test func `messages come whole out of any pieces`() throws {
        let stream = try Self.reports.map { try #require(MessageFraming.frame($0)) }.reduce(Data(), +)
        for size in [1, 2, 3, 7, 64, stream.count] {
            var reader = MessageReader()
            var found: [WorkerSaid] = []
            var rest = stream[...]
            while !rest.isEmpty {
                feed(&reader, rest.prefix(size))
                rest = rest.dropFirst(size)
                while let said = try reader.nextReport() { found.append(said) }
            }
            #expect(found == Self.reports.map(WorkerSaid.report))
        }
    }

    @Test func `a length above the cap is refused before its bytes come`() {
        var reader = MessageReader()
        feed(&reader, [0x00, 0x10, 0x00, 0x01])
        #expect(throws: FramingError.tooLong((1 << 20) + 1)) { try reader.nextReport() }
        #expect(MessageFraming.frame(String(repeating: "x", count: 1 << 20)) == nil)
    }

    @Test(arguments: [
        "", "{}", "[]", "nonsense", "{\"command\":{}}", "{\"ready\":{},\"pong\":{}}",
        "{\"ended\":{\"_0\":{\"number\":-1}}}",
        "{\"command\":{\"_0\":{\"number\":-1},\"_1\":{\"hangUp\":{\"_0\":{\"number\":1},\"headers\":[]}}}}",
        "\u{0}\u{0}",
    ])
    func `what is no message is an error`(text: String) {
        var reader = MessageReader()
        feed(&reader, [0, 0, UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 255)])
        feed(&reader, Array(text.utf8))
        #expect(throws: FramingError.self) { try reader.nextReport() }
    }

    @Test func `random damage never traps`() throws {
        var random = Numbers(state: 42)
        let stream = try Self.reports.map { try #require(MessageFraming.frame($0)) }.reduce(Data(), +)
        for _ in 0..<2000 {
            var damaged = [UInt8](stream)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var reader = MessageReader()
            feed(&reader, damaged)
            while let said = try? reader.nextReport() { _ = said }
        }
    }

    @Test func `a command is read by itself, and what is none is its session's`() throws {
        let command = SessionCommand.sendMessage(UnitID(1), "{[\"\\")
        let good = try #require(MessageFraming.frame(WorkerReport.command(SessionID(7), command)))
        let bad = try ["{\"hangUp\":1}", "{\"hangUp\":{\"_0\":{\"number\":99999999999},\"headers\":[]}}"].map { json in
            try #require(MessageFraming.frame(command: Data(json.utf8), of: SessionID(8)))
        }
        let ready = try #require(MessageFraming.frame(WorkerReport.ready))
        var reader = MessageReader()
        feed(&reader, good + bad.reduce(Data(), +) + ready)
        #expect(try reader.nextReport() == .report(.command(SessionID(7), command)))
        for _ in bad {
            guard case .garbled(SessionID(8), _) = try reader.nextReport() else {
                Issue.record("a command that is none was taken")
                return
            }
        }
        #expect(try reader.nextReport() == .report(.ready))
        #expect(try reader.nextReport() == nil)
    }

    @Test func `brackets in texts are no nesting`() throws {
        let command = SessionCommand.sendMessage(UnitID(1), String(repeating: "[{\"\\", count: 5000))
        let frame = try #require(MessageFraming.frame(WorkerReport.command(SessionID(7), command)))
        var reader = MessageReader()
        feed(&reader, frame)
        #expect(try reader.nextReport() == .report(.command(SessionID(7), command)))
    }

    @Test func `commands that are read by hand are those that the decoder reads`() throws {
        let units = [UnitID(1), UnitID(-1), UnitID(.max), UnitID(.min), UnitID(0)]
        let commands =
            units.flatMap { unit -> [SessionCommand] in
                [
                    .answer(unit, headers: []), .ring(unit, headers: []), .startEarlyMedia(unit, headers: []),
                    .hangUp(unit, headers: []), .stopPlayback(unit), .connect(from: unit, to: UnitID(7)),
                    .disconnect(from: UnitID(-7), to: unit),
                ]
            } + [.answer(UnitID(1), headers: [HeaderField("X-A", "b")]), .terminate, .stopPlayer(UnitID(-2))]
        for command in commands {
            let json = try JSONEncoder().encode(command)
            #expect(try CommandText.command(json) == command)
        }
        for (json, command) in [
            ("{\"answer\":{\"_0\":{\"number\":12},\"headers\":[]}}", SessionCommand.answer(UnitID(12), headers: [])),
            (
                "{\"connect\":{\"from\":{\"number\":1},\"to\":{\"number\":-1}}}",
                .connect(from: UnitID(1), to: UnitID(-1))
            ),
            ("{\"stopPlayback\":{\"_0\":{\"number\":-3}}}", .stopPlayback(UnitID(-3))),
        ] {
            #expect(try CommandText.command(Data(json.utf8)) == command)
            for end in 0..<json.utf8.count {
                #expect(throws: FramingError.self) { try CommandText.command(Data(json.utf8.prefix(end))) }
            }
        }
        for json in [
            "{\"answer\":{\"_0\":{\"number\":01},\"headers\":[]}}",
            "{\"answer\":{\"_0\":{\"number\":2147483648},\"headers\":[]}}",
            "{\"answer\":{\"_0\":{\"number\":-},\"headers\":[]}}",
            "{\"answer\":{\"_0\":{\"number\":1},\"headers\":[]}}}",
            "{\"answer\":{\"_0\":{\"number\":99999999999},\"headers\":[]}}",
            "{\"anser\":{\"_0\":{\"number\":1},\"headers\":[]}}",
            "{\"connect\":{\"from\":{\"number\":1},\"to\":{\"number\":}}}", "{\"answer\":{\"_0\":{\"number\":1}}}",
        ] {
            #expect(throws: FramingError.self) { try CommandText.command(Data(json.utf8)) }
        }
    }

    private static let oddTexts = ["", "a", "\"\\/", "\u{0}\u{1f}\n\r\t\u{7f}", "é€\u{1F4DE}\u{2028}", "</script>"]

    @Test func `what is written by hand is what the decoder reads`() throws {
        for odd in Self.oddTexts {
            let headers = [HeaderField("X-A", odd), HeaderField(odd, "b")]
            let info = SessionCallInfo(
                callerNumber: odd, callerName: odd, destination: odd, fromURI: odd, toURI: odd, headers: headers,
                clientType: odd, customData: odd)
            for event in [
                SessionEvent.callAlerting(UnitID(3), info), .connected(UnitID(-4), headers: headers),
                .connected(UnitID(1), headers: []), .message(UnitID(1), odd),
            ] {
                let frame = try #require(MessageFraming.frame(event, of: SessionID(.max)))
                var reader = MessageReader()
                feed(&reader, frame)
                guard case .event(let text) = try reader.nextOrder() else {
                    Issue.record("no event")
                    return
                }
                #expect(text.session == SessionID(.max))
                #expect(try JSONDecoder().decode(SessionEvent.self, from: Data(text.json.utf8)) == event)
            }
            for name in [nil, odd] {
                var start = SessionStart(
                    session: SessionID(9), rule: odd, scenarios: [odd, "b.js"], conferenceName: name, customData: odd)
                start.accessURL = odd
                let numbers = [ScriptNumber(1), ScriptNumber(.max)]
                let frame = try #require(MessageFraming.frame(start, scripts: numbers))
                var reader = MessageReader()
                feed(&reader, frame)
                #expect(try reader.nextOrder() == .order(.start(start, scripts: numbers)))
            }
        }
    }

    @Test func `nesting without end is an error and no crash`() {
        var reader = MessageReader()
        let text = String(repeating: "[", count: 500_000)
        feed(&reader, [0, UInt8(500_000 >> 16), UInt8((500_000 >> 8) & 255), UInt8(500_000 & 255)])
        feed(&reader, Array(text.utf8))
        #expect(throws: FramingError.self) { try reader.nextReport() }
    }
}

/// The same numbers in every run (SplitMix64).
struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
