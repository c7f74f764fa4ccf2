// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Speech on disk: one WAV file a text, named by a hash of everything that makes it sound as it does; the full key stands in
/// the file, so two keys with one hash do no harm. The files that were used least recently go first.
struct PromptCache: Sendable {
    let folder: String
    let mostBytes: Int

    init(folder: String, mostBytes: Int) {
        self.folder = folder
        self.mostBytes = max(0, mostBytes)
        mkdir(folder, 0o750)
        // Left by a run that ended in the middle.
        for name in Self.names(folder) where name.hasPrefix("new-") { unlink(folder + "/" + name) }
    }

    /// Where a program may write its output; the caller removes it.
    func scratchPath() -> String { folder + "/new-\(getpid())-\(UInt64.random(in: 0...UInt64.max)).wav" }

    func load(_ key: String) -> WAVAudio? {
        let path = path(of: key)
        guard let bytes = try? PromptFolder.bytes(of: path, most: SpeechCommand.mostFileBytes),
            let audio = try? WAVAudio(bytes),
            WAVAudio.note(in: bytes) == key
        else { return nil }
        utimensat(AT_FDCWD, path, nil, 0)
        return audio
    }

    /// Keeps it; a full disk only means that it is rendered again next time.
    func store(_ audio: WAVAudio, key: String) {
        let bytes = audio.file(note: key)
        guard bytes.count <= mostBytes else { return }
        let scratch = scratchPath()
        let descriptor = open(scratch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                return write(descriptor, base + written, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        close(descriptor)
        if written == bytes.count, rename(scratch, path(of: key)) == 0 { prune() } else { unlink(scratch) }
    }

    /// Makes room: down to nine tenths when it is too much.
    func prune() {
        var files: [(path: String, bytes: Int, time: Int)] = []
        for name in Self.names(folder) where name.hasSuffix(".wav") && !name.hasPrefix("new-") {
            var status = stat()
            let path = folder + "/" + name
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            files.append((path, Int(status.st_size), status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec))
        }
        var total = files.reduce(0) { $0 + $1.bytes }
        guard total > mostBytes else { return }
        for file in files.sorted(by: { $0.time < $1.time }) {
            guard total > mostBytes / 10 * 9 else { break }
            if unlink(file.path) == 0 { total -= file.bytes }
        }
    }

    private func path(of key: String) -> String { folder + "/" + Self.name(of: key) + ".wav" }

    static func name(of key: String) -> String {
        // FNV-1a, twice with different starts: a name, not a proof.
        var (first, second): (UInt64, UInt64) = (0xCBF2_9CE4_8422_2325, 0x9E37_79B9_7F4A_7C15)
        for byte in key.utf8 {
            first = (first ^ UInt64(byte)) &* 0x100_0000_01B3
            second = (second ^ UInt64(byte)) &* 0x100_0000_01B3 &+ 0x632B_E59B_D9B4_E019
        }
        func hex(_ value: UInt64) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return hex(first) + hex(second)
    }

    private static func names(_ folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
