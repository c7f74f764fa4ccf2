// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Other people's programs that the tests call with.
enum Tool {
    static let sipp = find("sipp")
    static let baresip = find("baresip")
    static let openssl = find("openssl")
    static let kamailio = find("kamailio")
    static let linphone = find("linphonec")
    static let dnsmasq = find("dnsmasq")

    static func find(_ name: String) -> URL? {
        ["/usr/bin", "/usr/local/bin", "/usr/sbin"].map { URL(fileURLWithPath: $0).appendingPathComponent(name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// Starts a tool with its output thrown away, or written to a file.
    /// - Parameters:
    ///   - folder: where it runs, and what it takes for its home; nil: as this process.
    ///   - input: what it reads.
    static func start(
        _ tool: URL?, _ arguments: [String], output: URL? = nil, folder: URL? = nil, input: Pipe? = nil
    ) throws -> RunningTool {
        let process = Process()
        process.executableURL = tool
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        if let input { process.standardInput = input }
        if let folder {
            process.currentDirectoryURL = folder
            process.environment = ProcessInfo.processInfo.environment.merging(["HOME": folder.path]) { $1 }
        }
        if let output {
            _ = FileManager.default.createFile(atPath: output.path, contents: nil)
            let handle = try FileHandle(forWritingTo: output)
            process.standardOutput = handle
            process.standardError = handle
        } else {
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
        }
        try process.run()
        return RunningTool(process: process)
    }
}

/// A tool that runs; ended at the latest by the test that started it.
final class RunningTool: Sendable {
    private let process: Process

    init(process: Process) {
        self.process = process
    }

    var isRunning: Bool { process.isRunning }

    /// The exit code, waiting at most so long; nil when it still runs.
    func exitCode(within seconds: Double) async -> Int32? {
        for _ in 0..<Int(seconds * 50) where process.isRunning { try? await Task.sleep(nanoseconds: 20_000_000) }
        return process.isRunning ? nil : process.terminationStatus
    }

    func end() {
        guard process.isRunning else { return }
        process.terminate()
        for _ in 0..<150 where process.isRunning { usleep(20_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// With all processes that it has made, at once.
    func endAll() {
        guard process.isRunning else { return }
        kill(-process.processIdentifier, SIGKILL)
        kill(process.processIdentifier, SIGKILL)
        for _ in 0..<150 where process.isRunning { usleep(20_000) }
    }
}
