// SPDX-License-Identifier: Apache-2.0
import Telephony

/// A mixer control that takes the line. It is let go when the line is opened and when this object goes: the driver keeps
/// the switch as it was when a program dies.
final class SeizingControl: LineTransport {
    private let controls: LineControls

    /// `controls` with the switch in the place of the bell, which is what is written.
    init(_ controls: LineControls) {
        self.controls = controls
        controls.setRinging(false)
    }

    deinit { controls.setRinging(false) }

    var descriptors: [Int32] { controls.descriptors }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        // The events are those of our own writing: the switch says nothing of the loop.
        _ = try controls.readEvents()
        return []
    }

    func perform(_ order: LineOrder, now: Int64) {
        if case .seize(let takes) = order { controls.setRinging(takes) }
    }
}
