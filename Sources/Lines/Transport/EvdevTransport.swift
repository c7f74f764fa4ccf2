// SPDX-License-Identifier: Apache-2.0
// Linux input subsystem (Documentation/input/input.rst).
import CLinux
import Glibc
import Telephony

/// A telephone that the kernel shows as a keyboard (drivers cm109, yealink): grabbed, so that it never types into a console.
final class EvdevTransport: LineTransport {
    private let file: DeviceFile
    private var keymap: InputKeymap
    private let bell: Bell
    private let display: YealinkDisplay?
    private var bellIsOn = false
    private var bellChanged: Int64?
    private var bellWanted = false

    private enum Bell {
        case none
        /// EV_SND.
        case sound
        /// The folder of the driver yealink's attributes.
        case icons(String)
    }

    static let listing = "cat /proc/bus/input/devices"
    /// The driver cm109 submits a transfer twice when the buzzer is switched while keys are scanned, so seldom is better.
    private static let bellPauseMilliseconds: Int64 = 400

    init(path: String) throws(LineError) {
        file = try DeviceFile(path, listing: Self.listing)
        let grabbed = partyline_input_grab(file.descriptor)
        guard grabbed >= 0 else { throw .device(grabbed, path, stage: "take it for itself", listing: Self.listing) }
        let hasHook = partyline_input_has(file.descriptor, InputKeymap.keyEvent, InputKeymap.phone) == 1
        keymap = InputKeymap(hasHookSwitch: hasHook)
        let node = path.split(separator: "/").last.map(String.init) ?? ""
        let icons = "/sys/class/input/\(node)/device/device"
        display = YealinkDisplay(folder: icons)
        if partyline_input_has(file.descriptor, InputKeymap.soundEvent, InputKeymap.bell) == 1 {
            bell = .sound
        } else {
            // Whether they are ours to write only counts when they are written: udev gives them away after the node.
            bell = access(icons + "/show_icon", F_OK) == 0 ? .icons(icons) : .none
        }
    }

    var descriptors: [Int32] { [file.descriptor] }
    var warnings: [String] {
        switch bell {
        case .none: ["this telephone has no buzzer that can be switched: nobody hears it called"]
        case .sound, .icons: []
        }
    }

    func isOffHook() throws(LineError) -> Bool? {
        guard keymap.hasHookSwitch else { return nil }
        return partyline_input_is_down(file.descriptor, InputKeymap.keyEvent, InputKeymap.phone) == 1
    }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        var events = [partyline_input](repeating: partyline_input(), count: 64)
        let count = partyline_input_read(file.descriptor, &events, Int32(events.count))
        guard count >= 0 else { throw .device(count, file.path, stage: "read from it", listing: Self.listing) }
        return events.prefix(Int(count)).compactMap { event in
            guard event.type == InputKeymap.keyEvent else { return nil }
            return keymap.take(code: event.code, value: event.value, now: now)
        }
    }

    // MARK: - Bell

    var deadline: Int64? {
        bellWanted == bellIsOn ? nil : bellChanged.map { $0 &+ Self.bellPauseMilliseconds } ?? 0
    }

    func expire(now: Int64) throws(LineError) -> [LineSignal] {
        switchBell(now: now)
        return []
    }

    func perform(_ order: LineOrder, now: Int64) {
        switch order {
        case .bell(let on):
            bellWanted = on
            switchBell(now: now)
        case .display(let number): display?.show(number)
        case .seize, .flash, .lamp: break
        }
    }

    private func switchBell(now: Int64) {
        guard bellWanted != bellIsOn else { return }
        if let bellChanged, now &- bellChanged < Self.bellPauseMilliseconds { return }
        bellIsOn = bellWanted
        bellChanged = now
        switch bell {
        case .none: break
        case .sound:
            _ = partyline_input_write(file.descriptor, InputKeymap.soundEvent, InputKeymap.bell, bellIsOn ? 1 : 0)
        case .icons(let folder):
            YealinkDisplay.write("RINGTONE", to: folder + (bellIsOn ? "/show_icon" : "/hide_icon"))
        }
    }
}
