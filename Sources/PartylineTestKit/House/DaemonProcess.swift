// SPDX-License-Identifier: Apache-2.0

package import ControlClient
package import Foundation
import Glibc
import Synchronization

/// A real `partylined`, started for one test on a configuration and a state folder of its own and ended with SIGTERM.
package final class DaemonProcess: Sendable {
    package let folder: URL
    package let portBase: UInt16
    package let processID: Int32
    private let process: Mutex<ProcessBox>
    private let output = Mutex<[UInt8]>([])
    private let pipe: Pipe

    private struct ProcessBox: Sendable {
        let process: Process
    }

    package var sip: SocketAddress { SocketAddress("127.0.0.1", portBase) }
    package var state: URL { folder.appendingPathComponent("state") }
    package var control: ControlClient { ControlClient(socketPath: state.appendingPathComponent("control.sock").path) }

    /// Where the build put the daemon: beside the running test or bench. Nil when it is not built.
    package static var binary: URL? {
        let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        var folders = [
            own, URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent(),
        ]
        let here = FileManager.default.currentDirectoryPath
        folders += ["\(here)/.build/debug", "\(here)/.build/release"].map { URL(fileURLWithPath: $0) }
        // A test bundle lies in a folder of the build folder on some systems.
        folders += [own.deletingLastPathComponent()]
        return folders.map { $0.appendingPathComponent("partylined") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// Starts the daemon and waits until it says "ready". Any program may have a port of it for a moment, as the near end of a
    /// connection out: then it is tried again, twice.
    /// - Parameters:
    ///   - changes: files of the configuration by name; missing ones are taken from the shipped folder.
    ///   - environment: besides this process's own.
    /// - Throws: `daemon` with its output, when it ends or is not ready in time.
    package static func start(
        portBase: UInt16, shipped: URL, changes: [String: String] = [:], environment: [String: String] = [:],
        within seconds: Double = 10, tries: Int = 3
    ) async throws -> DaemonProcess {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("partyline-\(portBase)-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let etc = folder.appendingPathComponent("etc")
        try FileManager.default.copyItem(at: shipped, to: etc)
        for (name, text) in changes {
            let file = etc.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let daemon = try DaemonProcess(folder: folder, portBase: portBase, environment: environment)
        let end = MonotonicClock.now + Int64(seconds * 1e9)
        while MonotonicClock.now < end {
            if daemon.log.contains("ready") { return daemon }
            if !daemon.isRunning { break }
            try await Task.sleep(nanoseconds: 20_000_000)
        }
        // Its last words may still be on their way.
        try? await Task.sleep(nanoseconds: 100_000_000)
        let text = daemon.log + (daemon.exitCode.map { "\nexit code \($0)\n" } ?? "\nstill running\n")
        daemon.stop()
        if tries > 1, text.contains("another program has that port") {
            try await Task.sleep(nanoseconds: 3_000_000_000)
            return try await start(
                portBase: portBase, shipped: shipped, changes: changes, environment: environment, within: seconds,
                tries: tries - 1)
        }
        throw CallerError.daemon("partylined did not get ready:\n\(text)")
    }

    private init(folder: URL, portBase: UInt16, environment: [String: String]) throws {
        guard let binary = Self.binary else { throw CallerError.daemon("partylined is not built") }
        self.folder = folder
        self.portBase = portBase
        let process = Process()
        process.executableURL = binary
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
        process.arguments = [
            "--config", folder.appendingPathComponent("etc").path, "--state",
            folder.appendingPathComponent("state").path,
            "--port-base", String(portBase),
        ]
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = pipe
        try process.run()
        processID = process.processIdentifier
        self.process = Mutex(ProcessBox(process: process))
        self.pipe = pipe
        pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.output.withLock { if $0.count < 4 << 20 { $0 += data } }
        }
    }

    /// What it wrote so far on standard error and output.
    package var log: String { output.withLock { String(decoding: $0, as: UTF8.self) } }
    package var isRunning: Bool { process.withLock { $0.process.isRunning } }
    /// The exit code; nil while it runs.
    package var exitCode: Int32? {
        process.withLock { $0.process.isRunning ? nil : $0.process.terminationStatus }
    }

    /// Waits for a line of the log, at most so long.
    package func logs(_ text: String, within seconds: Double = 3) async -> Bool {
        let end = MonotonicClock.now + Int64(seconds * 1e9)
        while !log.contains(text) {
            if MonotonicClock.now > end { return false }
            try? await Task.sleep(nanoseconds: 20_000_000)
        }
        return true
    }

    package func signal(_ number: Int32) {
        kill(processID, number)
    }

    /// Another run of the program on the same folders, as the service manager makes one after the daemon's end.
    /// - Parameter launcher: a program and its options that run it (`setpriv …`); empty: nothing.
    /// - Returns: its exit code and what it wrote.
    package func runAgain(
        _ options: [String], environment: [String: String] = [:], launcher: [String] = []
    ) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = launcher.first.map { URL(fileURLWithPath: $0) } ?? Self.binary
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
        let program = launcher.isEmpty ? [] : launcher.dropFirst() + [Self.binary?.path ?? ""]
        process.arguments =
            program + ["--config", folder.appendingPathComponent("etc").path, "--state", state.path] + options
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    /// SIGTERM, and three seconds at most for it to end. Its folder stays.
    package func terminate() {
        let begin = MonotonicClock.now
        if isRunning { kill(processID, SIGTERM) }
        while isRunning, MonotonicClock.now - begin < 3_000_000_000 { usleep(10_000) }
    }

    /// SIGTERM, at most three seconds of patience, then SIGKILL; removes the folder.
    /// - Returns: seconds it took to end.
    @discardableResult
    package func stop() -> Double {
        let begin = MonotonicClock.now
        terminate()
        if isRunning { kill(processID, SIGKILL) }
        let seconds = Double(MonotonicClock.now - begin) / 1e9
        while isRunning, MonotonicClock.now - begin < 5_000_000_000 { usleep(10_000) }
        pipe.fileHandleForReading.readabilityHandler = nil
        try? FileManager.default.removeItem(at: folder)
        return seconds
    }
}
