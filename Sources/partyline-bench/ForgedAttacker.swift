// SPDX-License-Identifier: Apache-2.0

import CBenchKernels
import Foundation
import PartylineTestKit
import Synchronization

/// Somebody whose datagrams each come from another address (of 127.0.0.0/8), as if they were forged: he never sees an answer.
final class ForgedAttacker: Attacking {
    private let stopping = Atomic(false)
    private let sentCount = Atomic(0)
    private let finished = DispatchSemaphore(value: 0)

    var sent: Int { sentCount.load(ordering: .relaxed) }
    var answers: [Int: Int] { [:] }

    init(
        to target: SocketAddress, rate: Int, _ make: @escaping @Sendable (_ number: Int, _ host: String) -> [UInt8]
    ) throws {
        let socket = partyline_bench_forger(target.host, target.port)
        guard socket >= 0 else { throw CallerError.noSocket("errno \(errno)") }
        let thread = Thread { [self] in
            run(socket, rate, make)
            close(socket)
            finished.signal()
        }
        thread.name = "forger"
        thread.start()
    }

    func stop() {
        stopping.store(true, ordering: .relaxed)
        finished.wait()
        finished.signal()
    }

    private func run(_ socket: Int32, _ rate: Int, _ make: @Sendable (Int, String) -> [UInt8]) {
        let begin = MonotonicClock.now
        var number = 0
        while !stopping.load(ordering: .relaxed) {
            let due = Int((MonotonicClock.now - begin) / 1_000 * Int64(rate) / 1_000_000)
            if due - number > rate / 4 { number = due - rate / 4 }
            while number < due {
                // 127.16.0.0 and up, so that nobody's own address is hit.
                let source = UInt32(0x7F10_0000) + UInt32(truncatingIfNeeded: number % 0xE0_0000)
                let host = "127.\(source >> 16 & 255).\(source >> 8 & 255).\(source & 255)"
                let bytes = make(number, host)
                partyline_bench_send_from(socket, source, bytes, bytes.count)
                number += 1
                sentCount.add(1, ordering: .relaxed)
            }
            usleep(1_000)
        }
    }
}
