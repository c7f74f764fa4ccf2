// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import Telephony

/// A landline interface on GPIO lines: hook relay out; ring detector, loop current, polarity and other phones in. The relay is released
/// when the line is opened and when this object goes. `lines` thread.
final class GPIOLandlineTransport: LineTransport {
    private let seize: GPIOLine
    private let ring: GPIOLine?
    private let loop: GPIOLine?
    private let polarity: GPIOLine?
    private let inUse: GPIOLine?
    private var bursts = RingEdges()
    private var relay = HookRelay()
    private var others: InUseSense
    /// When the loop is looked at that may have been closed before the line was taken.
    private var loopCheck: Int64?
    private static let loopCheckMilliseconds: Int64 = 500

    init(_ lines: GPIOLines) throws(LineError) {
        guard let name = lines.seize else {
            throw LineError(
                code: EINVAL, device: "GPIO", stage: "take the line", remedy: "write gpio_seize = \"NAME\"")
        }
        seize = try GPIOLine(name, .output(initially: false))
        ring = try lines.ring.map { name throws(LineError) in try GPIOLine(name, .input(debounceMicroseconds: 500)) }
        loop = try lines.loop.map { name throws(LineError) in try GPIOLine(name, .input(debounceMicroseconds: 5_000)) }
        polarity = try lines.polarity.map { name throws(LineError) in
            try GPIOLine(name, .input(debounceMicroseconds: 5_000))
        }
        inUse = try lines.inUse.map { name throws(LineError) in
            try GPIOLine(name, .input(debounceMicroseconds: 5_000))
        }
        others = InUseSense(isOn: inUse?.isOn ?? false)
    }

    deinit { seize.set(false) }

    var descriptors: [Int32] { [ring, loop, polarity, inUse].compactMap { $0?.descriptor } }
    var deadline: Int64? {
        [bursts.deadline, relay.deadline, loopCheck, inUse == nil ? nil : others.deadline].compactMap { $0 }.min()
    }
    var sensesLoop: Bool { loop != nil }
    var tellsOfRings: Bool { ring != nil }
    var warnings: [String] {
        (ring == nil ? ["gpio_ring is not set: incoming calls are heard in the audio only"] : [])
            + (loop == nil ? ["gpio_loop is not set: the far end's hanging up is heard in the audio only"] : [])
            + (inUse == nil ? ["gpio_in_use is not set: another phone on this line is noticed by voices only"] : [])
    }

    /// Another phone is.
    func isOffHook() throws(LineError) -> Bool? { inUse == nil ? nil : others.isOn }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        var signals: [LineSignal] = []
        for edge in try ring?.edges() ?? [] {
            // Our own pulses and the bounce of the relay are no ring.
            guard !relay.isSeized else { continue }
            if let rings = bursts.edge(rises: edge.rises != 0, at: edge.time_ns / 1_000_000) {
                signals.append(.ring(rings))
            }
        }
        for edge in try loop?.edges() ?? [] where relay.isSeized && !relay.isInBreak {
            signals.append(.loop(isClosed: edge.rises != 0))
        }
        for edge in try polarity?.edges() ?? [] where relay.isSeized && !relay.isInBreak {
            signals.append(.polarity(isReversed: edge.rises != 0))
        }
        if let edge = try inUse?.edges().last { others.see(edge.rises != 0, now: now) }
        return signals
    }

    func expire(now: Int64) throws(LineError) -> [LineSignal] {
        if relay.expire(now: now) { seize.set(true) }
        var signals: [LineSignal] = bursts.expire(now: now).map { [.ring($0)] } ?? []
        if let check = loopCheck, now >= check {
            loopCheck = nil
            if loop?.isOn == true { signals.append(.loop(isClosed: true)) }
        }
        if inUse != nil, let isInUse = others.expire(now: now) { signals.append(.lineInUse(isInUse)) }
        return signals
    }

    func perform(_ order: LineOrder, now: Int64) {
        switch order {
        case .seize(let takes):
            bursts = RingEdges()
            loopCheck = takes && sensesLoop ? now &+ Self.loopCheckMilliseconds : nil
            others.seize(takes, now: now)
            seize.set(relay.seize(takes))
        case .flash(let milliseconds):
            guard relay.flash(milliseconds: milliseconds, now: now) else { return }
            others.flash(milliseconds: milliseconds, now: now)
            seize.set(false)
        case .bell, .lamp, .display: break
        }
    }
}
