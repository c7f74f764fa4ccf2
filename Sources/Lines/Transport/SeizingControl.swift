// SPDX-License-Identifier: Apache-2.0
import Telephony

/// A mixer control that takes the line, and dials by pulses. It is let go when the line is opened and when this object goes:
/// the driver keeps the switch as it was when a program dies. It tells of nothing: the switch says what we have told it.
final class SeizingControl: LineTransport {
    private let controls: LineControls
    private var relay = HookRelay()

    /// `controls` with the switch in the place of the bell, which is what is written.
    init(_ controls: LineControls) {
        self.controls = controls
        controls.setRinging(false)
    }

    deinit { controls.setRinging(false) }

    var descriptors: [Int32] { controls.descriptors }
    var deadline: Int64? { relay.deadline }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        // The events are those of our own writing: the switch says nothing of the loop.
        _ = try controls.readEvents()
        return []
    }

    func expire(now: Int64) throws(LineError) -> [LineSignal] {
        if relay.expire(now: now) { controls.setRinging(true) }
        return []
    }

    func perform(_ order: LineOrder, now: Int64) {
        switch order {
        case .seize(let takes): controls.setRinging(relay.seize(takes))
        case .flash(let milliseconds):
            if relay.flash(milliseconds: milliseconds, now: now) { controls.setRinging(false) }
        case .bell, .lamp, .display: break
        }
    }
}
