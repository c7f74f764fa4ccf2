// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import Glibc
import Lines
import PartylineTestKit
import Synchronization

/// A landline interface on GPIO lines between a virtual line (its audio, and the exchange at its other end) and a daemon that is
/// started with `environment`: the hook relay's level is a file, ring detector, loop current and line voltage (low: some
/// telephone has the line, this one or another) are edges in FIFOs. On a task of its own, every 5 ms.
final class GPIOBench: Sendable {
    let folder: String
    private let library: String
    private let line: VirtualLine
    private let ring: Int32
    private let loop: Int32
    private let voltage: Int32
    private let other = OtherPhone()
    private let clock: Task<Void, Never>

    private final class OtherPhone: Sendable { let isLifted = Mutex(false) }

    struct Fault: Error, CustomStringConvertible { var description: String }

    /// Needs a C compiler, as the whole build does.
    /// `isDead`: no loop current ever flows.
    init(_ line: VirtualLine, isDead: Bool = false) throws {
        let folder = NSTemporaryDirectory() + "partyline-gpio-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let library = folder + "/gpiochip.so"
        let source = House.shipped.appendingPathComponent("../../Tests/Lab/gpiochip.c").standardizedFileURL.path
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/cc")
        compiler.arguments = ["-O2", "-shared", "-fPIC", "-o", library, source]
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw Fault(description: "\(source) can not be compiled") }
        mkfifo(folder + "/fxo-ri", 0o600)
        mkfifo(folder + "/fxo-lcs", 0o600)
        let ring = open(folder + "/fxo-ri", O_RDWR | O_NONBLOCK)
        let loop = open(folder + "/fxo-lcs", O_RDWR | O_NONBLOCK)
        mkfifo(folder + "/fxo-liu", 0o600)
        let voltage = open(folder + "/fxo-liu", O_RDWR | O_NONBLOCK)
        (self.folder, self.library, self.line, self.ring, self.loop) = (folder, library, line, ring, loop)
        self.voltage = voltage
        let other = other
        clock = Task {
            var wasClosed = false
            var wasLow = false
            var toggle = 0
            var isHigh = false
            while !Task.isCancelled {
                line.isOffHook = Self.level(folder)
                // Both half periods of 25 Hz: an edge every 20 ms.
                if line.isRinging {
                    toggle += 1
                    if toggle % 4 == 0 {
                        isHigh.toggle()
                        Self.edge(ring, rises: isHigh)
                    }
                }
                let isClosed = line.isLoopClosed && !isDead
                if isClosed != wasClosed { Self.edge(loop, rises: isClosed) }
                wasClosed = isClosed
                let isLow = line.isOffHook || other.isLifted.withLock { $0 }
                if isLow != wasLow { Self.edge(voltage, rises: isLow) }
                wasLow = isLow
                try? await Task.sleep(nanoseconds: 5_000_000)
            }
        }
    }

    deinit {
        clock.cancel()
        close(ring)
        close(loop)
        close(voltage)
        try? FileManager.default.removeItem(atPath: folder)
    }

    func stop() { clock.cancel() }

    var environment: [String: String] { ["LD_PRELOAD": library, "GPIO_FOLDER": folder] }

    /// The hook relay is drawn.
    var isSeized: Bool { Self.level(folder) }

    /// Another telephone on the same pair.
    func liftOther(_ lifts: Bool) { other.isLifted.withLock { $0 = lifts } }

    private static func level(_ folder: String) -> Bool {
        FileManager.default.contents(atPath: folder + "/fxo-oh") == Data("1".utf8)
    }

    /// struct gpio_v2_line_event: time, edge (1 rising, 2 falling), line, two counters, padding.
    private static func edge(_ pipe: Int32, rises: Bool) {
        var event = [UInt32](repeating: 0, count: 12)
        let time = UInt64(partyline_now())
        event[0] = UInt32(truncatingIfNeeded: time)
        event[1] = UInt32(truncatingIfNeeded: time >> 32)
        event[2] = rises ? 1 : 2
        _ = write(pipe, event, 48)
    }
}
