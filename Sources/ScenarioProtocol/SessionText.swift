// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import Telephony

/// What one session is told, or asks for, as the JSON that its script gets or has made: most of what is said between daemon and
/// worker, and to decode and encode it again would be most of the work.
package struct SessionText: Sendable, Hashable {
    enum Kind: String {
        case event, command

        fileprivate var headBytes: [UInt8] { self == .event ? SessionText.eventHead : SessionText.commandHead }
    }

    package var session: SessionID
    package var json: String

    static func head(_ kind: Kind) -> String { "{\"\(kind.rawValue)\":{\"_0\":{\"number\":" }

    private static let eventHead = Array(head(.event).utf8)
    private static let commandHead = Array(head(.command).utf8)
    private static let between = Array("},\"_1\":".utf8)

    /// Nil when the message is no event.
    init?(event body: Data) {
        guard let (session, range) = Self.find(.event, in: body) else { return nil }
        self.session = session
        json = body.withUnsafeBytes { String(decoding: $0[range], as: UTF8.self) }
    }

    /// Whose message of that kind it is, and where its JSON stands: offsets from the start, also of a slice. Nil when it is none.
    static func find(_ kind: Kind, in body: Data) -> (session: SessionID, json: Range<Int>)? {
        body.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            let head = kind.headBytes
            guard bytes.count > head.count, bytes.starts(with: head) else { return nil }
            var place = head.count
            var number: UInt64 = 0
            while place < bytes.count, (48...57).contains(bytes[place]) {
                let (tens, isTooMany) = number.multipliedReportingOverflow(by: 10)
                let (sum, isTooMuch) = tens.addingReportingOverflow(UInt64(bytes[place] - 48))
                if isTooMany || isTooMuch { return nil }
                number = sum
                place += 1
            }
            let end = bytes.count - 2
            guard place > head.count, place + between.count <= end,
                bytes[place..<place + between.count].elementsEqual(between),
                bytes[end] == 125, bytes[end + 1] == 125
            else { return nil }
            return (SessionID(number), place + between.count..<end)
        }
    }
}

/// What a script asks of the exchange, as JSON that the script may have had its hands in: a prototype with a `toJSON`, an array
/// whose `map` is its own. Read by the same function in the worker, where the script is told, and in the daemon, which believes
/// no worker.
package enum CommandText {
    package static func command(_ json: Data) throws(FramingError) -> SessionCommand {
        if let plain = PlainCommand.command(json) { return plain }
        guard JSONDepth.isModest(json) else { throw .notUnderstood("nested too deep") }
        do {
            return try JSONDecoder().decode(SessionCommand.self, from: json)
        } catch {
            throw .notUnderstood("\(error)")
        }
    }
}

/// How deep JSON is nested. A decoder takes some kB of stack for each level, and the threads of the daemon have 2 MB.
enum JSONDepth {
    /// What daemon and worker say to each other is nested nine deep.
    static let most = 32

    static func isModest(_ body: Data) -> Bool {
        body.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            // A decoder takes UTF-16 as well, in which this would count wrong.
            guard bytes.count > 1, bytes[0] == UInt8(ascii: "{"), bytes[1] != 0 else { return false }
            var depth = 0
            var isInText = false
            var place = 0
            while place < bytes.count {
                switch bytes[place] {
                case UInt8(ascii: "\\") where isInText: place += 1
                case UInt8(ascii: "\""): isInText.toggle()
                case UInt8(ascii: "["), UInt8(ascii: "{"): if !isInText { depth += 1 }
                case UInt8(ascii: "]"), UInt8(ascii: "}"): if !isInText { depth -= 1 }
                default: break
                }
                if depth > most { return false }
                place += 1
            }
            return true
        }
    }
}
