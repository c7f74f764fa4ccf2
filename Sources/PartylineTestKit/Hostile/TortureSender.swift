// SPDX-License-Identifier: Apache-2.0

package import Foundation
import Glibc

/// Sends torture messages as they are in their files and collects the answers. These go where the messages' Via headers say:
/// to port 5060 mostly, so this listens there, on a loopback address of its own.
package final class TortureSender {
    /// Ports that the messages name.
    private static let ports: [UInt16] = [5060, 5050, 6050, 19823]

    private let sockets: [UDPSocket]
    private let folder: URL
    private let server: SocketAddress

    /// - Parameter folder: holds rfc4475/ and rfc5118/.
    /// - Throws: when one of the ports is not to be had there.
    package init(server: SocketAddress, folder: URL, host: String = "127.0.0.77") throws {
        self.server = server
        self.folder = folder
        sockets = try Self.ports.map { try UDPSocket(host: host, port: $0) }
    }

    package struct Outcome: Sendable {
        package var test: TortureCase
        /// The final answers, without repetitions.
        package var answers: [String]
        package var status: Int? { answers.first.flatMap(TortureSender.status) }
        package var isRight: Bool { test.isRight(status) && answers.count <= 1 }
        package var isStrictlyRight: Bool { test.isStrictlyRight(status) && answers.count <= 1 }
    }

    /// Sends one and waits for its final answer, or long enough to believe in silence.
    package func run(_ test: TortureCase, patience: Double = 1) throws -> Outcome {
        let message = try message(test)
        drain()
        sockets[0].send(message, to: server)
        var answers: [String] = []
        let isMute = test.right == .silence
        var end = MonotonicClock.now + Int64((isMute ? 0.15 : patience) * 1e9)
        while MonotonicClock.now < end {
            for socket in sockets {
                while let datagram = socket.receive() {
                    let text = String(decoding: datagram.bytes, as: UTF8.self)
                    guard let status = Self.status(text), status >= 200, Self.belongs(text, to: message) else {
                        continue
                    }
                    if !answers.contains(where: { Self.status($0) == status }) { answers.append(text) }
                    // A second, different answer would follow at once.
                    end = min(end, MonotonicClock.now + 40_000_000)
                }
            }
            usleep(2_000)
        }
        for answer in answers { hangUp(answer) }
        return Outcome(test: test, answers: answers)
    }

    /// Ends the call that an INVITE has begun: several messages share a Call-ID.
    private func hangUp(_ answer: String) {
        var lines: [String: String] = [:]
        for line in answer.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { lines[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        guard let status = Self.status(answer), (200...299).contains(status), let from = lines["from"],
            let to = lines["to"], let call = lines["call-id"], let sequence = lines["cseq"]?.split(separator: " "),
            sequence.count == 2, sequence[1] == "INVITE", let number = Int(sequence[0])
        else { return }
        for (method, number) in [("ACK", number), ("BYE", number + 1)] {
            let request =
                "\(method) sip:\(server) SIP/2.0\r\nVia: SIP/2.0/UDP \(sockets[0].local);branch=z9hG4bK\(UInt32.random(in: 0 ... .max))\r\n"
                + "From: \(from)\r\nTo: \(to)\r\nCall-ID: \(call)\r\nCSeq: \(number) \(method)\r\n"
                + "Max-Forwards: 9\r\nContent-Length: 0\r\n\r\n"
            sockets[0].send(Array(request.utf8), to: server)
        }
        usleep(20_000)
    }

    package func message(_ test: TortureCase) throws -> [UInt8] {
        for part in ["rfc4475", "rfc5118"] {
            let file = folder.appendingPathComponent("\(part)/\(test.name).dat")
            if let data = try? Data(contentsOf: file) { return [UInt8](data) }
        }
        throw CallerError.daemon("\(test.name).dat is not in \(folder.path)")
    }

    private func drain() {
        for socket in sockets { while socket.receive() != nil {} }
    }

    package static func status(_ text: String) -> Int? {
        guard text.hasPrefix("SIP/2.0 ") else { return nil }
        return Int(text.dropFirst(8).prefix(3))
    }

    /// Answers to former messages are repeated for a while: the Call-ID tells, where there is one.
    private static func belongs(_ answer: String, to message: [UInt8]) -> Bool {
        guard let line = answer.split(separator: "\r\n").first(where: { $0.lowercased().hasPrefix("call-id:") }),
            let name = line.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
        else { return true }
        return String(decoding: message, as: UTF8.self).contains(name)
    }
}
