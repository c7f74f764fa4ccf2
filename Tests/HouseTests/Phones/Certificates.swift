// SPDX-License-Identifier: Apache-2.0

import Foundation

/// An authority of a test's own, the certificate of a box at 127.0.0.1 from an authority in between, and a key that belongs to
/// nobody.
final class Certificates {
    let folder: URL

    init(_ name: String) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("partyline-certificates-\(name)")
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try openssl(
            ["req", "-x509"] + key + ["-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test ca"])
        try sign("between", by: "ca", "/CN=Test between", "basicConstraints=critical,CA:true\n", key)
        try sign(
            "box", by: "between", "/CN=127.0.0.1", "subjectAltName=DNS:127.0.0.1,DNS:localhost,IP:127.0.0.1\n", key)
        try sign("other", by: "ca", "/CN=127.0.0.1", "subjectAltName=IP:127.0.0.1\n", key)
        // What the box shows: its own, and the one between it and the authority that the phones trust.
        let chain = try ["box.pem", "between.pem"].map {
            try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
        }
        try chain.joined().write(to: folder.appendingPathComponent("chain.pem"), atomically: true, encoding: .utf8)
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    private func sign(_ name: String, by authority: String, _ subject: String, _ extensions: String, _ key: [String])
        throws
    {
        try extensions.write(to: folder.appendingPathComponent("\(name).ext"), atomically: true, encoding: .utf8)
        try openssl(["req"] + key + ["-keyout", "\(name).key", "-out", "\(name).csr", "-subj", subject])
        try openssl([
            "x509", "-req", "-in", "\(name).csr", "-CA", "\(authority).pem", "-CAkey", "\(authority).key",
            "-CAcreateserial", "-out", "\(name).pem", "-days", "2", "-extfile", "\(name).ext",
        ])
    }

    @discardableResult
    func openssl(_ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = Tool.openssl
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self)
    }
}
