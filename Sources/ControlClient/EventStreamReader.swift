// SPDX-License-Identifier: Apache-2.0
// Server-sent events: WHATWG HTML Living Standard, section 9.2.6. Not done: event names, ids and retry, which the
// daemon does not send.

/// Takes the bytes of an event stream as they come and gives the data of each complete event.
package struct EventStreamReader {
    private var line: [UInt8] = []
    private var data: [String] = []
    private var afterReturn = false
    private var pendingBytes = 0

    private static let maximumEventBytes = 1 << 20

    package init() {}

    package mutating func feed(_ bytes: [UInt8]) throws(ControlFault) -> [String] {
        var events: [String] = []
        for byte in bytes {
            let wasAfterReturn = afterReturn
            afterReturn = byte == 13
            // CR LF is one line end.
            if byte == 10, wasAfterReturn { continue }
            guard byte == 10 || byte == 13 else {
                line.append(byte)
                pendingBytes += 1
                guard pendingBytes <= Self.maximumEventBytes else { throw .notUnderstood("an event is too large") }
                continue
            }
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() -> String? {
        defer { line = [] }
        if line.isEmpty {
            defer { (data, pendingBytes) = ([], 0) }
            return data.isEmpty ? nil : data.joined(separator: "\n")
        }
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("data:") {
            let value = text.dropFirst(5)
            data.append(String(value.first == " " ? value.dropFirst() : value))
        } else {
            // A comment or another field.
            pendingBytes -= line.count
        }
        return nil
    }
}
