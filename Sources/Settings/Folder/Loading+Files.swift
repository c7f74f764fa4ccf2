// SPDX-License-Identifier: Apache-2.0

extension Loading {
    private static let folders = ["lines.d", "phones.d", "trunks.d", "tones.d", "scenarios", "prompts"]
    /// Named in the contract, and not there yet: silence would let somebody wait for calls that never come.
    private static let laterFolders = ["rooms.d"]
    private static let files = ["partyline.toml", "rules.toml"]

    /// Looks at what lies in the folder: a file that nobody reads is a file whose author is waiting for something.
    mutating func readNames(_ folder: borrowing ConfigurationFolder) {
        var misfits = report(on: "")
        var names: [String] = []
        do throws(ConfigurationFolder.Fault) {
            names = try folder.names()
        } catch {
            misfits.error(.start, error.what, error.remedy)
        }
        keep(misfits)
        for name in names {
            if Self.laterFolders.contains(name) {
                refuseLater(name, folder)
            } else if name.hasSuffix(".toml"), !Self.files.contains(name), name.first != "." {
                noteUnknown(name, "file", known: Self.files)
            } else if name.hasSuffix(".d"), !Self.folders.contains(name) {
                noteUnknown(name, "folder", known: Self.folders + Self.laterFolders)
            }
        }
    }

    private mutating func noteUnknown(_ name: String, _ noun: String, known: [String]) {
        note(FilePlace(file: name, place: .start)) { misfits, place in
            misfits.error(
                place, "the \(noun) \(name.quoted) is not known here",
                NearestWord.remedy(name, among: known, noun: noun).replacingFirst("write", by: "rename it to"))
        }
    }

    private mutating func refuseLater(_ name: String, _ folder: borrowing ConfigurationFolder) {
        do throws(ConfigurationFolder.Fault) {
            let inner = try folder.folder(name)
            for file in tomlNames(inner, name) {
                note(FilePlace(file: name + "/" + file, place: .start)) { misfits, place in
                    misfits.error(
                        place, "\(name) is not supported yet by this version",
                        "remove the file, or rename it to \(file.printable).disabled")
                }
            }
        } catch {
            note(FilePlace(file: name, place: .start)) { $0.error($1, error.what, error.remedy) }
        }
    }

    /// partyline.toml.
    mutating func readMain(_ folder: borrowing ConfigurationFolder) {
        let file = "partyline.toml"
        let remedy = "create it (an empty file takes every default; partylined --print-sample prints one)"
        guard let entries = entries(file, in: folder, as: file, remedy: remedy) else { return }
        var misfits = report(on: file)
        for entry in entries where !misfits.isFull {
            places.main[entry.key] = entry.keyPlace
            if case .table(let inner) = entry.value.content {
                for key in inner { places.main[entry.key + "." + key.key] = key.value.place }
            }
            if let section = SettingSection.all.first(where: { $0.name == entry.key }) {
                section.read(entry, &settings, &misfits)
            } else {
                noteUnknownSection(entry, &misfits)
            }
        }
        keep(misfits)
        checkCertificate(folder)
    }

    /// The certificate of listeners with TLS, in PEM: its key may be in the same file.
    private mutating func checkCertificate(_ folder: borrowing ConfigurationFolder) {
        let sip = settings.sip
        guard sip.listen.contains(where: { $0.transports.contains(.tls) }) else { return }
        var (text, isComplete) = ("", true)
        for (key, file) in [("tls_certificate", sip.tlsCertificate), ("tls_key", sip.tlsKey)] {
            guard let file else { continue }
            do throws(ConfigurationFolder.Fault) {
                text += String(decoding: try folder.read(file), as: UTF8.self)
            } catch {
                isComplete = false
                note(places.main("sip", key)) { $0.error($1, "\(file.quoted): \(error.what)", error.remedy) }
            }
        }
        guard isComplete, let file = sip.tlsCertificate else { return }
        let parts = [("BEGIN CERTIFICATE", "certificate", file), ("PRIVATE KEY", "private key", sip.tlsKey ?? file)]
        for (mark, noun, file) in parts where !text.contains(mark) {
            note(places.main("sip", noun == "certificate" || sip.tlsKey == nil ? "tls_certificate" : "tls_key")) {
                $0.error($1, "there is no \(noun) in \(file.quoted)", "name a file that has it, in PEM")
            }
        }
    }

    private func noteUnknownSection(_ entry: TOMLEntry, _ misfits: inout Misfits) {
        if let owner = SettingSection.all.first(where: { $0.keyNames.contains(entry.key) }) {
            misfits.error(
                entry.keyPlace, "the key \(entry.key) stands outside of its section", "write it below [\(owner.name)]")
            return
        }
        var isSection = false
        if case .table = entry.value.content { isSection = true }
        misfits.error(
            entry.keyPlace, "unknown \(isSection ? "section" : "key") \(entry.key.quoted)",
            NearestWord.remedy(entry.key, among: SettingSection.all.map(\.name), noun: "section"))
    }

    /// tones.d/COUNTRY.toml.
    mutating func readTones(_ folder: borrowing ConfigurationFolder) {
        forEachFile(of: "tones.d", in: folder) { loading, entries, name, file in
            var misfits = loading.report(on: file)
            var plan = TonePlanSettings(entries, at: .start, in: "a tone plan", &misfits)
            plan.country = name
            loading.settings.tonePlans.append(plan)
            loading.keep(misfits)
        }
    }

    /// lines.d/*.toml: one line at the top of a file, or several as `[[line]]`.
    mutating func readLines(_ folder: borrowing ConfigurationFolder) {
        forEachFile(of: "lines.d", in: folder) { loading, entries, name, file in
            var misfits = loading.report(on: file)
            if let list = entries.first(where: { $0.key == "line" }), entries.count == 1 {
                guard case .array(let tables) = list.value.content else {
                    misfits.error(
                        list.value.place, "\(list.value.words) does not fit here", "write [[line]] in two brackets")
                    loading.keep(misfits)
                    return
                }
                for table in tables where !misfits.isFull { loading.readLine(table, "", file, &misfits) }
            } else if !entries.isEmpty {
                loading.readLine(TOMLValue(content: .table(entries), place: .start), name, file, &misfits)
            }
            loading.keep(misfits)
        }
    }

    private mutating func readLine(_ table: TOMLValue, _ name: String, _ file: String, _ misfits: inout Misfits) {
        guard case .table(let entries) = table.content else {
            misfits.error(table.place, "\(table.words) is no line", "write [[line]] and its keys below")
            return
        }
        var line = LineSettings(entries, at: table.place, in: "a line", &misfits)
        if !entries.contains(where: { $0.key == "name" }) {
            line.name = name
            Self.checkName(name, of: "line", table.place, &misfits)
        }
        var keys: [String: Place] = [:]
        for entry in entries { keys[entry.key] = entry.value.place }
        places.lines.append(SettingPlaces.Keys(file: file, whole: table.place, keys: keys))
        settings.lines.append(line)
        settings.linePlaces.append("\(directory)/\(file):\(table.place.line)")
        settings.lineKeyPlaces.append(keys.mapValues { [directory] in "\(directory)/\(file):\($0.line)" })
    }

    /// A name that is that of the file, as far as it is one.
    static func checkName(_ name: String, of noun: String, _ place: Place, _ misfits: inout Misfits) {
        if name.isEmpty {
            misfits.error(place, "the key name is missing in a \(noun)", "write a name, such as name = \"hall\"")
        } else if !SettingKind<String>.isName(name) {
            misfits.error(
                place, "the file's name \(name.quoted) is no name for a \(noun)",
                "rename it, or write name = and \(SettingKind<String>.name.words)")
        }
    }

    /// Calls `read` with what each file `NAME.toml` of an inner folder contains; a missing folder has none.
    mutating func forEachFile(
        of name: String, in folder: borrowing ConfigurationFolder,
        _ read: (inout Loading, [TOMLEntry], _ name: String, _ file: String) -> Void
    ) {
        do throws(ConfigurationFolder.Fault) {
            let inner = try folder.folder(name)
            for file in tomlNames(inner, name) {
                guard let entries = entries(file, in: inner, as: name + "/" + file) else { continue }
                read(&self, entries, String(file.dropLast(5)), name + "/" + file)
            }
        } catch {
            guard !error.isMissing else { return }
            note(FilePlace(file: name, place: .start)) { $0.error($1, error.what, error.remedy) }
        }
    }
}

/// Where values stand that are compared with others after everything was read.
struct SettingPlaces {
    struct Keys {
        var file: String
        var whole: Place
        var keys: [String: Place]

        func place(_ key: String) -> FilePlace { FilePlace(file: file, place: keys[key] ?? whole) }
    }

    /// "sip" and "sip.listen" of partyline.toml.
    var main: [String: Place] = [:]
    /// Parallel to the settings' lines and rules.
    var lines: [Keys] = []
    var rules: [Keys] = []
    var phones: [Keys] = []
    var trunks: [Keys] = []

    /// Of a key of partyline.toml; of its section or the file where the default is taken.
    func main(_ section: String, _ key: String) -> FilePlace {
        FilePlace(file: "partyline.toml", place: main[section + "." + key] ?? main[section] ?? .start)
    }
}
