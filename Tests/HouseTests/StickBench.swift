// SPDX-License-Identifier: Apache-2.0
// C-Media CM108/CM119 data sheets, HID section: 4 bytes in (buttons, GPIO), 4 bytes out behind the report's number.

import CLinux
import Foundation
import Glibc
import Lines
import PartylineTestKit
import Synchronization

/// A sound stick with a landline interface on its pins, between a virtual line (its audio, and the exchange at its other end) and a
/// daemon that has `path` as the HID node, which is a pseudo-terminal here: GPIO 3 is the hook relay, volume-down the ring detector,
/// volume-up the line's voltage (low: some telephone has the line, this one or another). On a task of its own, every 5 ms.
///
/// Unlike a HID node's, two reports that nobody has read yet come as one.
final class StickBench: Sendable {
    let path: String
    private let stick: Int32
    private let held: Int32
    private let pins = Pins()
    private let clock: Task<Void, Never>

    private final class Pins: Sendable {
        let isSeized = Mutex(false)
        let isOtherLifted = Mutex(false)
    }

    struct Fault: Error, CustomStringConvertible { var description: String }

    private static let volumeUp: UInt8 = 0x01
    private static let volumeDown: UInt8 = 0x02
    private static let relay: UInt8 = 0x04

    init(_ line: VirtualLine) throws {
        var name = [CChar](repeating: 0, count: 128)
        let stick = partyline_pty_open(&name, Int32(name.count))
        guard stick >= 0 else { throw Fault(description: "no pseudo-terminal: \(0 &- stick)") }
        let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Held open, so that the daemon may come and go; raw from the beginning.
        let held = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK)
        _ = partyline_serial_raw(held)
        (self.path, self.stick, self.held) = (path, stick, held)
        let pins = pins
        clock = Task {
            var orders: [UInt8] = []
            var buttons: UInt8 = 0
            var toggle = 0
            while !Task.isCancelled {
                Self.obey(stick, &orders, pins)
                let isSeized = pins.isSeized.withLock { $0 }
                line.isOffHook = isSeized
                var now = buttons & Self.volumeDown
                // Both half periods of 25 Hz: an edge every 20 ms.
                if line.isRinging {
                    toggle += 1
                    if toggle % 4 == 0 { now ^= Self.volumeDown }
                }
                if isSeized || pins.isOtherLifted.withLock({ $0 }) { now |= Self.volumeUp }
                if now != buttons {
                    let report: [UInt8] = [now, 0, 0, 0]
                    _ = write(stick, report, report.count)
                }
                buttons = now
                try? await Task.sleep(nanoseconds: 5_000_000)
            }
        }
    }

    deinit {
        clock.cancel()
        close(held)
        close(stick)
    }

    func stop() { clock.cancel() }

    /// The hook relay is drawn.
    var isSeized: Bool { pins.isSeized.withLock { $0 } }

    /// Another telephone on the same pair.
    func liftOther(_ lifts: Bool) { pins.isOtherLifted.withLock { $0 = lifts } }

    /// Output reports: number, 0, levels, directions (1: output), 0.
    private static func obey(_ stick: Int32, _ orders: inout [UInt8], _ pins: Pins) {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(stick, &bytes, bytes.count)
        if count > 0 { orders += bytes.prefix(count) }
        while orders.count >= 5 {
            let levels = orders[2] & orders[3]
            pins.isSeized.withLock { $0 = levels & relay != 0 }
            orders.removeFirst(5)
        }
    }
}
