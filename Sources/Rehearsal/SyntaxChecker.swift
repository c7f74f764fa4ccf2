// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
package import ScenarioAPI
import ScenarioProtocol
import Scripting

/// Asks the JavaScript engine, in a process of its own, whether a file is JavaScript.
package enum SyntaxChecker {
    /// What is wrong, nil when nothing is.
    package static func complaint(about file: String) -> ScriptProblem? {
        let program = ScenarioWorkerOptions.executableBesideThisProgram()
        var pipes: [Int32] = [-1, -1]
        guard pipe(&pipes) == 0 else { return problem(file, 1, "no pipe is left for the check") }
        defer { close(pipes[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, file, O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
        posix_spawn_file_actions_addclose(&actions, pipes[0])
        posix_spawn_file_actions_addclose(&actions, pipes[1])
        // A colon in a name would be taken for the place.
        var words: [UnsafeMutablePointer<CChar>?] = copies([program, "--check", "script"])
        var variables: [UnsafeMutablePointer<CChar>?] = copies(["JSC_useJIT=0", "LANG=C.UTF-8"])
        defer { (words + variables).forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, program, &actions, nil, &words, &variables)
        close(pipes[1])
        guard code == 0 else { return problem(file, 1, "not checked: \(program) does not start") }
        let said = read(pipes[0])
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status != 0 else { return nil }
        if status >> 8 == 64 {
            return problem(file, 1, ScenarioLimits.tooLongScript)
        }
        // "script:12:7: SyntaxError: …"
        let parts = said.split(separator: ":", maxSplits: 3).map { String($0.drop { $0 == " " }) }
        guard parts.count == 4, let line = Int(parts[1]), let column = Int(parts[2]) else {
            return problem(file, 1, said.isEmpty ? "the check broke off" : said)
        }
        let text = (try? String(contentsOf: URL(filePath: file), encoding: .utf8)) ?? ""
        let told = SyntaxRemedy.words(parts[3], line: line, column: column, in: text)
        return ScriptProblem(file: file, line: line, column: column, severity: .error, words: told)
    }

    /// For the C library; to be freed.
    private static func copies(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] { words.map { strdup($0) } + [nil] }

    private static func problem(_ file: String, _ line: Int, _ words: String) -> ScriptProblem {
        ScriptProblem(file: file, line: line, column: 1, severity: .error, words: words)
    }

    private static func read(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 64 << 10 {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").joined(separator: " ")
    }
}
