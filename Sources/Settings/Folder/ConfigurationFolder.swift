// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A folder of configuration files, read with care: no symbolic link is followed within it, only ordinary files are
/// opened, none above a size, and nothing that could wait (a pipe, a device) is waited for.
struct ConfigurationFolder: ~Copyable {
    /// As shown to people.
    let path: String
    private let descriptor: Int32

    static let maximumBytes = 1 << 20
    static let maximumFiles = 1_000

    /// Why a file or folder was not read.
    struct Fault: Error {
        var isMissing: Bool
        var what: String
        var remedy: String
    }

    /// Opens the folder that a person named (that one may be a link).
    init(path: String) throws(Fault) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.fault(errno, isFolder: true) }
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// A folder within this one.
    func folder(_ name: String) throws(Fault) -> ConfigurationFolder {
        let inner = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard inner >= 0 else { throw Self.fault(errno, isFolder: true) }
        return ConfigurationFolder(path: path + "/" + name, descriptor: inner)
    }

    /// The names in this folder but `.` and `..`, sorted; with a fault when there are more than a thousand.
    func names() throws(Fault) -> [String] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw Self.fault(errno, isFolder: true) }
        guard let stream = fdopendir(copy) else {
            let number = errno
            close(copy)
            throw Self.fault(number, isFolder: true)
        }
        defer { closedir(stream) }
        var names: [String] = []
        let start = MemoryLayout<dirent>.offset(of: \.d_name) ?? 19
        while let entry = readdir(stream) {
            // Through the pointer: an entry ends behind its name, long before the 256 bytes of its type.
            let name = String(cString: UnsafeRawPointer(entry).advanced(by: start).assumingMemoryBound(to: CChar.self))
            guard name != ".", name != ".." else { continue }
            guard names.count < Self.maximumFiles else {
                throw Fault(
                    isMissing: false, what: "more than \(Self.maximumFiles) files in this folder",
                    remedy: "remove what is no configuration")
            }
            names.append(name)
        }
        return names.sorted()
    }

    /// The bytes of a file.
    func read(_ name: String) throws(Fault) -> [UInt8] {
        let file = try openOrdinary(name)
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.fault(errno, isFolder: false) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk.prefix(count))
            // Asked again here: a file may grow while it is read.
            guard bytes.count <= Self.maximumBytes else { throw Self.tooLarge }
        }
    }

    /// Succeeds when there is an ordinary file of that name that can be read and has a sensible size.
    func probe(_ name: String) throws(Fault) {
        close(try openOrdinary(name))
    }

    private func openOrdinary(_ name: String) throws(Fault) -> Int32 {
        let file = openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { throw Self.fault(errno, isFolder: false) }
        var status = stat()
        let number = fstat(file, &status) == 0 ? 0 : errno
        if number == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.maximumBytes { return file }
        close(file)
        if number != 0 { throw Self.fault(number, isFolder: false) }
        if status.st_mode & S_IFMT == S_IFREG { throw Self.tooLarge }
        throw Fault(isMissing: false, what: "this is no ordinary file", remedy: "put an ordinary file here")
    }

    private static let tooLarge = Fault(
        isMissing: false, what: "the file is larger than 1 MiB", remedy: "this is hardly the right file; replace it")

    private static func fault(_ number: Int32, isFolder: Bool) -> Fault {
        let noun = isFolder ? "folder" : "file"
        return switch number {
        case ENOENT:
            Fault(isMissing: true, what: "there is no such \(noun)", remedy: "create it, or name the right folder")
        case ELOOP, EMLINK:
            Fault(
                isMissing: false, what: "this is a symbolic link, which is not followed here",
                remedy: "put the \(noun) itself here")
        case ENOTDIR where isFolder:
            Fault(
                isMissing: false, what: "this is no folder, or a symbolic link to one",
                remedy: "put the folder itself here")
        case EACCES, EPERM:
            Fault(
                isMissing: false, what: "the \(noun) may not be read by this user",
                remedy: "give the daemon's user the right to read it")
        default:
            Fault(
                isMissing: false, what: "the \(noun) cannot be read: \(String(cString: strerror(number)))",
                remedy: "look at the disk and the rights")
        }
    }
}
