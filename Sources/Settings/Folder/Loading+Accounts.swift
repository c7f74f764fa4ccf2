// SPDX-License-Identifier: Apache-2.0

import Patterns

/// Files of accounts (phones.d, trunks.d): one account at the top of a file, or several as `[[phone]]`, `[[trunk]]`.
extension Loading {
    mutating func readPhones(_ folder: borrowing ConfigurationFolder) {
        var found: [PhoneSettings] = []
        readAccounts("phones.d", in: folder, into: &found, places: \.phones)
        for index in found.indices { readPassword(&found[index], places.phones[index], folder) }
        settings.phones = found
    }

    mutating func readTrunks(_ folder: borrowing ConfigurationFolder) {
        var found: [TrunkSettings] = []
        readAccounts("trunks.d", in: folder, into: &found, places: \.trunks)
        for index in found.indices {
            readPassword(&found[index], places.trunks[index], folder, isRequired: found[index].registers)
            guard let file = found[index].caFile else { continue }
            let place = places.trunks[index].place("ca_file")
            do throws(ConfigurationFolder.Fault) { try folder.probe(file) } catch {
                note(place) { $0.error($1, "\(file.quoted): \(error.what)", error.remedy) }
            }
        }
        settings.trunks = found
    }

    mutating func readAccounts<Account: NamedAccount>(
        _ name: String, in folder: borrowing ConfigurationFolder, into accounts: inout [Account],
        places: WritableKeyPath<SettingPlaces, [SettingPlaces.Keys]>
    ) {
        var found: [(Account, SettingPlaces.Keys)] = []
        forEachFile(of: name, in: folder) { loading, entries, name, file in
            var misfits = loading.report(on: file)
            defer { loading.keep(misfits) }
            if let list = entries.first(where: { $0.key == Account.noun }), entries.count == 1 {
                guard case .array(let tables) = list.value.content else {
                    misfits.error(
                        list.value.place, "\(list.value.words) does not fit here",
                        "write [[\(Account.noun)]] in two brackets")
                    return
                }
                for table in tables where !misfits.isFull {
                    if let account = Self.account(Account.self, table, "", file, &misfits) { found.append(account) }
                }
            } else if !entries.isEmpty {
                let table = TOMLValue(content: .table(entries), place: .start)
                if let account = Self.account(Account.self, table, name, file, &misfits) { found.append(account) }
            }
        }
        accounts += found.map(\.0)
        self.places[keyPath: places] += found.map(\.1)
    }

    private static func account<Account: NamedAccount>(
        _ type: Account.Type, _ table: TOMLValue, _ name: String, _ file: String, _ misfits: inout Misfits
    ) -> (Account, SettingPlaces.Keys)? {
        guard case .table(let entries) = table.content else {
            misfits.error(
                table.place, "\(table.words) is no \(Account.noun)", "write [[\(Account.noun)]] and its keys below")
            return nil
        }
        var account = Account(entries, at: table.place, in: "a \(Account.noun)", &misfits)
        if !entries.contains(where: { $0.key == "name" }) {
            account.name = name
            checkName(name, of: Account.noun, table.place, &misfits)
        }
        var keys: [String: Place] = [:]
        for entry in entries { keys[entry.key] = entry.value.place }
        return (account, SettingPlaces.Keys(file: file, whole: table.place, keys: keys))
    }

    /// The password out of its file.
    mutating func readPassword<Account: NamedAccount>(
        _ account: inout Account, _ place: SettingPlaces.Keys, _ folder: borrowing ConfigurationFolder,
        isRequired: Bool = true
    ) {
        guard let path = account.passwordFile else {
            if account.password == nil, isRequired {
                note(FilePlace(file: place.file, place: place.whole)) {
                    $0.error(
                        $1, "the \(Account.noun) \(account.name.quoted) has no password",
                        "write password = \"...\" or password_file = \"...\"")
                }
            }
            return
        }
        let at = place.place("password_file")
        guard account.password == nil else {
            return note(at) { $0.error($1, "there are a password and a password_file", "keep one of them") }
        }
        do throws(ConfigurationFolder.Fault) {
            let text = String(decoding: try folder.read(path), as: UTF8.self)
            let secret = text.hasSuffix("\n") ? String(text.dropLast()) : text
            guard !secret.utf8.contains(13) else {
                return note(at) {
                    $0.error(
                        $1, "the file \(path.quoted) has line ends of Windows", "save it with those of Unix: dos2unix")
                }
            }
            guard !secret.isEmpty, secret.utf8.count <= 120, secret.printable == secret else {
                return note(at) {
                    $0.error(
                        $1, "the file \(path.quoted) holds no password",
                        "put one line of up to 120 bytes into it, and nothing else")
                }
            }
            account.password = secret
        } catch {
            note(at) { $0.error($1, "\(path.quoted): \(error.what)", error.remedy) }
        }
    }

    /// The fence: collisions within the dialling plan, and what is hardly meant.
    mutating func checkOutside() {
        let outside = settings.outside
        if let prefix = outside.prefix, !outside.allow.isEmpty {
            for (index, line) in settings.lines.enumerated() where line.extension?.hasPrefix(prefix) ?? false {
                notePrefix(prefix, line.extension ?? "", places.lines[index].place("extension"))
            }
            for (index, phone) in settings.phones.enumerated() where phone.extension?.hasPrefix(prefix) ?? false {
                notePrefix(prefix, phone.extension ?? "", places.phones[index].place("extension"))
            }
        }
        for pattern in outside.allow where (try? pattern.matches("00999999999999")) == true {
            note(places.main("outside", "allow")) {
                $0.warning(
                    $1, "\(pattern.text.quoted) allows calls to any country",
                    "allow what is needed, such as '0[1-9][0-9]+'")
            }
        }
        if let code = outside.code, Set(code).count == 1 || "0123456789".contains(code) {
            note(places.main("outside", "code")) {
                $0.error($1, "the code \(code.quoted) is guessed at once", "write one that nobody guesses")
            }
        }
    }

    private mutating func notePrefix(_ prefix: String, _ number: String, _ place: FilePlace) {
        let line = places.main("outside", "prefix").place.line
        note(place) {
            $0.warning(
                $1, "\(number) begins with \(prefix), which leads outside (partyline.toml, line \(line))",
                "write another number")
        }
    }

    mutating func checkTrunks() {
        for (index, trunk) in settings.trunks.enumerated() {
            let place = places.trunks[index]
            if let former = settings.trunks[..<index].firstIndex(where: { $0.name == trunk.name }) {
                let file = places.trunks[former].file
                note(place.place("name")) {
                    $0.error(
                        $1, "name \(trunk.name.quoted) belongs to another trunk already (\(file))",
                        "write another name")
                }
            }
            if trunk.transport != "tls", trunk.caFile != nil || !trunk.verifyCertificate {
                note(place.place(trunk.caFile == nil ? "verify_certificate" : "ca_file")) {
                    $0.warning(
                        $1, "this means nothing without transport = \"tls\"", "set the transport, or leave it out")
                }
            }
            if !trunk.verifyCertificate {
                note(place.place("verify_certificate")) {
                    $0.warning($1, "anybody may pretend to be this provider", "leave it out, and give a ca_file")
                }
            }
            if trunk.externalAddress != nil, trunk.stun != nil {
                note(place.place("stun")) {
                    $0.error($1, "the external address is set and asked for as well", "keep one of them")
                }
            }
            let fits = settings.sip.listen.contains { address in
                trunk.transport == "tls" || address.transports.contains(trunk.transport == "tcp" ? .tcp : .udp)
            }
            if !fits {
                note(place.place("transport")) {
                    $0.error(
                        $1, "SIP is not spoken by \(trunk.transport) here", "add an address with it to [sip] listen")
                }
            }
        }
    }

    /// Names and numbers that only one can have.
    mutating func checkPhones() {
        let emergency = settings.emergencyNumbers
        var numbers: [String: FilePlace] = [:]
        for (index, line) in settings.lines.enumerated() {
            if let number = line.extension { numbers[number] = places.lines[index].place("extension") }
        }
        for (index, phone) in settings.phones.enumerated() {
            let place = places.phones[index]
            if let former = settings.phones[..<index].firstIndex(where: { $0.name == phone.name }) {
                let file = places.phones[former].file
                note(place.place("name")) {
                    $0.error(
                        $1, "name \(phone.name.quoted) belongs to another phone already (\(file))",
                        "write another name")
                }
            }
            if let secret = phone.password, secret.utf8.count < 8 {
                note(place.place("password")) {
                    $0.warning($1, "a password of \(secret.utf8.count) bytes is guessed soon", "write at least 12")
                }
            }
            if phone.srtp == "required", !settings.sip.srtpWithoutTLS,
                !settings.sip.listen.contains(where: { $0.transports.contains(.tls) })
            {
                note(place.place("srtp")) {
                    $0.warning(
                        $1, "this phone can not call: keys are taken over TLS only, and SIP is not spoken by TLS here",
                        "add an address with tls to [sip] listen, or set srtp_without_tls in a network that you trust")
                }
            }
            guard let number = phone.extension else { continue }
            checkExtension(number, place.place("extension"), emergency)
            if let former = numbers.updateValue(place.place("extension"), forKey: number) {
                note(place.place("extension")) {
                    $0.error(
                        $1,
                        "extension \(number.quoted) belongs to another phone already (\(former.file), line "
                            + "\(former.place.line))", "write another number")
                }
            }
        }
    }
}
