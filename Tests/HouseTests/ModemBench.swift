// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lines
import PartylineTestKit
import Telephony

/// A fake voice modem that runs by the machine's clock, on a thread of its own. Any thread.
final class ModemBench: @unchecked Sendable {
    // Guarded by `lock`.
    private let modem: FakeModem
    private let lock = NSLock()
    private var queue: [Int16] = []
    private var isStopping = false
    private var worst: Int64 = 0
    let path: String

    init(_ maker: FakeModem.Maker) throws {
        modem = try FakeModem(maker)
        path = modem.path
        modem.line = { [unowned self] _ in
            let piece = Array(self.queue.prefix(160))
            self.queue.removeFirst(piece.count)
            return piece + [Int16](repeating: 0, count: 160 - piece.count)
        }
        let thread = Thread { [weak self] in
            var due = MonotonicClock.now
            while let self, self.step(due) {
                due += 20_000_000
                let wait = due - MonotonicClock.now
                if wait > 0 { usleep(UInt32(wait / 1000)) }
            }
        }
        thread.start()
    }

    private func step(_ due: Int64) -> Bool {
        locked {
            worst = max(worst, MonotonicClock.now - due)
            modem.step()
            return !isStopping
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }

    func stop() { locked { isStopping = true } }

    /// How late its own thread was at worst, in ms.
    var lateness: Int64 { locked { worst / 1_000_000 } }
    var commands: [String] { locked { modem.commands } }
    var isOffHook: Bool { locked { modem.isOffHook } }
    var isDuplex: Bool { locked { modem.isDuplex } }
    var spoken: [Int16] { locked { modem.spoken } }
    var starvation: (underruns: Int, overruns: Int) { locked { (modem.underruns, modem.overruns) } }

    func ring(number: String, name: String? = nil) { locked { modem.ring(number: number, name: name) } }
    /// Who calls as the network has sent it, in hexadecimal.
    func ring(message: String) { locked { modem.ring(message: message) } }
    func tell(_ code: Character) { locked { modem.tell(code) } }
    /// The line says this next.
    func say(_ samples: [Int16]) { locked { queue += samples } }
    func fallSilent() { locked { queue = [] } }

    /// It ends the call by itself; see `FakeModem.endCall`.
    func endCall(code: Bool, _ result: String) { locked { modem.endCall(code: code, result) } }

    /// It stops sending, or taking, what a call is made of; and recovers, on-hook.
    func stall(sends: Bool = true, takes: Bool = true) {
        locked {
            modem.isMute = !sends
            modem.takesNothing = !takes
        }
    }

    /// The code that ends its duplex mode, whatever its maker has.
    func end(by code: UInt8) { locked { modem.ending = code } }

    /// From now on the modem answers these with ERROR.
    func refuse(_ commands: String...) { locked { modem.refuses = Set(commands) } }

    /// The caller presses keys; the modem hears them as well and tells, as they do; some keep the tones to themselves, some tell
    /// nothing.
    func press(_ keys: String, tones: Bool = true, codes: Bool = true) async {
        for key in keys {
            guard let digit = DTMFDigit(key) else { continue }
            locked {
                if tones {
                    queue += HandsetSignals.dtmf(digit, milliseconds: 100, pauseMilliseconds: 100, sampleRate: 8_000)
                }
                guard codes else { return }
                modem.tell("/")
                modem.tell(key)
            }
            try? await Task.sleep(nanoseconds: 110_000_000)
            if codes { tell("~") }
            try? await Task.sleep(nanoseconds: 110_000_000)
        }
    }
}
