// SPDX-License-Identifier: Apache-2.0
import CALSA
import Glibc
import Telephony

/// A landline's hook and what it tells, as mixer controls: the hook is ours to set; ring, loop current, polarity and "line in
/// use" are read where they are there. Used on the `lines` thread only.
final class LandlineControls: LineTransport {
    private enum Sense: CaseIterable {
        case ring
        case loop
        case polarity
        case inUse
    }

    private let device: String
    private let handle: OpaquePointer
    private let seize: OpaquePointer
    private var senses: [(sense: Sense, name: String, value: OpaquePointer, last: Bool)] = []
    private(set) var descriptors: [Int32] = []
    private var relay = HookRelay()
    /// When the loop is looked at that may have been closed before the line was taken.
    private var loopCheck: Int64?
    private static let loopCheckMilliseconds: Int64 = 500

    init(device: String, seizeName: String, ringName: String) throws(LineError) {
        var opened: OpaquePointer?
        let result = snd_ctl_open(&opened, device, SND_CTL_NONBLOCK)
        guard result >= 0, let opened else {
            throw .alsa(result, device: device, stage: "open its controls", list: "aplay -l")
        }
        guard let seize = Self.find(seizeName, in: opened) else {
            snd_ctl_close(opened)
            throw LineError(
                code: ENOTSUP, device: device, stage: "find the control \"\(seizeName)\"",
                remedy: "\"amixer -D \(device) controls\" lists them; set off_hook_control to the right one")
        }
        self.device = device
        handle = opened
        self.seize = seize
        let names: [(Sense, String)] = [
            (.ring, ringName), (.loop, "Loop Current Switch"), (.polarity, "Polarity Reversed Switch"),
            (.inUse, "Line In Use Switch"),
        ]
        for (sense, name) in names {
            guard let value = Self.find(name, in: opened) else { continue }
            senses.append((sense, name, value, snd_ctl_elem_value_get_boolean(value, 0) != 0))
        }
        _ = snd_ctl_subscribe_events(handle, 1)
        let count = max(0, min(16, Int(snd_ctl_poll_descriptors_count(handle))))
        var polls = [pollfd](repeating: pollfd(), count: count)
        let filled = snd_ctl_poll_descriptors(handle, &polls, UInt32(count))
        descriptors = polls.prefix(max(0, Int(filled))).map(\.fd)
        set(false)
    }

    deinit {
        set(false)
        for sense in senses { snd_ctl_elem_value_free(sense.value) }
        snd_ctl_elem_value_free(seize)
        snd_ctl_close(handle)
    }

    var deadline: Int64? { [relay.deadline, loopCheck].compactMap { $0 }.min() }
    var sensesLoop: Bool { senses.contains { $0.sense == .loop } }
    var tellsOfRings: Bool { senses.contains { $0.sense == .ring } }
    var warnings: [String] {
        tellsOfRings
            ? []
            : [
                "no control tells of the bell, which is heard in the audio only: set ring_control (\"amixer -D \(device) "
                    + "controls\" lists them)"
            ]
    }

    /// Somebody else is.
    func isOffHook() throws(LineError) -> Bool? { senses.first { $0.sense == .inUse }?.last ?? false }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        var event: OpaquePointer?
        guard snd_ctl_event_malloc(&event) >= 0, let event else { return [] }
        defer { snd_ctl_event_free(event) }
        var isChanged = false
        for _ in 0..<256 {
            let result = snd_ctl_read(handle, event)
            if result == 0 || result == -EAGAIN { break }
            guard result > 0 else { throw .alsa(result, device: device, stage: "read its events", list: "aplay -l") }
            isChanged = true
        }
        return isChanged ? try changes() : []
    }

    private func changes() throws(LineError) -> [LineSignal] {
        var signals: [LineSignal] = []
        for index in senses.indices {
            let result = snd_ctl_elem_read(handle, senses[index].value)
            guard result >= 0 else {
                throw .alsa(result, device: device, stage: "read \"\(senses[index].name)\"", list: "aplay -l")
            }
            let isOn = snd_ctl_elem_value_get_boolean(senses[index].value, 0) != 0
            guard isOn != senses[index].last else { continue }
            senses[index].last = isOn
            switch senses[index].sense {
            case .ring: signals.append(.ring(isOn))
            // In a break of our own they tell of that.
            case .loop where relay.isInBreak, .polarity where relay.isInBreak: break
            case .loop: signals.append(.loop(isClosed: isOn))
            case .polarity: signals.append(.polarity(isReversed: isOn))
            case .inUse: signals.append(.lineInUse(isOn))
            }
        }
        return signals
    }

    func expire(now: Int64) throws(LineError) -> [LineSignal] {
        if relay.expire(now: now) { set(true) }
        guard let check = loopCheck, now >= check else { return [] }
        loopCheck = nil
        return senses.contains { $0.sense == .loop && $0.last } ? [.loop(isClosed: true)] : []
    }

    func perform(_ order: LineOrder, now: Int64) {
        switch order {
        case .seize(let takes):
            loopCheck = takes && sensesLoop ? now &+ Self.loopCheckMilliseconds : nil
            set(relay.seize(takes))
        case .flash(let milliseconds):
            if relay.flash(milliseconds: milliseconds, now: now) { set(false) }
        case .bell, .lamp, .display: break
        }
    }

    private func set(_ isOn: Bool) {
        snd_ctl_elem_value_set_boolean(seize, 0, isOn ? 1 : 0)
        _ = snd_ctl_elem_write(handle, seize)
    }

    /// A value that is ready to be read and written, or nil: no such control.
    private static func find(_ name: String, in handle: OpaquePointer) -> OpaquePointer? {
        var value: OpaquePointer?
        // alsa-lib ends the process when asked for a control without a name.
        guard !name.isEmpty, snd_ctl_elem_value_malloc(&value) >= 0, let value else { return nil }
        for interface in [SND_CTL_ELEM_IFACE_MIXER, SND_CTL_ELEM_IFACE_CARD] {
            snd_ctl_elem_value_set_interface(value, interface)
            snd_ctl_elem_value_set_name(value, name)
            if snd_ctl_elem_read(handle, value) >= 0 { return value }
        }
        snd_ctl_elem_value_free(value)
        return nil
    }
}
