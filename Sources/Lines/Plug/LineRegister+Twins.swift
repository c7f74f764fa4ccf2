// SPDX-License-Identifier: Apache-2.0
// USB 2.0, 9.6.1: a serial number is optional, and cheap devices all have the same one.

extension LineRegister {
    /// Who is who among the telephones that are plugged in.
    struct Roll {
        /// Those that have no line yet, with the key they will be known by.
        var strangers: [(unit: PluggedUnit, key: String)] = []
        /// Lines that are known by something else from now on: one whose twin has come, or a twin that was moved.
        var rekeyed: [Entry] = []
    }

    /// Compares what is plugged in with what is remembered.
    ///
    /// A telephone with a serial number of its own is known by that, wherever it is plugged in. As soon as a second one shows
    /// the same number, both are known by their ports, and the first one keeps its line. A twin that comes at another port is
    /// the one that is missing, if just one is.
    /// - Parameter isPhone: whether a unit may have a line of ours; the others only count as twins.
    mutating func callRoll(_ units: [PluggedUnit], isPhone: (PluggedUnit) -> Bool) -> Roll {
        var roll = Roll()
        let before = entries
        var groups: [String: [PluggedUnit]] = [:]
        for unit in units { groups["\(unit.id) serial \(unit.serial)", default: []].append(unit) }
        for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
            let phones = group.filter(isPhone).sorted { $0.port < $1.port }
            guard let first = phones.first else { continue }
            if first.serial.isEmpty {
                for unit in phones where !entries.contains(where: { $0.key == Self.portKey(unit) }) {
                    roll.strangers.append((unit, Self.portKey(unit)))
                }
            } else {
                callRoll(twins: phones, areAlone: group.count == 1, &roll)
            }
        }
        if entries != before { write() }
        return roll
    }

    /// Telephones of one kind with one serial number, mostly a single one.
    private mutating func callRoll(twins: [PluggedUnit], areAlone: Bool, _ roll: inout Roll) {
        let serialKey = Self.serialKey(twins[0])
        var free = entries.indices.filter { index in
            entries[index].key == serialKey
                || entries[index].match.id == twins[0].id && entries[index].serial == twins[0].serial
                || entries[index].serial == nil && twins.contains { entries[index].key == Self.portKey($0) }
        }
        let isKnown = !free.isEmpty
        var missing: [PluggedUnit] = []
        for unit in twins {
            let place = free.first { entries[$0].lastUnit?.port == unit.port }
            guard let place else {
                missing.append(unit)
                continue
            }
            free.removeAll { $0 == place }
            settle(place, unit, areAlone, &roll)
        }
        if free.count == 1, let unit = missing.first {
            missing.removeFirst()
            settle(free[0], unit, areAlone, &roll)
        }
        for unit in missing { roll.strangers.append((unit, areAlone && !isKnown ? serialKey : Self.portKey(unit))) }
    }

    /// The entry at `place` is that unit's.
    private mutating func settle(_ place: Int, _ unit: PluggedUnit, _ isAlone: Bool, _ roll: inout Roll) {
        entries[place].port = unit.port
        let isBySerial = entries[place].key == Self.serialKey(unit)
        guard !(isBySerial && isAlone), entries[place].key != Self.portKey(unit) else { return }
        entries[place].key = Self.portKey(unit)
        entries[place].serial = unit.serial
        roll.rekeyed.append(entries[place])
    }

    private static func portKey(_ unit: PluggedUnit) -> String { "\(unit.id) port \(unit.port)" }
    private static func serialKey(_ unit: PluggedUnit) -> String { "\(unit.id) serial \(unit.serial)" }
}
