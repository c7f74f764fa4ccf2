// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads sound files from the folders where they may lie, and from nowhere else.
struct PromptFolder: Sendable {
    /// The first one is where relative paths start.
    let folders: [String]
    let mostBytes: Int

    /// The real path of a file; throws when it is missing or lies outside, also by '..' or a symbolic link.
    func resolve(_ path: String) throws(PromptError) -> String {
        guard !path.isEmpty, !path.utf8.contains(0), path.utf8.count < 4096 else { throw .notFound(path: shown(path)) }
        guard !path.split(separator: "/").contains("..") else { throw .outsideFolder(path: shown(path)) }
        let full = path.hasPrefix("/") ? path : (folders.first ?? "") + "/" + path
        guard let real = Self.real(full) else { throw .notFound(path: shown(path)) }
        for folder in folders {
            guard let root = Self.real(folder) else { continue }
            if real.hasPrefix(root == "/" ? "/" : root + "/") { return real }
        }
        throw .outsideFolder(path: shown(path))
    }

    /// A file's audio. `real` comes from `resolve`.
    func read(_ real: String) throws(PromptError) -> WAVAudio {
        let bytes = try Self.bytes(of: real, most: mostBytes)
        do {
            return try WAVAudio(bytes)
        } catch {
            throw .notAWAVFile(path: shown(real), error)
        }
    }

    /// Tells a file from what it was before: time of change and size.
    static func stamp(_ real: String) -> String {
        var status = stat()
        guard stat(real, &status) == 0 else { return "" }
        return "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_size) \(status.st_ino)"
    }

    /// The bytes of a regular file of at most that size; never waits for a pipe or a device.
    static func bytes(of path: String, most: Int) throws(PromptError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .notFound(path: path) : .unreadable(path: path, reason: reason(errno))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "it is no regular file")
        }
        let size = Int(status.st_size)
        guard size <= most else { throw .tooLarge(path: path, bytes: size, most: most) }
        var bytes = [UInt8](repeating: 0, count: size)
        var filled = 0
        while filled < size {
            let count = bytes.withUnsafeMutableBytes { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                return Glibc.read(descriptor, base + filled, size - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path: path, reason: reason(errno)) }
            guard count > 0 else { break }
            filled += count
        }
        return Array(bytes[0..<filled])
    }

    static func reason(_ number: Int32) -> String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }

    private static func real(_ path: String) -> String? {
        guard let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    private func shown(_ path: String) -> String { String(path.prefix(200)) }
}
