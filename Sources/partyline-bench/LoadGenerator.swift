// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit

/// Builds and runs the load generator (Tests/Load/confload.c), a process of its own.
struct LoadGenerator {
    let binary: URL
    let server: SocketAddress
    let daemon: Int32

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Compiles the generator with the machine's C compiler into a folder.
    static func build(source: URL, into folder: URL, server: SocketAddress, daemon: Int32) throws -> LoadGenerator {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let binary = folder.appendingPathComponent("confload")
        let (code, _, errors) = try run(
            URL(fileURLWithPath: "/usr/bin/env"), ["cc", "-O2", "-w", "-o", binary.path, source.path, "-lm"])
        guard code == 0 else {
            throw Failure(description: "cc cannot build \(source.path): \(errors); install build-essential, or name the file with --source")
        }
        return LoadGenerator(binary: binary, server: server, daemon: daemon)
    }

    /// One shape of load.
    struct Shape: Sendable {
        var name: String
        var callers: Int
        /// 0: all in one room.
        var roomSize: Int
        var talkers = 2
        var seconds = 10
        var callsPerSecond = 100
        var base = 1000
    }

    /// Runs one load, and reads what it printed and the latencies of its clicks.
    func run(_ shape: Shape) throws -> (LoadResult, [Double]) {
        let file = binary.deletingLastPathComponent().appendingPathComponent("latencies-\(UInt32.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: file) }
        var arguments = [
            "-n", "\(shape.callers)", "--uri", "sip:conf_%r@\(server)", "--talkers", "\(shape.talkers)",
            "--pid", "\(daemon)", "--time", "\(shape.seconds)", "--cps", "\(shape.callsPerSecond)", "--base",
            "\(shape.base)", "--fifo", "5", "--seed", "\(Int.random(in: 1...1_000_000))", "--latencies", file.path,
            "--label", shape.name, "--rtp-base", "40000",
        ]
        if shape.roomSize > 0 { arguments += ["--room-size", "\(shape.roomSize)"] }
        let (code, output, errors) = try Self.run(binary, arguments)
        guard let result = try? JSONDecoder().decode(LoadResult.self, from: Data(output.utf8)) else {
            throw Failure(description: "the load generator ended with \(code) and printed no result: \(errors)")
        }
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return (result, text.split(separator: "\n").compactMap { Double($0) })
    }

    private static func run(_ tool: URL, _ arguments: [String]) throws -> (Int32, String, String) {
        let process = Process()
        process.executableURL = tool
        process.arguments = arguments
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: complaint, as: UTF8.self))
    }
}

/// What the load generator prints, as far as it is used here.
struct LoadResult: Codable {
    struct Frames: Codable {
        var missing_pct: Double
        var late20_pct: Double
        var silent_calls: Int
    }
    struct Clicks: Codable {
        var expected: Int
        var heard: Int
        var self_heard: Int
    }
    struct Server: Codable {
        var cpu_us_per_participant_second: Double
        var pss_kb: Double
        var threads: Int
        var cores: Double
    }
    struct Setup: Codable {
        var mean: Double
        var max: Double
    }
    struct Spacing: Codable {
        var p99: Double
    }
    struct Generator: Codable {
        var send_late_ms_p99: Double
    }
    struct Machine: Codable {
        var other_cores: Double
    }

    var calls: Int
    var failed: Int
    var up_end: Int
    var setup_ms: Setup
    var frames: Frames
    var clicks: Clicks
    var spacing_dev_ms: Spacing
    var server: Server
    var loadgen: Generator
    var machine: Machine
}
