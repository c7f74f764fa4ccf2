// SPDX-License-Identifier: Apache-2.0

import CFuzz
import Foundation

/// `partyline-fuzz TARGET [ARGUMENT OF LIBFUZZER]…`, `partyline-fuzz list`: see Scripts/fuzz.
@main
enum PartylineFuzz {
    // Set once, before the fuzzer runs on the same thread.
    nonisolated(unsafe) private static var target: FuzzTarget?

    private static let callback: cfuzz_target = { bytes, count in
        guard let target = PartylineFuzz.target else { return 0 }
        target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
        return 0
    }

    static func main() {
        let arguments = CommandLine.arguments
        if arguments.dropFirst().first == "list" {
            for target in FuzzTarget.all { print(target.name, target.longest, target.seeds.joined(separator: ",")) }
            return
        }
        guard let name = arguments.dropFirst().first, let found = FuzzTarget.named(name) else {
            let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
            FileHandle.standardError.write(Data("usage: partyline-fuzz TARGET [ARGUMENT]…; targets: \(names)\n".utf8))
            exit(64)
        }
        target = found
        var texts = (["partyline-fuzz"] + arguments.dropFirst(2)).map { strdup($0) }
        texts.append(nil)
        let code = texts.withUnsafeMutableBufferPointer { buffer in
            cfuzz_run(Int32(buffer.count - 1), buffer.baseAddress, callback)
        }
        if code == -1 {
            FileHandle.standardError.write(Data("built without libFuzzer: use Scripts/fuzz\n".utf8))
            exit(69)
        }
        exit(code)
    }
}
