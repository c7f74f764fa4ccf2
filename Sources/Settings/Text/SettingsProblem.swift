// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong, or doubtful, in the configuration: where, what, and what to write instead.
package struct SettingsProblem: Sendable, Hashable, CustomStringConvertible {
    package enum Severity: String, Sendable, Hashable {
        /// The configuration is not used.
        case error
        /// It is used, but hardly does what was meant.
        case warning
    }

    package var severity: Severity
    /// As the person named it: the folder handed to `Settings.load`, a slash and the path within.
    package var file: String
    /// From 1; 1:1 where the file as a whole is meant. Columns count characters.
    package var line: Int
    package var column: Int
    package var what: String
    package var remedy: String

    /// `FILE:LINE:COLUMN: error: what is wrong; what to write instead`, one line without control characters.
    package var description: String {
        "\(file.printable):\(line):\(column): \(severity): \(what.printable); \(remedy.printable)"
    }
}

/// All that is wrong with a configuration, in the order of files and lines, warnings included.
package struct SettingsProblems: Error, Sendable, CustomStringConvertible {
    package var all: [SettingsProblem]

    package var description: String { all.map(\.description).joined(separator: "\n") }
}

/// A place in a file, both from 1.
struct Place: Sendable, Hashable {
    var line: Int
    var column: Int

    /// For what concerns the file as a whole.
    static let start = Place(line: 1, column: 1)
}

/// What is wrong in one file, while it is read. Takes a hundred and then says only that there is more, so that a huge
/// broken file costs neither time nor patience.
struct Misfits {
    private(set) var all: [SettingsProblem] = []
    let file: String

    static let maximum = 100

    init(file: String) { self.file = file }

    var isFull: Bool { all.count > Self.maximum }

    mutating func error(_ place: Place, _ what: String, _ remedy: String) {
        add(.error, place, what, remedy)
    }

    mutating func warning(_ place: Place, _ what: String, _ remedy: String) {
        add(.warning, place, what, remedy)
    }

    private mutating func add(_ severity: SettingsProblem.Severity, _ place: Place, _ what: String, _ remedy: String) {
        guard !isFull else { return }
        let isLast = all.count == Self.maximum
        all.append(
            SettingsProblem(
                severity: isLast ? .error : severity, file: file, line: place.line, column: place.column,
                what: isLast ? "there are further problems in this file" : what,
                remedy: isLast ? "correct the ones above first" : remedy))
    }
}
