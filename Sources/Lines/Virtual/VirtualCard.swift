// SPDX-License-Identifier: Apache-2.0
import CLinux
import Foundation
import Synchronization

/// The virtual line card: lines that exist in memory only, reached through ALSA like any sound card, so the daemon that
/// uses them runs exactly what it runs on hardware.
///
/// It serves its lines on one thread (`virtual-lines`), writes the ALSA configuration that names them ("vline:NAME" for PCM
/// and controls), and needs nothing installed: ALSA_CONFIG_PATH names that file, the plugins are found where they were built.
package final class VirtualCard: Sendable {
    package let folder: String
    private let plugins: String
    private let served: ServedLines

    /// `folder` holds the lines' sockets and asound.conf, and is made. `plugins`: where the two plugin libraries are; nil:
    /// beside the running program, or in the folder where it was built.
    package init(folder: String, plugins: String?) throws(LineError) {
        self.folder = folder
        let found = plugins ?? Self.pluginFolder
        guard let found, FileManager.default.fileExists(atPath: found + "/" + Self.library("pcm")) else {
            throw LineError(
                code: ENOENT, device: "virtual line card", stage: "find \(Self.library("pcm"))",
                remedy: "build it (swift build) or put it beside the program")
        }
        self.plugins = found
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw LineError(
                code: EACCES, device: "virtual line card", stage: "make the folder \(folder)",
                remedy: "make it writable")
        }
        served = try ServedLines()
    }

    deinit { served.stop() }

    /// A further line; its ALSA name is `device(of:)`. Letters, digits, '-' and '_' only.
    package func addLine(named name: String, sampleRate: Int, isManual: Bool) throws(LineError) -> VirtualLine {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
            throw LineError(
                code: EINVAL, device: name, stage: "make a virtual line of this name",
                remedy: "take letters, digits, '-' and '_' only")
        }
        let line = try VirtualLine(name: name, socket: "\(folder)/\(name)", sampleRate: sampleRate, isManual: isManual)
        served.add(line)
        return line
    }

    package static func device(of name: String) -> String { "vline:\(name)" }

    package var configurationPath: String { folder + "/asound.conf" }

    /// What makes alsa-lib know the lines, beside all that it knows anyway.
    package var configuration: String {
        let path = "path { @func concat strings [ \"\(folder)/\" $LINE ] }"
        let sections = ["pcm", "ctl"].map { kind in
            """
            \(kind)_type.vline { lib "\(plugins)/\(Self.library(kind))" }
            \(kind).vline { @args [ LINE ] @args.LINE { type string } type vline \(path) }
            """
        }
        return """
            # Written by Partyline: its virtual lines ("vline:NAME"), for ALSA_CONFIG_PATH.
            </usr/share/alsa/alsa.conf>
            \(sections.joined(separator: "\n"))

            """
    }

    /// Writes the configuration and makes this process (and those it starts) use it. Before alsa-lib is used for the first
    /// time, and before other threads run (setenv). An ALSA_CONFIG_PATH that is set already is replaced.
    package func adopt() throws(LineError) {
        do {
            try configuration.write(toFile: configurationPath, atomically: true, encoding: .utf8)
        } catch {
            throw LineError(
                code: EACCES, device: "virtual line card", stage: "write \(configurationPath)",
                remedy: "make the folder writable")
        }
        setenv("ALSA_CONFIG_PATH", configurationPath, 1)
    }

    private static func library(_ kind: String) -> String { "libasound_module_\(kind)_vline.so" }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 95
    }

    /// The program's own folder, or one of those above it (tests run from a bundle beside the libraries).
    private static var pluginFolder: String? {
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let given = CommandLine.arguments.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        for candidate in given where FileManager.default.fileExists(atPath: candidate.path + "/" + library("pcm")) {
            return candidate.path
        }
        for _ in 0..<3 {
            for place in [folder.path, folder.path + "/partyline", folder.path + "/../lib/partyline"]
            where FileManager.default.fileExists(atPath: place + "/" + library("pcm")) {
                return place
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }
}
