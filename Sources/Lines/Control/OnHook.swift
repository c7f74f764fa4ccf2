// SPDX-License-Identifier: Apache-2.0

import CLineCard
import Telephony

/// Puts the hardware of lines on-hook, and bells and lamps off, whose owner is gone: drivers, relays and modems keep what they were
/// told last when a process is killed, and a landline that stays taken is of no use to anybody. For a process of its own that
/// the service manager runs (`partylined --on-hook`); takes at most some seconds, touches no sound card.
package enum OnHook {
    package struct Outcome: Sendable, Hashable {
        package var line: String
        /// Nil: done.
        package var trouble: String?
        /// The device is not there: then there is nothing to be put on-hook.
        package var isAbsent = false
        /// It is there, and may still hold its line.
        package var disobeys: Bool { trouble != nil && !isAbsent }
    }

    /// The lines of the settings, and telephones that became lines by being plugged in.
    package static func put(_ lines: [LineDescription], plug: PlugOptions?) -> [Outcome] {
        line_card_prepare_process()
        let units = plug.map { DeviceTree(root: $0.system, nodes: $0.nodes).units() } ?? []
        let plugged = plug?.isOn == true ? units : []
        let own = lines.compactMap { line -> Outcome? in
            // Those of the dead process's own card went with it.
            guard !line.pcm.hasPrefix(VirtualCard.device(of: "")), let profile = LineProfiles.named(line.preset) else {
                return nil
            }
            return put(line, profile, units)
        }
        return own
            + plugged.compactMap { unit in
                guard !lines.contains(where: { $0.claims(unit) }), let profile = LineProfiles.recognising(unit) else {
                    return nil
                }
                var line = LineDescription(name: unit.product, preset: profile.name, pcm: "", ctl: "")
                line.match = USBMatch(id: unit.id, serial: nil, port: unit.port)
                return put(line, profile, units)
            }
    }

    private static func put(_ line: LineDescription, _ profile: LineProfile, _ units: [PluggedUnit]) -> Outcome {
        do throws(LineError) {
            let hardware = try LineHardware(line, profile: profile, units: units, isVirtualTime: false)
            if let putOnHook = profile.putOnHook {
                try putOnHook(hardware)
            } else {
                // Each part's beginning and end is to be at rest.
                _ = try profile.parts(hardware)
            }
            return Outcome(line: line.name, trouble: nil)
        } catch {
            return Outcome(line: line.name, trouble: error.description, isAbsent: error.isAbsence)
        }
    }
}
