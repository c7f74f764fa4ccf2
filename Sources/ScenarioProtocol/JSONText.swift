// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Telephony

/// JSON that is written by hand: what every caller waits for, an encoder takes some 60 us for. Of the shape that Codable gives the
/// same value, as a test compares.
struct JSONText {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func add(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func add(number: some BinaryInteger) { bytes.append(contentsOf: "\(number)".utf8) }

    mutating func add(text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                add("\\u00")
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let digits = Array("0123456789abcdef".utf8)

    mutating func add<Element>(list: [Element], _ each: (inout JSONText, Element) -> Void) {
        add("[")
        for (index, element) in list.enumerated() {
            if index > 0 { add(",") }
            each(&self, element)
        }
        add("]")
    }

    mutating func add(headers: [HeaderField]) {
        add(list: headers) { text, header in
            text.add("{\"name\":")
            text.add(text: header.name)
            text.add(",\"value\":")
            text.add(text: header.value)
            text.add("}")
        }
    }

    // MARK: - Messages

    /// Of the events that every call has; nil of the others.
    static func of(_ event: SessionEvent) -> [UInt8]? {
        switch event {
        case .callAlerting(let unit, let info):
            var text = JSONText(capacity: 1024)
            text.add("{\"callAlerting\":{\"_0\":{\"number\":")
            text.add(number: unit.number)
            text.add("},\"_1\":{\"callerNumber\":")
            text.add(text: info.callerNumber)
            text.add(",\"callerName\":")
            text.add(text: info.callerName)
            text.add(",\"destination\":")
            text.add(text: info.destination)
            text.add(",\"fromURI\":")
            text.add(text: info.fromURI)
            text.add(",\"toURI\":")
            text.add(text: info.toURI)
            text.add(",\"headers\":")
            text.add(headers: info.headers)
            text.add(",\"clientType\":")
            text.add(text: info.clientType)
            text.add(",\"customData\":")
            text.add(text: info.customData)
            text.add("}}}")
            return text.bytes
        case .connected(let unit, let headers):
            var text = JSONText(capacity: 512)
            text.add("{\"connected\":{\"_0\":{\"number\":")
            text.add(number: unit.number)
            text.add("},\"headers\":")
            text.add(headers: headers)
            text.add("}}")
            return text.bytes
        default: return nil
        }
    }

    /// `WorkerOrder.start`.
    static func of(_ start: SessionStart, scripts: [ScriptNumber]) -> [UInt8] {
        var text = JSONText(capacity: 512)
        text.add("{\"start\":{\"_0\":{\"session\":{\"number\":")
        text.add(number: start.session.number)
        text.add("},\"rule\":")
        text.add(text: start.rule)
        text.add(",\"scenarios\":")
        text.add(list: start.scenarios) { $0.add(text: $1) }
        if let name = start.conferenceName {
            text.add(",\"conferenceName\":")
            text.add(text: name)
        }
        text.add(",\"customData\":")
        text.add(text: start.customData)
        text.add(",\"accessURL\":")
        text.add(text: start.accessURL)
        text.add("},\"scripts\":")
        text.add(list: scripts) { $0.add(number: $1.number) }
        text.add("}}")
        return text.bytes
    }
}
