// SPDX-License-Identifier: Apache-2.0
// RFC 9111 (caching), RFC 9110 section 13 (conditional requests).

import Dispatch
import FoundationEssentials
import Glibc
package import Telephony

/// Fetches files over http for sounds. What runs it refuses addresses that the settings forbid.
package protocol SoundFetcher: Sendable {
    /// With what is known of an older copy, to ask only for a newer one. Throws with words for a person.
    func fetch(_ request: SoundRequest, etag: String?, modified: String?, mostBytes: Int) async throws -> FetchedSound
}

package struct FetchedSound: Sendable {
    /// HTTP: 200 new, 304 the older copy is still good.
    package var status: Int
    package var bytes: [UInt8]
    package var etag: String?
    package var modified: String?
    package var cacheControl: String?

    package init(status: Int, bytes: [UInt8], etag: String?, modified: String?, cacheControl: String?) {
        self.status = status
        self.bytes = bytes
        self.etag = etag
        self.modified = modified
        self.cacheControl = cacheControl
    }
}

/// Sounds from the web, kept on disk as long as their server says, then asked for again; one that can not be asked for its
/// news is played as it was.
actor WebSounds {
    struct File: Sendable {
        var path: String
        /// Tells it from what was there before.
        var stamp: String
    }

    private struct Note: Codable {
        var url: String
        var etag: String?
        var modified: String?
        /// Seconds since 1970 until which nobody has to be asked.
        var freshUntil: Double
    }

    private let folder: String
    private let mostBytes: Int
    private let mostFileBytes: Int
    private let fetcher: any SoundFetcher
    private var running: [String: Task<File, any Error>] = [:]

    /// Fetched at the same time, for each is in memory as a whole until it is on disk; and waiting for that.
    private static let mostFetching = 8
    private static let mostWaiting = 64
    private var fetching = 0
    private var queue: [CheckedContinuation<Void, Never>] = []

    /// Without a word of the server, in seconds; and the longest that is believed.
    private static let usualAge = 60.0
    private static let longestAge = 7.0 * 86_400

    init(folder: String, mostBytes: Int, mostFileBytes: Int, fetcher: any SoundFetcher) {
        self.folder = folder
        self.mostBytes = mostBytes
        self.mostFileBytes = mostFileBytes
        self.fetcher = fetcher
    }

    /// Where its newest copy lies. Whoever asks for the same meanwhile shares the answer.
    func file(_ request: SoundRequest) async throws -> File {
        let key = Self.key(of: request)
        if let task = running[key] { return try await task.value }
        let task = Task { try await find(request, key) }
        running[key] = task
        defer { running[key] = nil }
        return try await task.value
    }

    /// What is an answer to this one question (`SoundRequest.isKept` is false), at `path`, which the caller removes.
    func fetch(_ request: SoundRequest, to path: String) async throws {
        try await takeTurn(request.url)
        defer { giveTurn() }
        let answer: FetchedSound
        do {
            answer = try await fetcher.fetch(request, etag: nil, modified: nil, mostBytes: mostFileBytes)
        } catch {
            throw PromptError.notFetched(url: request.url, "\(error)")
        }
        guard (200...201).contains(answer.status) else {
            throw PromptError.notFetched(url: request.url, "the server said \(answer.status)")
        }
        guard await Self.aside({ Self.write(answer.bytes, to: path) }) else {
            throw PromptError.notFetched(url: request.url, "there is no room for it on the disk")
        }
    }

    /// Another header may mean another sound.
    private static func key(of request: SoundRequest) -> String {
        ([request.url] + request.headers.map { "\($0.name): \($0.value)" }).joined(separator: "\n")
    }

    /// `key` stands for the address in what is kept.
    private func find(_ request: SoundRequest, _ url: String) async throws -> File {
        let path = folder + "/" + PromptCache.name(of: url)
        let now = Double(time(nil))
        let note = await Self.aside { Self.note(path, url) }
        if let note, note.freshUntil > now { return await Self.aside { Self.file(path) } }
        try await takeTurn(request.url)
        defer { giveTurn() }
        let answer: FetchedSound
        do {
            answer = try await fetcher.fetch(
                request, etag: note?.etag, modified: note?.modified, mostBytes: mostFileBytes)
            guard answer.status == 200 || (answer.status == 304 && note != nil) else {
                throw PromptError.notFetched(url: request.url, "the server said \(answer.status)")
            }
        } catch {
            if note != nil { return await Self.aside { Self.file(path) } }
            throw error is PromptError ? error : PromptError.notFetched(url: request.url, "\(error)")
        }
        let fresh = Note(
            url: url, etag: answer.etag ?? note?.etag, modified: answer.modified ?? note?.modified,
            freshUntil: now + Self.age(answer.cacheControl))
        let (folder, mostBytes) = (folder, mostBytes)
        let isNew = answer.status == 200
        let isKept = await Self.aside {
            mkdir(folder, 0o750)
            guard !isNew || Self.write(answer.bytes, to: path) else { return false }
            Self.write((try? JSONEncoder().encode(fresh)).map(Array.init) ?? [], to: path + ".note")
            Self.prune(folder, mostBytes)
            return true
        }
        guard isKept else { throw PromptError.notFetched(url: request.url, "there is no room for it on the disk") }
        return await Self.aside { Self.file(path) }
    }

    private func takeTurn(_ url: String) async throws(PromptError) {
        if fetching < Self.mostFetching {
            fetching += 1
            return
        }
        guard queue.count < Self.mostWaiting else {
            throw .notFetched(url: url, "\(queue.count) sounds wait to be fetched already; try again later")
        }
        await withCheckedContinuation { queue.append($0) }
    }

    /// The turn goes to the next who waits, or back.
    private func giveTurn() {
        if queue.isEmpty { fetching -= 1 } else { queue.removeFirst().resume() }
    }

    /// How long it may be played without asking, by Cache-Control.
    static func age(_ header: String?) -> Double {
        let words = (header ?? "").lowercased().split(separator: ",").map { $0.drop { $0 == " " } }
        if words.contains(where: { $0.hasPrefix("no-cache") || $0.hasPrefix("no-store") }) { return 0 }
        guard let word = words.first(where: { $0.hasPrefix("max-age=") }),
            let seconds = Double(word.dropFirst(8).prefix { $0.isNumber })
        else { return usualAge }
        return min(max(seconds, 0), longestAge)
    }

    // MARK: On a thread that may wait

    private static func note(_ path: String, _ url: String) -> Note? {
        guard access(path, R_OK) == 0, let bytes = try? PromptFolder.bytes(of: path + ".note", most: 64 << 10),
            let note = try? JSONDecoder().decode(Note.self, from: Data(bytes)), note.url == url
        else { return nil }
        return note
    }

    private static func file(_ path: String) -> File { File(path: path, stamp: PromptFolder.stamp(path)) }

    @discardableResult
    private static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let scratch = path + ".new"
        guard (try? Data(bytes).write(to: URL(fileURLWithPath: scratch))) != nil, rename(scratch, path) == 0 else {
            unlink(scratch)
            return false
        }
        return true
    }

    /// The oldest go first, down to nine tenths.
    private static func prune(_ folder: String, _ mostBytes: Int) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var files: [(path: String, bytes: Int, time: Int)] = []
        for name in names where !name.hasSuffix(".note") {
            var status = stat()
            guard lstat(folder + "/" + name, &status) == 0 else { continue }
            files.append((folder + "/" + name, Int(status.st_size), status.st_mtim.tv_sec))
        }
        var total = files.reduce(0) { $0 + $1.bytes }
        guard total > mostBytes else { return }
        for file in files.sorted(by: { $0.time < $1.time }) where total > mostBytes / 10 * 9 {
            unlink(file.path)
            unlink(file.path + ".note")
            total -= file.bytes
        }
    }

    private static func aside<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: work()) }
        }
    }
}
