// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import Logging
import Synchronization
import Web

/// A web server over a fake desk on a socket of its own, for the time of one test.
struct Switchroom {
    let desk: FakeDesk
    let path: String
    var client: ControlClient { ControlClient(socketPath: path) }

    /// Starts it, runs `body` when it is ready, and ends it by cancellation.
    static func open(_ body: @Sendable @escaping (Switchroom) async throws -> Void) async throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let room = Switchroom(desk: FakeDesk(), path: folder + "/control.sock")
        let server = WebServer(
            desk: room.desk, socketPath: room.path, recordings: folder + "/recordings", logger: Logger(label: "test"))
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { isReady.finish() }
                try await server.run { isReady.yield() }
            }
            for await _ in ready { break }
            try await body(room)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    func ask<Value: Sendable>(_ work: @Sendable @escaping (ControlClient) throws -> Value) async throws -> Value {
        let client = client
        return try await Self.beside { try work(client) }
    }

    /// Blocking calls on a thread of their own: on the cooperative ones they would keep the server from answering.
    static func beside<Value: Sendable>(_ work: @Sendable @escaping () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }

    /// A bare connection that has sent `text`; with the beginning of the answer when one is awaited.
    func raw(_ text: String, awaitsAnswer: Bool = true) async throws -> (connection: RawConnection, answer: String) {
        let path = path
        return try await Self.beside {
            let connection = try RawConnection(path)
            connection.send(text)
            return (connection, awaitsAnswer ? connection.read() : "")
        }
    }

    /// The fault of a request that must not succeed.
    func fault(_ work: @Sendable @escaping (ControlClient) throws -> [UInt8]) async -> ControlFault? {
        do {
            _ = try await ask(work)
            return nil
        } catch {
            return error as? ControlFault
        }
    }

    static func temporaryFolder() -> String {
        let folder = NSTemporaryDirectory() + "pl-web-" + UUID().uuidString.prefix(8)
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }
}
