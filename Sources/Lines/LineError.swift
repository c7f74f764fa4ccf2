// SPDX-License-Identifier: Apache-2.0
import CALSA

/// What is wrong with a line's device (a card of ALSA, a node of /dev, a GPIO line): what could not be done, to which device, and what to do about it.
package struct LineError: Error, Hashable, CustomStringConvertible {
    /// A positive errno; of ALSA where that tells it.
    package var code: Int32
    /// As messages call it: "hw:1", "/dev/hidraw0", "GPIO line slic-shk".
    package var device: String
    private var isOfALSA = false
    /// "open it for capture", "find the control \"Ring Switch\"", …
    package var stage: String
    package var remedy: String

    package init(code: Int32, device: String, stage: String, remedy: String) {
        self.code = code
        self.device = device
        self.stage = stage
        self.remedy = remedy
    }

    /// There is no such device: nothing that could be in a wrong state.
    package var isAbsence: Bool { [ENOENT, ENODEV, ENXIO].contains(code) }

    package var description: String {
        let reason = snd_strerror(-code).map { String(cString: $0) } ?? "error \(code)"
        let what = isOfALSA ? "ALSA device \"\(device)\"" : device
        return "\(what): cannot \(stage) (\(reason)); \(remedy)"
    }

    /// With the remedy that fits the errno.
    static func alsa(_ result: Int32, device: String, stage: String, list: String) -> LineError {
        let code = 0 &- result
        let remedy =
            switch code {
            case ENOENT, ENODEV, ENXIO: "is it plugged in, and the name right? \"\(list)\" lists what there is"
            case EBUSY: "another program uses it: find it with \"fuser -v /dev/snd/*\" and end it"
            case EACCES, EPERM: "add the daemon's user to the group \"audio\""
            case EINVAL: "the device cannot do this: try \"plughw:\" in place of \"hw:\""
            default: "see the kernel's messages (dmesg)"
            }
        var error = LineError(code: code, device: device, stage: stage, remedy: remedy)
        error.isOfALSA = true
        return error
    }
}
