// SPDX-License-Identifier: Apache-2.0

/// Several attackers, each from an address of his own (127.0.7.1 and so on), who share the work.
package final class AttackerCrowd: Attacking {
    private let attackers: [Attacker]

    package init(
        _ count: Int, to target: SocketAddress, rate: Int,
        _ make: @escaping @Sendable (_ number: Int, _ host: String, _ port: UInt16, _ lastAnswer: String) -> [UInt8]
    ) throws {
        attackers = try (1...count).map { index in
            let host = "127.0.7.\(index)"
            return try Attacker(from: host, to: target, rate: max(1, rate / count)) { number, port, answer in
                make(number * count + index, host, port, answer)
            }
        }
    }

    package var sent: Int { attackers.reduce(0) { $0 + $1.sent } }
    package var answers: [Int: Int] {
        attackers.reduce(into: [:]) { all, one in all.merge(one.answers) { $0 + $1 } }
    }

    package func stop() { for attacker in attackers { attacker.stop() } }
}
