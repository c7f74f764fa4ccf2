// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc
import SDP

/// The file of the bans, so that a restart does not set anybody free: lines "ADDRESS UNTIL TIMES", written on a queue of its
/// own to a temporary file that takes the place of the old one.
package final class BanJournal: Sendable {
    package static let mostBytes = 1 << 20

    private let path: String
    private let queue = DispatchQueue(label: "bans", qos: .utility)

    package init(path: String) { self.path = path }

    /// What is in the file; lines that are none are read over. Blocks; for the start.
    package func load() -> [BanList.Ban] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.mostBytes
        else { return [] }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = read(descriptor, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, let source = IPAddress(words[0]), let until = Double(words[1]), until.isFinite,
                let times = Int(words[2]), (1...64).contains(times)
            else { return nil }
            return BanList.Ban(source: source, until: until, times: times)
        }
    }

    /// Returns at once.
    package func save(_ bans: [BanList.Ban]) {
        let text = bans.map { "\($0.source) \(Int($0.until)) \($0.times)\n" }.joined()
        queue.async { [path] in Self.write(text, to: path) }
    }

    /// Waits until all is written.
    package func flush() { queue.sync {} }

    private static func write(_ text: String, to path: String) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { return }
        let isWritten = text.utf8CString.withUnsafeBytes { bytes in
            Glibc.write(descriptor, bytes.baseAddress, bytes.count - 1) == bytes.count - 1
        }
        let isSafe = fsync(descriptor) == 0
        close(descriptor)
        if isWritten, isSafe { rename(temporary, path) } else { unlink(temporary) }
    }
}
