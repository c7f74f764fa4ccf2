// SPDX-License-Identifier: Apache-2.0

import CLinux
import FoundationEssentials
import Glibc
import Logging
import ScenarioProtocol
import Scripting
import Telephony
import Testing

/// Workers that do not keep to the protocol: the daemon takes another one and goes on.
@Suite(.serialized) struct HostileWorkerTests {
    /// A worker program of a few lines of shell; descriptor 3 is the daemon.
    @discardableResult
    private func lost(_ shell: String, expecting words: String) async throws -> ScriptedExchange {
        let (exchange, end, line) = try await play(shell) { exchange in
            exchange.logged.lines.first { $0.contains("scenario worker lost") }
        }
        #expect(end == .init(session: SessionID(1), reason: "worker lost", orphaned: true))
        #expect(line.contains(words), "\(line)")
        return exchange
    }

    /// What becomes of session 1 in such a worker, and the line of the log that is looked for.
    private func play(
        _ shell: String, sessionsPerWorker: Int = 5_000, until line: @escaping @Sendable (ScriptedExchange) -> String?
    ) async throws -> (exchange: ScriptedExchange, end: ScriptedExchange.End, line: String) {
        let folder = FileManager.default.temporaryDirectory.path
        let program = "\(folder)/partyline-hostile-\(UUID().uuidString)"
        try Data("#!/bin/sh\n\(shell)\n".utf8).write(to: URL(filePath: program))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        defer { try? FileManager.default.removeItem(atPath: program) }
        let exchange = ScriptedExchange()
        var options = ScenarioWorkerOptions(
            executable: program, scenarioFolder: Folders.shipped, workers: 1, memoryCapBytes: 64 << 20)
        options.readyMachines = 1
        options.sessionsPerWorker = sessionsPerWorker
        let workers = try ScenarioWorkers(options: options, sink: exchange, log: exchange.logged.logger())
        defer { workers.close() }
        // A process that is being started elsewhere may hold the file open for a moment ("text file busy"); then it is tried again.
        _ = try await exchange.wait(20, "a worker") { workers.reports.isEmpty ? nil : true }
        let session = SessionID(1)
        workers.start(
            SessionStart(
                session: session, rule: "r", scenarios: ["gateway.js"], conferenceName: nil, customData: ""))
        let end = try await exchange.end(of: session)
        return (exchange, end, try await exchange.wait(2, "the log") { line(exchange) })
    }

    @Test(arguments: [
        ("sleep 0.3; printf 'GET / HTTP/1.0' >&3; exec sleep 5", "tooLong"),
        ("sleep 0.3; printf '\\0\\0\\0\\2{}' >&3; exec sleep 5", "notUnderstood"),
        ("sleep 0.3; head -c 100000 /dev/urandom >&3; exec sleep 5", "sent nonsense"),
        (
            "sleep 0.3; (printf '\\0\\007\\241\\040'; head -c 500000 /dev/zero | tr '\\0' '[') >&3; exec sleep 5",
            "sent nonsense"
        ),
        ("x=$(head -c 80000000 /dev/zero | tr '\\0' x); sleep 5", "MB of memory"),
        ("sleep 0.3; exec 3>&-; exec sleep 5", "it was ended by signal 9"),
        ("sleep 0.3; exit 3", "it ended"),
        ("sleep 0.3; kill -SEGV $$", "ended by signal 11"),
    ])
    func `a worker that talks nonsense or goes is lost`(shell: String, words: String) async throws {
        try await lost(shell, expecting: words)
    }

    @Test func `a worker that does not read is lost before it takes much memory`() async throws {
        let box = try ScriptedBox(["a.js": "VoxEngine.createConference();"])
        let session = box.start(1, ["a.js"])
        _ = try await box.exchange.next(session)
        let process = try #require(try await box.readyProcesses(1).first)
        kill(process, SIGSTOP)
        let long = String(repeating: "x", count: 500_000)
        for _ in 0..<40 { box.tell(session, .message(.caller, long)) }
        #expect(try await box.exchange.end(of: session).orphaned)
        #expect(try await box.logLine("scenario worker lost").contains("did not read"))
    }

    @Test func `commands for sessions of others are not performed`() async throws {
        // A worker that says "terminate" for a session that it was never given.
        let frame = try #require(MessageFraming.frame(WorkerReport.command(SessionID(2), .terminate)))
        let before = "sleep 0.3; printf '\(Self.octal(frame))' >&3; sleep 0.3; exit 0"
        let exchange = try await lost(before, expecting: "it ended")
        #expect(exchange.isQuiet(SessionID(2)))
    }

    private static func octal(_ bytes: Data) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 8)
            return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }.joined()
    }

    @Test(arguments: [
        "nonsense", "{}", "{\"hangUp\":{}}", String(repeating: "[", count: 2000),
        "{\"terminate\":{\"x\":" + String(repeating: "[", count: 510) + String(repeating: "]", count: 510) + "}}",
        "{\"createPlayer\":{\"_0\":{\"number\":-1},\"loop\":false,\"_1\":"
            + String(repeating: "{\"sequence\":{\"_0\":[", count: 160) + String(repeating: "]}}", count: 160) + "}}",
    ])
    func `a command that is none ends its session and no worker`(json: String) async throws {
        let frame = try #require(MessageFraming.frame(command: Data(json.utf8), of: SessionID(1)))
        let shell = "sleep 0.3; printf '\(Self.octal(frame))' >&3; sleep 1; exit 0"
        let (exchange, end, _) = try await play(shell) { exchange in
            exchange.logged.lines.first { $0.contains("scenario ended") }
        }
        #expect(end.reason?.contains("what is no command") == true && !end.orphaned, "\(end)")
        #expect(!exchange.logged.lines.contains { $0.contains("worker lost") })
        #expect(exchange.isQuiet(SessionID(1)))
    }

    @Test func `a worker that has had its sessions gives way after such a command too`() async throws {
        let frame = try #require(MessageFraming.frame(command: Data("nonsense".utf8), of: SessionID(1)))
        let shell = "sleep 0.3; printf '\(Self.octal(frame))' >&3; exec sleep 5"
        let (exchange, end, _) = try await play(shell, sessionsPerWorker: 1) { exchange in
            exchange.logged.lines.first { $0.contains("scenario worker replaced") }
        }
        #expect(end.reason?.contains("what is no command") == true && !end.orphaned, "\(end)")
        #expect(!exchange.logged.lines.contains { $0.contains("worker lost") })
    }

    @Test func `a worker goes by itself when its daemon is gone`() async throws {
        var pair: [Int32] = [-1, -1]
        #expect(pair.withUnsafeMutableBufferPointer { partyline_socket_pair($0.baseAddress) } == 0)
        var pageDescriptor: Int32 = -1
        let page = partyline_blame_create(&pageDescriptor)
        let words = [ScenarioWorkerOptions.executableBesideThisProgram(), "\(256 << 20)", "1"]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { arguments.forEach { free($0) } }
        let pointers: [UnsafePointer<CChar>?] = arguments.map { UnsafePointer($0) } + [nil]
        var process: Int32 = 0
        #expect(partyline_spawn_worker(words[0], pointers, [nil], pair[1], pageDescriptor, &process) == 0)
        close(pair[1])
        close(pair[0])
        close(pageDescriptor)
        partyline_blame_close(page)
        var status: Int32 = 0
        for _ in 0..<1000 where waitpid(process, &status, WNOHANG) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(waitpid(process, nil, WNOHANG) == -1)
        #expect(status == 0)
    }
}
