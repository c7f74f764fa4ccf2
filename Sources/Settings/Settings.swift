// SPDX-License-Identifier: Apache-2.0

/// The only reader of the configuration folder.
package enum Settings {
    /// Reads and checks everything in `directory`. All or nothing: settings without a single error (doubts are in their
    /// `warnings`), or all problems at once. Blocks for some milliseconds on the disk, opens no device, starts
    /// nothing, and ends whatever the files contain.
    package static func load(_ directory: String) -> Result<PartylineSettings, SettingsProblems> {
        let path = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        let folder: ConfigurationFolder
        do throws(ConfigurationFolder.Fault) {
            folder = try ConfigurationFolder(path: path)
        } catch {
            var misfits = Misfits(file: path)
            misfits.error(
                .start, error.what,
                error.isMissing ? "copy etc/partyline there, or name another with --config" : error.remedy)
            return .failure(SettingsProblems(all: misfits.all))
        }
        var loading = Loading(directory: path)
        loading.readAll(folder)
        let problems = loading.problems
        guard !problems.contains(where: { $0.severity == .error }) else {
            return .failure(SettingsProblems(all: problems))
        }
        loading.settings.warnings = problems
        return .success(loading.settings)
    }
}

/// One run of `Settings.load`: what was read, and what is wrong, file by file.
struct Loading {
    let directory: String
    var settings = PartylineSettings()
    /// Where things stand that are compared across files.
    var places = SettingPlaces()
    private var misfits: [Misfits] = []

    init(directory: String) { self.directory = directory }

    /// In the order in which the files were read, within a file by line.
    var problems: [SettingsProblem] {
        var files: [String] = []
        var byFile: [String: [SettingsProblem]] = [:]
        for misfits in misfits where !misfits.all.isEmpty {
            if byFile[misfits.file] == nil { files.append(misfits.file) }
            byFile[misfits.file, default: []] += misfits.all
        }
        return files.flatMap { file in
            byFile[file, default: []].sorted { ($0.line, $0.column) < ($1.line, $1.column) }
        }
    }

    mutating func readAll(_ folder: borrowing ConfigurationFolder) {
        readNames(folder)
        readMain(folder)
        readTones(folder)
        readLines(folder)
        readPhones(folder)
        readTrunks(folder)
        readGateways(folder)
        readRules(folder)
        checkHouse()
        checkLines()
        checkDialling()
        checkPhones()
        checkTrunks()
        checkTrunkCalls()
        checkOutside()
        checkPrefix()
        checkHiddenRooms()
    }

    func report(on file: String) -> Misfits { Misfits(file: file.isEmpty ? directory : directory + "/" + file) }

    mutating func keep(_ report: Misfits) { misfits.append(report) }

    /// Notes one problem that was found by comparing.
    mutating func note(_ place: FilePlace, _ add: (inout Misfits, Place) -> Void) {
        var misfits = report(on: place.file)
        add(&misfits, place.place)
        keep(misfits)
    }

    /// The entries of a file; nil when it is missing or broken, which is then reported.
    mutating func entries(
        _ name: String, in folder: borrowing ConfigurationFolder, as file: String, remedy: String? = nil
    ) -> [TOMLEntry]? {
        var misfits = report(on: file)
        defer { keep(misfits) }
        do throws(ConfigurationFolder.Fault) {
            let bytes = try folder.read(name)
            do throws(TOMLDocument.SyntaxError) {
                return try TOMLDocument.parse(bytes)
            } catch {
                misfits.error(error.place, error.message, error.remedy)
            }
        } catch {
            misfits.error(.start, error.what, error.isMissing ? remedy ?? error.remedy : error.remedy)
        }
        return nil
    }

    /// The names ending in ".toml" of a folder `name`, which need not be there; the others are doubtful.
    mutating func tomlNames(_ inner: borrowing ConfigurationFolder, _ name: String) -> [String] {
        var misfits = report(on: name)
        defer { keep(misfits) }
        do throws(ConfigurationFolder.Fault) {
            let names = try inner.names()
            for other in names where !other.hasSuffix(".toml") && !Self.isAside(other) {
                misfits.warning(
                    .start, "\(other.quoted) in this folder is not read", "give it a name that ends in .toml")
            }
            return names.filter { $0.hasSuffix(".toml") && $0.first != "." }
        } catch {
            misfits.error(.start, error.what, error.remedy)
            return []
        }
    }

    /// Files that belong to people and editors.
    static func isAside(_ name: String) -> Bool {
        name.first == "." || name.first == "#" || name.hasPrefix("README")
            || ["~", ".sample", ".example", ".md", ".txt", ".bak", ".orig", ".disabled"].contains(where: name.hasSuffix)
            || name.contains(".dpkg-") || name.contains(".ucf-")
    }
}

/// A place in a file of the folder.
struct FilePlace: Sendable, Hashable {
    /// Within the folder.
    var file: String
    var place: Place
}
