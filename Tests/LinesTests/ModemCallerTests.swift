// SPDX-License-Identifier: Apache-2.0
// V.253's +VCID in its formatted way (NMBR, NAME) and its unformatted one (MESG), Telcordia GR-30's messages.
import PartylineTestKit
import Telephony
import Testing

@testable import Lines

/// Who calls, in each way a voice modem tells of it.
@Suite struct ModemCallerTests {
    private static func parameter(_ type: UInt8, _ text: String) -> [UInt8] {
        [type, UInt8(text.utf8.count)] + Array(text.utf8)
    }

    private static func message(_ type: UInt8, _ data: [UInt8]) -> [UInt8] { [type, UInt8(data.count)] + data }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private static func heard(_ tell: (FakeModem) -> Void) throws -> [LineSignal] {
        let desk = try ModemDesk(.conexant)
        try desk.begin()
        tell(desk.modem)
        try desk.pass(1_000)
        #expect(desk.signals.first == .ring(true))
        return Array(desk.signals.dropFirst())
    }

    /// What the modem says, and what is told of it.
    struct Words: Sendable {
        var number: String?
        var name: String?
        var toldNumber: String
        var toldName = ""
    }

    static let words = [
        Words(number: "0301234567", toldNumber: "0301234567"),
        Words(number: "0301234567", name: "AUNT EMMA", toldNumber: "0301234567", toldName: "AUNT EMMA"),
        Words(number: "0301234567", name: "O", toldNumber: "0301234567"),
        Words(number: "P", toldNumber: "P"),
        Words(number: "P", name: "P", toldNumber: "P"),
        Words(number: "O", toldNumber: "O"),
        Words(number: "O", name: "O", toldNumber: "O"),
        Words(name: "AUNT EMMA", toldNumber: "", toldName: "AUNT EMMA"),
    ]

    @Test(arguments: words) func `by number, name, or the reason why there is none`(words: Words) throws {
        let signals = try Self.heard { $0.ring(number: words.number, name: words.name) }
        #expect(signals == [.callerID(number: words.toldNumber, name: words.toldName)])
    }

    struct Message: Sendable {
        var bytes: [UInt8]
        var toldNumber: String
        var toldName = ""
    }

    static let messages: [Message] = {
        let date = parameter(0x01, "11241830")
        let number = parameter(0x02, "0301234567")
        let name = parameter(0x07, "AUNT EMMA")
        let (withheld, unavailable) = (parameter(0x04, "P"), parameter(0x04, "O"))
        return [
            Message(bytes: message(0x80, date + number + name), toldNumber: "0301234567", toldName: "AUNT EMMA"),
            Message(bytes: message(0x80, date + number), toldNumber: "0301234567"),
            Message(bytes: message(0x80, date + withheld + parameter(0x08, "P")), toldNumber: "P"),
            Message(bytes: message(0x80, date + unavailable + parameter(0x08, "O")), toldNumber: "O"),
            Message(bytes: message(0x80, withheld + name), toldNumber: "P", toldName: "AUNT EMMA"),
            // The checksum may follow.
            Message(bytes: message(0x80, number) + [0xC5], toldNumber: "0301234567"),
            // A message of date and number only.
            Message(bytes: message(0x04, Array("112418300301234567".utf8)), toldNumber: "0301234567"),
            Message(bytes: message(0x04, Array("11241830P".utf8)), toldNumber: "P"),
            // Parameters without a message around them.
            Message(bytes: number + name, toldNumber: "0301234567", toldName: "AUNT EMMA"),
            Message(bytes: withheld, toldNumber: "P"),
        ]
    }()

    @Test(arguments: messages) func `by a message that the modem passes on as it came`(message: Message) throws {
        let signals = try Self.heard { $0.ring(message: Self.hexadecimal(message.bytes)) }
        #expect(signals == [.callerID(number: message.toldNumber, name: message.toldName)])
    }

    @Test(arguments: ["", "8", "80", "8027", "80FF0102", "XYZ1", "060101", "0401", "041131", "\u{FF18}0"])
    func `a message that is broken, or of something else, tells of nobody`(text: String) throws {
        let signals = try Self.heard { $0.ring(message: text) }
        #expect(signals.isEmpty)
    }

    @Test func `any bytes in place of a message end without a trap`() {
        var random = SplitMix(state: 253)
        for _ in 0..<2_000 {
            var caller = ModemCaller()
            let count = Int.random(in: 0...40, using: &random)
            var bytes: [UInt8] = []
            for _ in 0..<count { bytes.append(UInt8.random(in: 0...255, using: &random)) }
            caller.take("MESG=" + Self.hexadecimal(bytes), now: 0)
            guard case .callerID(let number, let name)? = caller.told() else { continue }
            #expect(number.count <= 32 && name.count <= 64)
        }
    }
}
