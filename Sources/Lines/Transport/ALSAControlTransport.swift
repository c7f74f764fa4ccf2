// SPDX-License-Identifier: Apache-2.0
import Telephony

/// Hook switch and bell of a telephone (or the seizing switch of a modem) as mixer controls.
final class ALSAControlTransport: LineTransport {
    private let controls: LineControls

    init(_ controls: LineControls) {
        self.controls = controls
        controls.setRinging(false)
    }

    var descriptors: [Int32] { controls.descriptors }
    var warnings: [String] {
        controls.hasBell
            ? [] : ["no control for the bell: \"amixer -D \(controls.device) controls\" lists them; set ring_control"]
    }

    func isOffHook() throws(LineError) -> Bool? { try controls.isOffHook() }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        try controls.readEvents() ? [.hook(isOffHook: controls.isOffHook())] : []
    }

    func perform(_ order: LineOrder, now: Int64) {
        if case .bell(let rings) = order { controls.setRinging(rings) }
    }
}
