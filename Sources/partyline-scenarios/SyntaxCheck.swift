// SPDX-License-Identifier: Apache-2.0

import CJavaScriptCore
import Glibc
import ScenarioProtocol

/// `partyline-scenarios --check NAME`: the script comes on standard input; nothing of it is run. Exit code 0: it is
/// JavaScript; 1: it is not, and standard output says where and why ("gateway.js:12:7: SyntaxError: …"); 64: it is too long.
enum SyntaxCheck {
    static func run(name: String) -> Int32 {
        var limits = rlimit(rlim_cur: 10, rlim_max: 10)
        setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limits)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= ScenarioLimits.scriptCharacters * 3 {
            let count = Glibc.read(0, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf16.count <= ScenarioLimits.scriptCharacters else { return 64 }
        guard let context = JSGlobalContextCreate(nil) else { return 70 }
        defer { JSGlobalContextRelease(context) }
        var exception: JSValueRef?
        let isValid = ScriptText.with(text) { text in
            ScriptText.with(name) { JSCheckScriptSyntax(context, text, $0, 1, &exception) }
        }
        if isValid { return 0 }
        let fault = ScriptFault(thrown: exception, in: context)
        let column = SyntaxPlace.column(fault.text, line: fault.line, in: text, context)
        print("\(name):\(max(fault.line, 1)):\(column): \(fault.text)")
        return 1
    }
}
