// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Speaks to a running daemon through its control socket. Blocking; each request has a connection of its own. May be
/// used from any thread.
package struct ControlClient: Sendable {
    package let socketPath: String
    /// For connecting, and for each answer.
    package var timeoutSeconds = 10

    package init(socketPath: String) { self.socketPath = socketPath }

    /// `GET path`: the JSON document. Throws `ControlFault`.
    package func get(_ path: String) throws(ControlFault) -> [UInt8] {
        try exchange("GET", path, nil)
    }

    /// `POST path` with a JSON body.
    package func post(_ path: String, _ body: [UInt8] = []) throws(ControlFault) -> [UInt8] {
        try exchange("POST", path, body)
    }

    /// The document of a path as a value of Telephony's.
    package func get<Report: Decodable>(_ path: String, as type: Report.Type) throws(ControlFault) -> Report {
        let bytes = try get(path)
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do { return try decoder.decode(type, from: Data(bytes)) } catch {
            throw .notUnderstood("the answer to \(path) is not what this version expects: \(error)")
        }
    }

    /// Follows an event stream (`/v1/events`): calls `each` with the JSON object of every event until it returns false or the
    /// daemon ends.
    package func events(at path: String = "/v1/events", _ each: (String) -> Bool) throws(ControlFault) {
        let socket = try UnixSocket.connect(to: socketPath, timeoutSeconds: timeoutSeconds)
        try socket.write(Self.request("GET", path, nil))
        // The daemon gives a sign of life every 15 s.
        socket.setReadTimeout(seconds: 60)
        var reader = HTTPResponseReader(maximumBodyBytes: .max)
        var stream = EventStreamReader()
        while !reader.isComplete {
            let bytes = try socket.read()
            let data = try bytes.isEmpty ? reader.end() : reader.feed(bytes)
            if let status = reader.status, status != 200 {
                guard reader.isComplete else { continue }
                throw Self.refusal(status, data)
            }
            for event in try stream.feed(data) where !each(event) { return }
        }
    }

    /// The bytes of a path, however many, piece by piece. A refusal calls `each` not once.
    package func download(_ path: String, _ each: ([UInt8]) -> Void) throws(ControlFault) {
        let socket = try UnixSocket.connect(to: socketPath, timeoutSeconds: timeoutSeconds)
        try socket.write(Self.request("GET", path, nil))
        var reader = HTTPResponseReader(maximumBodyBytes: .max)
        var refusal: [UInt8] = []
        while !reader.isComplete {
            let bytes = try socket.read()
            let data = try bytes.isEmpty ? reader.end() : reader.feed(bytes)
            if let status = reader.status, (200..<300).contains(status) { each(data) } else { refusal += data }
        }
        guard let status = reader.status, (200..<300).contains(status) else {
            throw Self.refusal(reader.status ?? 0, refusal)
        }
    }

    private func exchange(_ method: String, _ path: String, _ body: [UInt8]?) throws(ControlFault) -> [UInt8] {
        let socket = try UnixSocket.connect(to: socketPath, timeoutSeconds: timeoutSeconds)
        try socket.write(Self.request(method, path, body))
        var reader = HTTPResponseReader(maximumBodyBytes: 16 << 20)
        var document: [UInt8] = []
        while !reader.isComplete {
            let bytes = try socket.read()
            document += try bytes.isEmpty ? reader.end() : reader.feed(bytes)
        }
        guard let status = reader.status, (200..<300).contains(status) else {
            throw Self.refusal(reader.status ?? 0, document)
        }
        return document
    }

    private static func request(_ method: String, _ path: String, _ body: [UInt8]?) -> [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: partyline\r\nConnection: close\r\n"
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }

    private static func refusal(_ status: Int, _ document: [UInt8]) -> ControlFault {
        struct Failure: Decodable {
            var error: String
            var remedy: String?
        }
        guard let failure = try? JSONDecoder().decode(Failure.self, from: Data(document)) else {
            return .refused("the daemon answered \(status)", remedy: "")
        }
        return .refused(failure.error, remedy: failure.remedy ?? "")
    }
}

extension ControlClient {
    /// A piece of a path: everything but letters, digits and `-._~` is percent-encoded.
    package static func escaped(_ piece: String) -> String {
        var result = ""
        for byte in piece.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }
}
