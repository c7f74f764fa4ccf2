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

    /// Sends and receives packets as a call does, and does nothing else: what no server on sockets of its own goes below.
    private(set) var limit: URL?

    /// Microseconds of processor time for a participant's second (50 packets in, 50 out) of that program, now.
    func measureLimit() -> Double? {
        struct Result: Decodable { var nsPerInPlusOutTotal: Double }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let limit, let (code, output, _) = try? Self.run(limit, ["200", "3", "multi", "2"]), code == 0,
            let result = try? decoder.decode(Result.self, from: Data(output.utf8))
        else { return nil }
        return result.nsPerInPlusOutTotal * 50 / 1000
    }

    /// Compiles the generator with the machine's C compiler into a folder.
    static func build(source: URL, into folder: URL, server: SocketAddress, daemon: Int32) throws -> LoadGenerator {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let binary = folder.appendingPathComponent("confload")
        let (code, _, errors) = try run(
            URL(fileURLWithPath: "/usr/bin/env"), ["cc", "-O2", "-w", "-o", binary.path, source.path, "-lm"])
        guard code == 0 else {
            throw Failure(
                description:
                    "cc cannot build \(source.path): \(errors); install build-essential, or name the file with --source"
            )
        }
        return LoadGenerator(
            binary: binary, server: server, daemon: daemon,
            limit: compileLimit(source.deletingLastPathComponent().appendingPathComponent("limits/netlimit.c"), folder))
    }

    private static func compileLimit(_ source: URL, _ folder: URL) -> URL? {
        let binary = folder.appendingPathComponent("netlimit")
        let result = try? run(
            URL(fileURLWithPath: "/usr/bin/env"), ["cc", "-O2", "-w", "-o", binary.path, source.path])
        return result?.0 == 0 ? binary : nil
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
        let file = binary.deletingLastPathComponent().appendingPathComponent(
            "latencies-\(UInt32.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: file) }
        var arguments = [
            "-n", "\(shape.callers)", "--uri", "sip:conf_%r@\(server)", "--talkers", "\(shape.talkers)",
            "--pid", "\(daemon)", "--time", "\(shape.seconds)", "--cps", "\(shape.callsPerSecond)", "--base",
            "\(shape.base)", "--fifo", "5", "--seed", "\(Int.random(in: 1...1_000_000))", "--latencies", file.path,
            "--label", shape.name, "--rtp-base", "40000",
        ]
        if shape.roomSize > 0 { arguments += ["--room-size", "\(shape.roomSize)"] }
        let (code, output, errors) = try Self.run(binary, arguments)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let result = try? decoder.decode(LoadResult.self, from: Data(output.utf8)) else {
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
        return (
            process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: complaint, as: UTF8.self)
        )
    }
}
