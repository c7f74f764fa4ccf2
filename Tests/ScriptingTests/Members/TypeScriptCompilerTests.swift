// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

enum TypeScriptCompiler {
    static let path = ["/usr/bin/tsc", "/usr/local/bin/tsc"].first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// The definitions for editors, given to the compiler that editors ask.
@Suite(.enabled(if: TypeScriptCompiler.path != nil, "no TypeScript compiler here (Debian: node-typescript)"))
struct TypeScriptCompilerTests {
    /// What it says of these files; empty: nothing.
    private func complaints(_ options: [String], _ files: [String]) throws -> String {
        let process = Process()
        process.executableURL = TypeScriptCompiler.path.map { URL(filePath: $0) }
        process.arguments =
            ["--noEmit", "--lib", "ES2022", "--target", "ES2022"] + options + [Folders.shipped + "/partyline.d.ts"]
            + files
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(
            (process.terminationStatus == 0) == text.isEmpty, "tsc ended with \(process.terminationStatus): \(text)")
        return text
    }

    /// Scripts of their own, each with its own names.
    private static let scripts = ["--allowJs", "--checkJs", "--moduleDetection", "force"]

    @Test func `the definitions are sound`() throws {
        #expect(try complaints(["--strict"], []) == "")
    }

    @Test func `the shipped scripts and examples are right by them`() throws {
        let folders = [Folders.shipped, Folders.shipped + "/examples"]
        let files = try folders.flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".js") }.sorted()
                .map { folder + "/" + $0 }
        }
        #expect(files.count >= 8)
        #expect(try complaints(Self.scripts, files) == "")
    }

    @Test func `what is mistyped is found by them`() throws {
        let script = """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.addEventListener(CallEvents.Connected, (e) => e.headres);
                call.anwser();
                VoxEngine.createURLPlayer({ url: 'http://a', method: 5 });
                ASR.create().start();
            });
            """
        let file = FileManager.default.temporaryDirectory.path + "/partyline-\(UUID().uuidString).js"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data(script.utf8).write(to: URL(filePath: file))
        let text = try complaints(Self.scripts, [file])
        for words in ["(2,58): error", "'headres'", "(3,10): error", "Did you mean 'answer'?", "(4,5): error"] {
            #expect(text.contains(words), "\(text)")
        }
        #expect(text.split(separator: "\n").filter { $0.contains(": error TS") }.count >= 3)
    }
}
