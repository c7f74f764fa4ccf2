// SPDX-License-Identifier: Apache-2.0

import Glibc
import ScenarioProtocol

/// Why a scenario can not be read, in words that name the file and what to do.
struct ScriptUnreadable: Error, Hashable {
    var place: String
    var words: String
    var text: String { "\(place): \(words)" }
}

/// A scenario as it was read: its text has a number, a changed file another one.
struct LibraryScript {
    let number: ScriptNumber
    /// As rules name it.
    let name: String
    let text: String

    /// Pieces that fit a message, never between the halves of a character.
    var parts: [String] {
        var parts: [String] = []
        var rest = text.unicodeScalars[...]
        repeat {
            // A scalar has two UTF-16 units at most.
            let part = rest.prefix(ScenarioLimits.partCharacters / 2)
            parts.append(String(part))
            rest = rest.dropFirst(part.count)
        } while !rest.isEmpty
        return parts
    }
}

/// Reads scenarios from their folder and remembers them until they change on disk. Belongs to the thread of the workers;
/// files are small and read once, so reading holds nobody up.
struct ScriptLibrary {
    /// What tells one version of a file from another.
    private struct Version: Equatable {
        var seconds: Int
        var nanoseconds: Int
        var bytes: Int
        var inode: UInt
    }

    private let folder: String
    private var known: [String: (version: Version, script: LibraryScript)] = [:]
    private var numbers: UInt32 = 0

    init(folder: String) { self.folder = folder }

    /// The scenario as it is on disk now. The name is relative to the folder; no part of the path may be a link or ".".
    mutating func script(_ name: String) throws(ScriptUnreadable) -> LibraryScript {
        let descriptor = try open(name)
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable(name, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ScriptUnreadable(
                place: "\(folder)/\(name)", words: "not a regular file; a scenario is a text file")
        }
        let version = Version(
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, bytes: Int(status.st_size),
            inode: UInt(status.st_ino))
        if let found = known[name], found.version == version { return found.script }
        let text = try read(descriptor, name)
        numbers &+= 1
        let script = LibraryScript(number: ScriptNumber(numbers), name: name, text: text)
        known[name] = (version, script)
        return script
    }

    private func open(_ name: String) throws(ScriptUnreadable) -> Int32 {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }), !name.utf8.contains(0) else {
            throw ScriptUnreadable(
                place: "\"\(name)\"",
                words: "write the name of a file in \(folder), without \".\", \"..\" or a leading /")
        }
        var place = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else {
            throw ScriptUnreadable(place: folder, words: String(cString: strerror(errno)))
        }
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            // O_NONBLOCK: a pipe that bears a scenario's name must not hold the thread.
            let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (isLast ? O_NONBLOCK : O_DIRECTORY)
            let next = openat(place, String(part), flags)
            let error = errno
            close(place)
            guard next >= 0 else { throw unreadable(name, error) }
            place = next
        }
        return place
    }

    private func read(_ descriptor: Int32, _ name: String) throws(ScriptUnreadable) -> String {
        // UTF-8 takes at most three bytes for a UTF-16 unit.
        let most = ScenarioLimits.scriptCharacters * 3
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= most {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            guard count > 0 else { throw unreadable(name, errno) }
            bytes += chunk[..<count]
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ScriptUnreadable(place: "\(folder)/\(name)", words: "not UTF-8; save it as UTF-8")
        }
        guard bytes.count <= most, text.utf16.count <= ScenarioLimits.scriptCharacters else {
            throw ScriptUnreadable(place: "\(folder)/\(name)", words: ScenarioLimits.tooLongScript)
        }
        return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    }

    private func unreadable(_ name: String, _ error: Int32) -> ScriptUnreadable {
        let words =
            switch error {
            case ENOENT: "there is no such scenario; rules.toml names it"
            case ELOOP: "a symbolic link; put the file itself there"
            default: String(cString: strerror(error))
            }
        return ScriptUnreadable(place: "\(folder)/\(name)", words: words)
    }
}

/// For whoever wants to know before a call comes.
package enum ScenarioFile {
    /// Why a worker would not get this scenario; nil: it would. The name is relative to the folder.
    package static func trouble(with name: String, in folder: String) -> String? {
        var library = ScriptLibrary(folder: folder)
        do throws(ScriptUnreadable) {
            _ = try library.script(name)
            return nil
        } catch {
            return error.words
        }
    }
}
