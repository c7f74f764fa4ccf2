// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Whoever attacks.
package protocol Attacking: Sendable {
    /// Datagrams sent so far.
    var sent: Int { get }
    /// Answers by status.
    var answers: [Int: Int] { get }
    /// Returns when all has ended.
    func stop()
}

/// Somebody who sends a lot, from a loopback address of his own, on a thread of his own, at a steady rate.
package final class Attacker: Attacking {
    private let stopping = Atomic(false)
    private let sentCount = Atomic(0)
    private let answerCounts = Mutex<[Int: Int]>([:])
    private let finished = DispatchSemaphore(value: 0)

    /// Datagrams sent so far.
    package var sent: Int { sentCount.load(ordering: .relaxed) }
    /// Answers by status.
    package var answers: [Int: Int] { answerCounts.withLock { $0 } }

    /// - Parameters:
    ///   - rate: datagrams a second.
    ///   - make: the n-th datagram, and what came last (for nonces); called on the attacker's thread.
    /// - Throws: when there is no such address.
    package init(
        from host: String, to target: SocketAddress, rate: Int,
        _ make: @escaping @Sendable (_ number: Int, _ port: UInt16, _ lastAnswer: String) -> [UInt8]
    ) throws {
        let socket = try UDPSocket(host: host)
        let box = SocketBox(socket: socket)
        let thread = Thread { [self] in
            run(box.socket, target, rate, make)
            finished.signal()
        }
        thread.name = "attacker"
        thread.start()
    }

    /// Returns when the thread has ended.
    package func stop() {
        stopping.store(true, ordering: .relaxed)
        finished.wait()
        finished.signal()
    }

    private func run(
        _ socket: UDPSocket, _ target: SocketAddress, _ rate: Int,
        _ make: @Sendable (Int, UInt16, String) -> [UInt8]
    ) {
        let begin = MonotonicClock.now
        var number = 0
        var last = ""
        while !stopping.load(ordering: .relaxed) {
            let due = Int((MonotonicClock.now - begin) / 1_000 * Int64(rate) / 1_000_000)
            // What the machine did not let us send in time is sent at once, but not all of it.
            if due - number > rate / 4 { number = due - rate / 4 }
            while number < due {
                socket.send(make(number, socket.local.port, last), to: target)
                number += 1
                sentCount.add(1, ordering: .relaxed)
            }
            while let datagram = socket.receive() {
                guard let text = String(validating: datagram.bytes, as: UTF8.self),
                    let status = TortureSender.status(text)
                else { continue }
                last = text
                answerCounts.withLock { $0[status, default: 0] += 1 }
            }
            usleep(1_000)
        }
    }

    /// Unchecked: handed to the attacker's thread, which alone uses it from then on.
    private struct SocketBox: @unchecked Sendable { let socket: UDPSocket }
}

/// What attackers send.
package enum AttackText {
    /// A request with a password that is wrong, under the nonce of the last challenge.
    package static func guess(
        _ method: String, _ number: Int, host: String, port: UInt16, user: String, lastAnswer: String
    ) -> [UInt8] {
        let nonce =
            lastAnswer.split(separator: "nonce=\"", maxSplits: 1).dropFirst().first?.prefix { $0 != "\"" } ?? "0"
        let realm =
            lastAnswer.split(separator: "realm=\"", maxSplits: 1).dropFirst().first?.prefix { $0 != "\"" } ?? "x"
        let response = String(repeating: "0", count: 24) + String(format: "%08x", number)
        let target = method == "REGISTER" ? "sip:127.0.0.1" : "sip:1@127.0.0.1"
        return Array(
            ("\(method) \(target) SIP/2.0\r\nVia: SIP/2.0/UDP \(host):\(port);branch=z9hG4bK\(port)x\(number);rport\r\n"
                + "Max-Forwards: 70\r\nFrom: <sip:\(user)@127.0.0.1>;tag=\(number)\r\nTo: <sip:\(user)@127.0.0.1>\r\n"
                + "Call-ID: attack-\(port)-\(number)\r\nCSeq: 1 \(method)\r\nContact: <sip:\(user)@\(host):\(port)>\r\n"
                + "Authorization: Digest username=\"\(user)\", realm=\"\(realm)\", nonce=\"\(nonce)\", uri=\"\(target)\", "
                + "response=\"\(response)\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"\(number)\"\r\n"
                + "Content-Length: 0\r\n\r\n").utf8)
    }

    /// A G.711 packet of a loud tone, with every payload type, source and sequence that could be believed.
    package static func tone(_ number: Int, ssrc: UInt32) -> [UInt8] {
        let stamp = UInt32(truncatingIfNeeded: number * 160)
        var packet: [UInt8] = [0x80, number % 5 == 4 ? 101 : 0, UInt8(number >> 8 & 255), UInt8(number & 255)]
        for word in [stamp, ssrc] { for shift in [24, 16, 8, 0] { packet.append(UInt8(word >> UInt32(shift) & 255)) } }
        // Eight samples of a full-scale square wave, or the digit 5.
        packet += number % 5 == 4 ? [5, 0x80, 0, 160] : (0..<160).map { $0 & 4 == 0 ? 0x80 : 0x00 }
        return packet
    }
}
