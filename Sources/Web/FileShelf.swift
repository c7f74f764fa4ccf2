// SPDX-License-Identifier: Apache-2.0
// RFC 9110 section 14 (ranges) is not spoken: a recording comes whole.

import Dispatch
import FoundationEssentials
import Glibc
import HTTPTypes
import Hummingbird
import NIOCore

/// A file that can be had.
struct RecordingReport: Encodable, Hashable {
    var name: String
    var bytes: Int
    /// Seconds since 1970 of the last change.
    var changed: Int
}

/// Gives out the files of one folder by their plain names, and nothing else.
struct FileShelf: Sendable {
    let folder: String

    private static let piece = 64 << 10
    /// The newest of so many are listed.
    private static let mostListed = 1_000

    /// Complete files, the newest first.
    func list() async -> [RecordingReport] {
        guard !folder.isEmpty else { return [] }
        return await Self.aside { [folder] in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let files = names.compactMap { name -> RecordingReport? in
                var status = stat()
                guard (try? PathPart.file(name)) != nil, lstat(folder + "/" + name, &status) == 0,
                    status.st_mode & S_IFMT == S_IFREG
                else { return nil }
                return RecordingReport(name: name, bytes: Int(status.st_size), changed: status.st_mtim.tv_sec)
            }
            return Array(files.sorted { ($1.changed, $1.name) < ($0.changed, $0.name) }.prefix(Self.mostListed))
        }
    }

    /// `name` is one that `PathPart.file` has let through.
    func response(_ name: String) async throws(ControlFailure) -> Response {
        let missing = ControlFailure(
            error: "there is no recording \(name)", remedy: "partyline recordings shows them", status: 404)
        guard !folder.isEmpty else { throw missing }
        let path = folder + "/" + name
        let opened = await Self.aside { () -> (file: OpenFile, size: Int)? in
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard descriptor >= 0 else { return nil }
            let file = OpenFile(descriptor)
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            return (file, Int(status.st_size))
        }
        guard let (file, size) = opened else { throw missing }
        var headers = Response.headers(Self.contentType(name))
        headers[.contentLength] = "\(size)"
        let body = ResponseBody(contentLength: size) { writer in
            var rest = size
            while rest > 0 {
                let wanted = min(rest, Self.piece)
                let bytes = await Self.aside { file.read(wanted) }
                // Shorter than it was: the connection ends, so that nobody takes it for the whole.
                guard !bytes.isEmpty else { throw CancellationError() }
                rest -= bytes.count
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private static func contentType(_ name: String) -> String {
        switch name.split(separator: ".").last {
        case "wav": "audio/wav"
        case "mp3": "audio/mpeg"
        case "flac": "audio/flac"
        case "ogg": "audio/ogg"
        default: "application/octet-stream"
        }
    }

    /// Work that may wait for a disk, on a thread that may wait.
    private static func aside<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: work()) }
        }
    }
}

/// A descriptor that is closed when nobody needs it any more.
private final class OpenFile: Sendable {
    private let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    func read(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var result = Glibc.read(descriptor, buffer.baseAddress, count)
            while result < 0, errno == EINTR { result = Glibc.read(descriptor, buffer.baseAddress, count) }
            filled = max(0, result)
        }
    }
}
