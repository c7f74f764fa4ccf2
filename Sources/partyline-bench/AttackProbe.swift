// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import PartylineTestKit

/// Somebody who asks with OPTIONS whether the exchange is there, once, without a repetition; from an address of his own.
final class AttackProbe {
    let name: String
    private let socket: UDPSocket
    private let server: SocketAddress
    private(set) var asked = 0
    private(set) var answered = 0
    /// Milliseconds.
    private(set) var worst = 0.0
    private var number = UInt32.random(in: 0 ... .max)
    private var since: Int64?

    init(_ name: String, from host: String, to server: SocketAddress) throws {
        self.name = name
        self.server = server
        socket = try UDPSocket(host: host)
    }

    /// All at once, each waits a second at most.
    static func ask(_ probes: [AttackProbe]) {
        for probe in probes { probe.send() }
        let start = MonotonicClock.now
        while MonotonicClock.now - start < 1_000_000_000 {
            for probe in probes { probe.look() }
            if probes.allSatisfy({ $0.since == nil }) { return }
            usleep(200)
        }
        for probe in probes where probe.since != nil {
            probe.since = nil
            probe.worst = 1_000
        }
    }

    func clear() {
        asked = 0
        answered = 0
        worst = 0
    }

    private func send() {
        number &+= 1
        asked += 1
        let text =
            "OPTIONS sip:\(server) SIP/2.0\r\nVia: SIP/2.0/UDP \(socket.local);branch=z9hG4bK\(number);rport\r\n"
            + "Max-Forwards: 9\r\nFrom: <sip:\(name)@b>;tag=\(number)\r\nTo: <sip:\(server)>\r\n"
            + "Call-ID: \(name)\(number)\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        since = MonotonicClock.now
        socket.send(Array(text.utf8), to: server)
    }

    private func look() {
        while let datagram = socket.receive() {
            guard let since, String(decoding: datagram.bytes, as: UTF8.self).contains("Call-ID: \(name)\(number)\r\n")
            else { continue }
            answered += 1
            worst = max(worst, Double(datagram.arrival - since) / 1e6)
            self.since = nil
        }
    }

    /// Registers as a phone of the house, with MD5 (RFC 3261 section 22.4).
    /// - Throws: when the exchange does not let it.
    func register(user: String, password: String) throws {
        let target = "sip:\(server)"
        var authorization = ""
        for sequence in 1...2 {
            let text =
                "REGISTER \(target) SIP/2.0\r\nVia: SIP/2.0/UDP \(socket.local);branch=z9hG4bKr\(number)\(sequence);rport\r\n"
                + "Max-Forwards: 9\r\nFrom: <sip:\(user)@\(server)>;tag=\(number)\r\nTo: <sip:\(user)@\(server)>\r\n"
                + "Call-ID: r\(number)\r\nCSeq: \(sequence) REGISTER\r\nContact: <sip:\(user)@\(socket.local)>\r\n"
                + "Expires: 3600\r\n\(authorization)Content-Length: 0\r\n\r\n"
            socket.send(Array(text.utf8), to: server)
            let answer = try answer(to: sequence)
            if answer.hasPrefix("SIP/2.0 200") { return }
            let challenge = answer.components(separatedBy: "\r\n").first {
                $0.hasPrefix("WWW-Authenticate:") && $0.contains("MD5")
            }
            guard let challenge, let realm = Self.field("realm", challenge), let nonce = Self.field("nonce", challenge)
            else { break }
            let secret = Self.hash("\(user):\(realm):\(password)")
            let response = Self.hash("\(secret):\(nonce):00000001:1:auth:" + Self.hash("REGISTER:\(target)"))
            authorization =
                "Authorization: Digest username=\"\(user)\", realm=\"\(realm)\", nonce=\"\(nonce)\", uri=\"\(target)\", "
                + "response=\"\(response)\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"1\"\r\n"
        }
        throw CallerError.daemon("\(user) is not registered: is that its password?")
    }

    private func answer(to sequence: Int) throws -> String {
        for _ in 0..<2_000 {
            while let datagram = socket.receive() {
                let text = String(decoding: datagram.bytes, as: UTF8.self)
                if text.contains("CSeq: \(sequence) REGISTER"), !text.hasPrefix("SIP/2.0 1") { return text }
            }
            usleep(1_000)
        }
        throw CallerError.daemon("no answer to REGISTER")
    }

    private static func field(_ name: String, _ line: String) -> String? {
        line.components(separatedBy: "\(name)=\"").dropFirst().first.map { String($0.prefix { $0 != "\"" }) }
    }

    private static func hash(_ text: String) -> String {
        MD5.hash(Array(text.utf8)).map { String(format: "%02x", $0) }.joined()
    }
}
