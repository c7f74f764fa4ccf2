// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Remembers which plugged-in telephone got which name and number, in the state folder, so that it is the same line when
/// it comes back. Used on one thread.
struct LineRegister {
    struct Entry: Codable, Hashable {
        /// Of the device: "06e6:c200 serial A1", or "06e6:c200 port 1-1" where it has no serial number, or one that others of
        /// its kind have as well.
        var key: String
        var name: String
        var `extension`: String
        var preset: String
        /// Where it was plugged in last.
        var port: String?
        /// Of one that is known by its port because another has the same serial number.
        var serial: String?
    }

    var entries: [Entry] = []
    /// What was wrong with the file, for the log.
    private(set) var trouble: String?
    private let path: String?

    /// More telephones than this were never plugged into one box; the oldest are forgotten.
    private static let mostEntries = 128
    private static let mostBytes = 1 << 18

    /// `path`: the file; nil: nothing is kept beyond this process. A broken file is put aside and told in `trouble`.
    init(path: String?) {
        self.path = path
        guard let path, let data = FileManager.default.contents(atPath: path) else { return }
        if data.count <= Self.mostBytes, let read = try? JSONDecoder().decode([Entry].self, from: data),
            read.allSatisfy(Self.isSound)
        {
            entries = Array(read.suffix(Self.mostEntries))
        } else {
            try? FileManager.default.removeItem(atPath: path + ".broken")
            try? FileManager.default.moveItem(atPath: path, toPath: path + ".broken")
            trouble = "\(path) is damaged and was put aside as lines.json.broken; plugged-in phones get new numbers"
        }
    }

    private static func isSound(_ entry: Entry) -> Bool {
        !entry.name.isEmpty && entry.name.utf8.count <= 64 && entry.extension.utf8.count <= 8
            && !entry.extension.isEmpty && entry.extension.utf8.allSatisfy { (48...57).contains($0) }
            && entry.key.utf8.count <= 512 && (entry.port?.utf8.count ?? 0) <= 64
            && (entry.serial?.utf8.count ?? 0) <= 512
    }

    /// Keeps a new one; a disk that does not take it costs only the memory of it.
    mutating func add(_ entry: Entry) {
        entries.removeAll { $0.key == entry.key }
        entries.append(entry)
        if entries.count > Self.mostEntries { entries.removeFirst() }
        write()
    }

    /// Writes what was changed in `entries`.
    mutating func write() {
        guard let path else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            try encoder.encode(entries).write(to: URL(fileURLWithPath: path), options: .atomic)
            trouble = nil
        } catch {
            trouble = "\(path) can not be written: plugged-in phones may get other numbers after a restart"
        }
    }
}

extension LineRegister.Entry {
    /// The devices that it may be about.
    var match: USBMatch {
        let parts = key.split(separator: " ", maxSplits: 2).map(String.init)
        guard parts.count == 3 else { return USBMatch(id: nil, serial: nil, port: key) }
        let isSerial = parts[1] == "serial"
        return USBMatch(
            id: USBID(parts[0]), serial: isSerial ? parts[2] : serial, port: isSerial ? nil : parts[2])
    }

    /// The device that it was when it was there last.
    var lastUnit: PluggedUnit? {
        guard let id = match.id else { return nil }
        return PluggedUnit(port: match.port ?? port ?? "", id: id, serial: match.serial ?? "", product: "")
    }
}
