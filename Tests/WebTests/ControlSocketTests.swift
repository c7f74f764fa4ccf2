// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import Logging
import Testing
import Web

@Suite struct ControlSocketTests {
    private func run(_ path: String) async throws {
        try await WebServer(desk: FakeDesk(), socketPath: path, logger: Logger(label: "test")).run()
    }

    @Test func `the socket is for owner and group, and gone afterwards`() async throws {
        nonisolated(unsafe) var path = ""
        try await Switchroom.open { room in
            path = room.path
            var status = stat()
            #expect(stat(room.path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a socket that is in use stays, one left behind is replaced`() async throws {
        try await Switchroom.open { room in
            await #expect(throws: ControlSocketFault.inUse(room.path)) { try await run(room.path) }
            let rooms = try await room.ask { try $0.get("/v1/rooms") }
            #expect(!rooms.isEmpty)
        }
        let folder = Switchroom.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/control.sock"
        try leaveBehind(path)
        let server = WebServer(desk: FakeDesk(), socketPath: path, logger: Logger(label: "test"))
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        let task = Task { try await server.run { isReady.finish() } }
        for await _ in ready {}
        let answer = try await Switchroom.beside {
            let raw = try RawConnection(path)
            raw.send("GET /v1/status HTTP/1.0\r\n\r\n")
            return raw.read()
        }
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        task.cancel()
        try await task.value
    }

    @Test func `another file of that name, a missing folder and a long path are told`() async throws {
        let folder = Switchroom.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("precious".utf8).write(to: URL(fileURLWithPath: folder + "/control.sock"))
        await #expect(throws: ControlSocketFault.notASocket(folder + "/control.sock")) {
            try await run(folder + "/control.sock")
        }
        #expect(try String(contentsOfFile: folder + "/control.sock", encoding: .utf8) == "precious")
        await #expect(throws: ControlSocketFault.cannotListen(folder + "/none/x.sock", errno: ENOENT)) {
            try await run(folder + "/none/x.sock")
        }
        let long = folder + "/" + String(repeating: "x", count: 110)
        await #expect(throws: ControlSocketFault.pathTooLong(long, maximum: 107)) { try await run(long) }
    }

    @Test func `a client without a daemon says where it looked`() {
        #expect(throws: ControlFault.notReachable(path: "/none/control.sock", reason: "No such file or directory")) {
            try ControlClient(socketPath: "/none/control.sock").get("/v1/status")
        }
    }

    /// As a killed daemon leaves it: bound, and nobody listens.
    private func leaveBehind(_ path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(result == 0)
    }
}
