// SPDX-License-Identifier: Apache-2.0

/// Lines of the preset sip-gw: what is written in one file is a telephone that registers, and a trunk that does not.
extension Loading {
    private static let gatewayKeys: Set<String> = [
        "name", "preset", "host", "password", "password_file", "landline_port", "ping_seconds", "extension",
    ]

    /// Takes them out of the lines and puts their sockets to the phones and trunks.
    mutating func readGateways(_ folder: borrowing ConfigurationFolder) {
        for index in settings.lines.indices where settings.lines[index].preset == LineSettings.gateway {
            let (line, place) = (settings.lines[index], places.lines[index])
            for key in place.keys.keys.sorted() where !Self.gatewayKeys.contains(key) {
                note(place.place(key)) {
                    $0.warning($1, "\(key) means nothing in a line of preset sip-gw", "leave it out")
                }
            }
            guard let host = line.host, let block = try? AddressBlock(host) else {
                // One that is there and does not fit was told already.
                if place.keys["host"] == nil {
                    note(place.place("preset")) {
                        $0.error(
                            $1, "the key host is missing in a line of preset sip-gw",
                            "write the gateway's fixed address, such as host = \"192.168.1.30\"")
                    }
                }
                continue
            }
            let hasPhone = line.extension != nil || line.password != nil || line.passwordFile != nil
            guard hasPhone || line.landlinePort != nil else {
                note(place.place("preset")) {
                    $0.error(
                        $1, "this gateway has neither a telephone nor a landline",
                        "write extension and password for the telephone, landline_port = 5062 for the landline, or both"
                    )
                }
                continue
            }
            if hasPhone { addPhone(line, from: block, place, folder) }
            if let port = line.landlinePort { addTrunk(line, host: host, port: port, place) }
        }
        for index in settings.lines.indices.reversed() where settings.lines[index].preset == LineSettings.gateway {
            settings.lines.remove(at: index)
            settings.linePlaces.remove(at: index)
            settings.lineKeyPlaces.remove(at: index)
            places.lines.remove(at: index)
        }
    }

    private mutating func addPhone(
        _ line: LineSettings, from block: AddressBlock, _ place: SettingPlaces.Keys,
        _ folder: borrowing ConfigurationFolder
    ) {
        var phone = PhoneSettings()
        phone.name = line.name
        phone.extension = line.extension
        phone.password = line.password
        phone.passwordFile = line.passwordFile
        phone.from = [block]
        phone.maxContacts = 1
        phone.isGateway = true
        readPassword(&phone, place, folder)
        settings.phones.append(phone)
        places.phones.append(place)
    }

    private mutating func addTrunk(_ line: LineSettings, host: String, port: Int, _ place: SettingPlaces.Keys) {
        var trunk = TrunkSettings()
        trunk.name = line.name
        trunk.server = host
        trunk.port = port
        trunk.user = line.name + "-landline"
        trunk.registers = false
        trunk.pingSeconds = line.pingSeconds
        trunk.maxCalls = 1
        // A landline comes before the providers.
        trunk.order = 0
        trunk.isGateway = true
        settings.trunks.append(trunk)
        places.trunks.append(place)
    }
}
