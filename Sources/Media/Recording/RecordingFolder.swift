// SPDX-License-Identifier: Apache-2.0

import Glibc
import SoundFiles
import Telephony

/// Where recordings lie, and what limits them.
package struct RecordingOptions: Sendable, Hashable {
    package var folder: String
    /// Recordings at the same time.
    package var most = 64
    package var mostSeconds = 4 * 3600
    /// So much of the disk stays free.
    package var keepFreeBytes = 256 << 20
    /// Recordings that ask for nothing else are deleted after so many days; 0: never.
    package var keepDays = 0

    package init(folder: String) { self.folder = folder }
}

/// The files of the recordings' folder: safe and unique names, unfinished ones apart. Any thread that may wait.
struct RecordingFolder: Sendable {
    let path: String

    /// What is being written has this at the end of its name.
    static let unfinished = ".part"

    init(_ path: String) { self.path = path }

    /// Makes the folder, and gives what a killed daemon left behind its name.
    func prepare() {
        mkdir(path, 0o750)
        for name in names() where name.hasSuffix(Self.unfinished) {
            let full = path + "/" + name
            let final = full.dropLast(Self.unfinished.count)
            if access(String(final), F_OK) != 0 { rename(full, String(final)) } else { unlink(full) }
        }
    }

    /// Why nothing can be written there; nil: it can.
    var obstacle: Obstacle? {
        access(path, W_OK | X_OK) == 0
            ? nil
            : Obstacle(
                "no file in the folder of recordings: \(String(cString: strerror(errno)))",
                remedy: "let the daemon's user write into \(path)")
    }

    /// A new file for this wish: its name, and its descriptor, open for reading and writing.
    func create(_ wish: String, _ format: SoundFileFormat) throws(SoundFileError) -> (name: String, descriptor: Int32) {
        let base = Self.safe(wish).isEmpty ? Self.dated() : Self.safe(wish)
        for number in 1...999 {
            let name = (number == 1 ? base : "\(base)-\(number)") + "." + format.rawValue
            guard access(path + "/" + name, F_OK) != 0 else { continue }
            let descriptor = open(
                path + "/" + name + Self.unfinished, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
            if descriptor >= 0 { return (name, descriptor) }
            guard errno == EEXIST else {
                throw SoundFileError("no file in the folder of recordings: \(String(cString: strerror(errno)))")
            }
        }
        throw SoundFileError("there are a thousand recordings named \(base); use other names")
    }

    /// It is complete.
    func publish(_ name: String) { rename(path + "/" + name + Self.unfinished, path + "/" + name) }

    func discard(_ name: String) { unlink(path + "/" + name + Self.unfinished) }

    /// Bytes that may still be written; nil where nobody knows.
    var freeBytes: Int? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    /// Notes beside a file when it may go: in seconds since 1970.
    func note(_ name: String, expires time: Int) {
        let descriptor = open(note(of: name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { return }
        let text = String(time)
        _ = write(descriptor, text, text.utf8.count)
        close(descriptor)
    }

    private func note(of name: String) -> String { path + "/." + name + Self.noteEnding }

    private static let noteEnding = ".expires"

    /// Deletes the files whose noted time is over, and notes without a file.
    func deleteExpired(now: Int) {
        for note in names() where note.hasPrefix(".") && note.hasSuffix(Self.noteEnding) {
            let file = path + "/" + note.dropFirst().dropLast(Self.noteEnding.count)
            guard let bytes = try? PromptFolder.bytes(of: path + "/" + note, most: 64),
                let time = Int(String(decoding: bytes, as: UTF8.self))
            else { continue }
            if time < now { unlink(file) }
            if access(file, F_OK) != 0 { unlink(path + "/" + note) }
        }
    }

    /// Deletes what was written before `time` (seconds since 1970).
    func deleteOlder(than time: Int) {
        for name in names() where !name.hasPrefix(".") && !name.hasSuffix(Self.unfinished) {
            var status = stat()
            let full = path + "/" + name
            guard lstat(full, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mtim.tv_sec < time else {
                continue
            }
            unlink(full)
        }
    }

    /// Letters, digits, '-', '_' and '.' (not first), at most 64: safe in paths, URLs, logs and web pages.
    static func safe(_ wish: String) -> String {
        let clean = wish.unicodeScalars.prefix(64).map { scalar -> Character in
            let isFit = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isFit || "-_.".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
        }
        return String(String(clean).drop { $0 == "." || $0 == "-" })
    }

    private static func dated() -> String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%Y%m%d-%H%M%S", &parts)
        return "recording-" + text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    private func names() -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }
}
