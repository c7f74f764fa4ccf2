// SPDX-License-Identifier: Apache-2.0
// The controls of Linux's modem drivers (snd_hda_codec_si3054, and MC'97 by snd_ac97_codec): "Off-hook Switch", "Caller ID Switch".
import Telephony

/// Has a soft modem (or whatever has that control) pass the audio of its line while that is on-hook, so that the bell and who calls are heard: on while the line is
/// on-hook, off while it is taken and when nobody listens any more (the driver keeps the switch as it was when a program dies).
/// Used on the `lines` thread only.
final class OnHookAudio: LineTransport {
    private let controls: LineControls?
    private let device: String

    static let name = "Caller ID Switch"

    init(device: String) {
        self.device = device
        // In the place of the bell, which is what is written.
        controls = try? LineControls(device: device, hookName: Self.name, ringName: Self.name)
        controls?.setRinging(true)
    }

    deinit { controls?.setRinging(false) }

    var descriptors: [Int32] { controls?.descriptors ?? [] }
    var warnings: [String] {
        controls == nil
            ? [
                "no control \"\(Self.name)\" (\"amixer -D \(device) controls\"): calls are heard only where the driver passes the audio of a "
                    + "line that is on-hook"
            ] : []
    }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        _ = try controls?.readEvents()
        return []
    }

    func perform(_ order: LineOrder, now: Int64) {
        if case .seize(let takes) = order { controls?.setRinging(!takes) }
    }
}
