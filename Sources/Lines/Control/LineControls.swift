// SPDX-License-Identifier: Apache-2.0
import CALSA
import Glibc

/// The mixer controls of a line: hook switch in, bell out. Used on the `lines` thread only.
final class LineControls {
    let device: String
    /// To be watched for reading; then call `readEvents`.
    private(set) var descriptors: [Int32] = []
    private let handle: OpaquePointer
    private let hookName: String
    private let hook: OpaquePointer
    private let ring: OpaquePointer?

    /// `ringName` may be missing on the card: then the line has no bell.
    init(device: String, hookName: String, ringName: String) throws(LineError) {
        var opened: OpaquePointer?
        let result = snd_ctl_open(&opened, device, SND_CTL_NONBLOCK)
        guard result >= 0, let opened else {
            throw .alsa(result, device: device, stage: "open its controls", list: "aplay -l")
        }
        guard let hook = Self.find(hookName, in: opened) else {
            snd_ctl_close(opened)
            throw LineError(
                code: ENOTSUP, device: device, stage: "find the control \"\(hookName)\"",
                remedy: "\"amixer -D \(device) controls\" lists them; set off_hook_control to the right one")
        }
        self.device = device
        self.hookName = hookName
        handle = opened
        self.hook = hook
        ring = Self.find(ringName, in: opened)
        _ = snd_ctl_subscribe_events(handle, 1)
        let count = max(0, min(16, Int(snd_ctl_poll_descriptors_count(handle))))
        var polls = [pollfd](repeating: pollfd(), count: count)
        let filled = snd_ctl_poll_descriptors(handle, &polls, UInt32(count))
        descriptors = polls.prefix(max(0, Int(filled))).map(\.fd)
    }

    deinit {
        snd_ctl_elem_value_free(hook)
        if let ring { snd_ctl_elem_value_free(ring) }
        snd_ctl_close(handle)
    }

    var hasBell: Bool { ring != nil }

    /// The hook switch now; throws when the device is gone.
    func isOffHook() throws(LineError) -> Bool {
        let result = snd_ctl_elem_read(handle, hook)
        guard result >= 0 else { throw .alsa(result, device: device, stage: "read \"\(hookName)\"", list: "aplay -l") }
        return snd_ctl_elem_value_get_boolean(hook, 0) != 0
    }

    func setRinging(_ rings: Bool) {
        guard let ring else { return }
        snd_ctl_elem_value_set_boolean(ring, 0, rings ? 1 : 0)
        _ = snd_ctl_elem_write(handle, ring)
    }

    /// Takes what has come in (256 events at most, then it is the others' turn). True: look at the hook switch again.
    func readEvents() throws(LineError) -> Bool {
        var event: OpaquePointer?
        guard snd_ctl_event_malloc(&event) >= 0, let event else { return true }
        defer { snd_ctl_event_free(event) }
        var concernsHook = false
        for _ in 0..<256 {
            let result = snd_ctl_read(handle, event)
            if result == 0 || result == -EAGAIN { break }
            guard result > 0 else { throw .alsa(result, device: device, stage: "read its events", list: "aplay -l") }
            guard snd_ctl_event_get_type(event) == SND_CTL_EVENT_ELEM, let name = snd_ctl_event_elem_get_name(event)
            else {
                continue
            }
            if String(cString: name) == hookName { concernsHook = true }
        }
        return concernsHook
    }

    /// A value that is ready to be read and written, or nil: no such control, as a mixer or a card control.
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
