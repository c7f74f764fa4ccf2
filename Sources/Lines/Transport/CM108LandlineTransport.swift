// SPDX-License-Identifier: Apache-2.0
// C-Media CM108/CM119 data sheets, HID section: 4 bytes in (buttons, GPIO), 4 bytes out behind the report's number.
import Telephony

/// A landline interface on the pins of a C-Media sound stick: GPIO 3 draws the hook relay, the ring detector is on volume-down,
/// a detector of other phones, where there is one, on volume-up (a pin that is left open is off). The relay is released when the line is opened and when this object goes. `lines` thread.
final class CM108LandlineTransport: LineTransport {
    private let file: DeviceFile
    private var bursts = RingEdges()
    private var wasHigh = false
    private var relay = HookRelay()
    private var others = InUseSense()

    private static let volumeUp: UInt8 = 0x01
    private static let volumeDown: UInt8 = 0x02
    /// GPIO 3.
    private static let relayPin: UInt8 = 0x04

    init(path: String) throws(LineError) {
        file = try DeviceFile(path, listing: HIDTransport.listing)
        draw(false)
    }

    deinit { draw(false) }

    var descriptors: [Int32] { [file.descriptor] }
    var tellsOfRings: Bool { true }
    var deadline: Int64? { [bursts.deadline, relay.deadline, others.deadline].compactMap { $0 }.min() }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        var signals: [LineSignal] = []
        for _ in 0..<64 {
            let report = try file.read(most: 64)
            guard !report.isEmpty else { break }
            guard let isHigh = Self.detects(in: report) else { continue }
            others.see(report[0] & Self.volumeUp != 0, now: now)
            guard isHigh != wasHigh else { continue }
            wasHigh = isHigh
            // Our own pulses and the bounce of the relay are no ring.
            guard !relay.isSeized, let rings = bursts.edge(rises: isHigh, at: now) else { continue }
            signals.append(.ring(rings))
        }
        return signals
    }

    func expire(now: Int64) throws(LineError) -> [LineSignal] {
        if relay.expire(now: now) { draw(true) }
        var signals: [LineSignal] = bursts.expire(now: now).map { [.ring($0)] } ?? []
        if let isInUse = others.expire(now: now) { signals.append(.lineInUse(isInUse)) }
        return signals
    }

    func perform(_ order: LineOrder, now: Int64) {
        switch order {
        case .seize(let takes):
            bursts = RingEdges()
            others.seize(takes, now: now)
            draw(relay.seize(takes))
        case .flash(let milliseconds):
            guard relay.flash(milliseconds: milliseconds, now: now) else { return }
            others.flash(milliseconds: milliseconds, now: now)
            draw(false)
        case .bell, .lamp, .display: break
        }
    }

    private func draw(_ isOn: Bool) { file.write(Self.output(seizes: isOn)) }

    static func detects(in report: [UInt8]) -> Bool? { report.count >= 4 ? report[0] & volumeDown != 0 : nil }

    /// Report number, 0, levels, directions (1: output), 0.
    static func output(seizes: Bool) -> [UInt8] { [0, 0, seizes ? relayPin : 0, relayPin, 0] }
}
