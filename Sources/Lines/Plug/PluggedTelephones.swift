// SPDX-License-Identifier: Apache-2.0

/// The telephones that are plugged in now and would become lines by themselves, for whoever wants to know before the exchange
/// runs. Any thread; some milliseconds.
package enum PluggedTelephones {
    /// One a telephone, in the order of their ports: "0b0e:0420 Jabra SPEAK 410 (hid-phone), USB port 1-1.2".
    /// - Parameters: where the kernel shows its devices.
    package static func words(system: String = "/sys", nodes: String = "/dev") -> [String] {
        DeviceTree(root: system, nodes: nodes).units().compactMap { unit in
            LineProfiles.recognising(unit).map { profile in
                let name = unit.product.isEmpty ? "" : " " + unit.product
                return "\(unit.id)\(name) (\(profile.name)), USB port \(unit.port)"
            }
        }
    }
}
