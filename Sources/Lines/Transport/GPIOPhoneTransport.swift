// SPDX-License-Identifier: Apache-2.0
// Silvertel Ag1171 data sheet: SHK tells off-hook; RM high and F/R toggled at the ringing frequency rings.

import CLinux
import Glibc
import Telephony

/// A telephone on a line module: hook in, ringing mode and reversal out. The bell stops within one half period of the ringing
/// frequency when the handset is lifted (ring trip), whatever the station does.
final class GPIOPhoneTransport: LineTransport {
    private let hook: GPIOLine
    private let ringMode: GPIOLine?
    private let reverse: GPIOLine?
    private let halfPeriodMilliseconds: Int64
    private var isOn: Bool
    private var toggle: Int64?
    private var isReversed = false

    init(_ lines: GPIOLines) throws(LineError) {
        guard let hookName = lines.hook else {
            throw LineError(
                code: EINVAL, device: "GPIO", stage: "sense the hook", remedy: "write gpio_hook = \"NAME\"")
        }
        // Shorter than a dial pulse.
        hook = try GPIOLine(hookName, .input(debounceMicroseconds: 5_000))
        ringMode = try lines.ringMode.map { name throws(LineError) in try GPIOLine(name, .output(initially: false)) }
        reverse = try lines.reverse.map { name throws(LineError) in try GPIOLine(name, .output(initially: true)) }
        halfPeriodMilliseconds = Int64(500 / max(15, min(68, lines.ringHertz)))
        isOn = hook.isOn
    }

    deinit {
        ringMode?.set(false)
        reverse?.set(true)
    }

    var descriptors: [Int32] { [hook.descriptor] }
    var deadline: Int64? { toggle }
    var warnings: [String] {
        ringMode == nil ? ["gpio_ring_mode is not set: nobody hears this telephone called"] : []
    }
    func isOffHook() throws(LineError) -> Bool? { isOn }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        // All edges, so that dial pulses that came together are not lost.
        try hook.edges().compactMap { edge in
            isOn = edge.rises != 0
            if isOn { silence() }
            return .hook(isOffHook: isOn)
        }
    }

    func expire(now: Int64) throws(LineError) -> [LineSignal] {
        guard let toggle, now >= toggle else { return [] }
        self.toggle = now &+ halfPeriodMilliseconds
        isReversed.toggle()
        reverse?.set(!isReversed)
        return []
    }

    func perform(_ order: LineOrder, now: Int64) {
        guard case .bell(let on) = order else { return }
        guard on, !isOn, ringMode != nil else { return silence() }
        ringMode?.set(true)
        toggle = now
    }

    private func silence() {
        toggle = nil
        isReversed = false
        ringMode?.set(false)
        reverse?.set(true)
    }
}
