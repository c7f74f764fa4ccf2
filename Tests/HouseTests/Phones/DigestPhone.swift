// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import SIP

/// What the exchange lets somebody try who is not known, for the tests' bounds.
enum StrangerPace {
    static let burst = StrangerLimits.accountTryBurst
}

/// Registers with its password and does nothing else; from an address of its own.
final class DigestPhone {
    private let socket: UDPSocket
    private let server: SocketAddress
    private let user: String
    private let password: String
    private let callID = "digest-\(UInt32.random(in: 0 ... .max))"

    init(from host: String, to server: SocketAddress, user: String, password: String) throws {
        socket = try UDPSocket(host: host)
        self.server = server
        self.user = user
        self.password = password
    }

    /// The final status of a REGISTER that answers its challenge; nil: none came within two seconds.
    func registers(sequence: Int, seconds: Int = 120) async -> Int? {
        send(sequence, seconds, nil)
        guard let first = await answer(sequence) else { return nil }
        guard TortureSender.status(first) == 401 else { return TortureSender.status(first) }
        let line = first.split(separator: "\r\n").first { $0.lowercased().hasPrefix("www-authenticate: ") }
        guard let challenge = line.flatMap({ DigestChallenge(String($0.dropFirst(18))) }) else { return nil }
        let answered = challenge.answer(
            username: user, password: password, method: "REGISTER", uri: "sip:127.0.0.1", count: 1,
            clientNonce: "\(sequence)")
        send(sequence + 1, seconds, answered.text)
        return await answer(sequence + 1).flatMap(TortureSender.status)
    }

    private func send(_ sequence: Int, _ seconds: Int, _ authorization: String?) {
        let text =
            "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP \(socket.local);branch=z9hG4bK\(callID)\(sequence);rport\r\n"
            + "Max-Forwards: 70\r\nFrom: <sip:\(user)@127.0.0.1>;tag=\(callID)\r\nTo: <sip:\(user)@127.0.0.1>\r\n"
            + "Call-ID: \(callID)\r\nCSeq: \(sequence) REGISTER\r\nContact: <sip:\(user)@\(socket.local)>\r\n"
            + "Expires: \(seconds)\r\n" + (authorization.map { "Authorization: \($0)\r\n" } ?? "")
            + "Content-Length: 0\r\n\r\n"
        socket.send(Array(text.utf8), to: server)
    }

    private func answer(_ sequence: Int) async -> String? {
        for _ in 0..<200 {
            while let datagram = socket.receive() {
                let text = String(decoding: datagram.bytes, as: UTF8.self)
                if text.contains("CSeq: \(sequence) REGISTER"), let status = TortureSender.status(text), status >= 200 {
                    return text
                }
            }
            try? await Task.sleep(nanoseconds: 10_000_000)
        }
        return nil
    }
}
