// SPDX-License-Identifier: Apache-2.0

import CJavaScriptCore

/// What ended a script, and where in the scripts of the user it happened.
struct ScriptFault: Error, Equatable {
    var text: String
    /// Empty when not known: somebody threw a value that is no Error.
    var file = ""
    var line = 0

    /// "gateway.js:12: TypeError: …"
    var description: String { file.isEmpty ? text : line > 0 ? "\(file):\(line): \(text)" : "\(file): \(text)" }

    init(_ text: String, file: String = "", line: Int = 0) {
        self.text = text
        self.file = file
        self.line = line
    }

    /// From a value that was thrown.
    init(thrown value: JSValueRef?, in context: JSContextRef?) {
        let words = ScriptText.of(value, in: context, limit: 1000)
        self.init(words.isEmpty ? "an error that can not be put into words" : words)
        guard let value, JSValueIsObject(context, value) else {
            text = "the script threw \(text)"
            return
        }
        let stack = ScriptText.property("stack", of: value, in: context, limit: 20_000) ?? ""
        if let place = Self.place(inStack: stack) {
            (file, line) = place
        } else if let source = ScriptText.property("sourceURL", of: value, in: context, limit: 300),
            source != Prelude.name
        {
            file = source
            line = Int(ScriptText.number("line", of: value, in: context))
        }
    }

    /// The same, with a place ("gateway.js:12") if it has none.
    func placed(at place: String) -> ScriptFault {
        guard file.isEmpty, !place.isEmpty else { return self }
        let end = place.lastIndex(of: ":")
        let line = end.flatMap { Int(place[place.index(after: $0)...]) }
        guard let end, let line else { return ScriptFault(text, file: place) }
        return ScriptFault(text, file: String(place[..<end]), line: line)
    }

    /// The innermost frame that belongs to a script of the user. Frames look like "name@gateway.js:12:5".
    static func place(inStack stack: String) -> (file: String, line: Int)? {
        for frame in stack.split(separator: "\n") {
            let source = frame.split(separator: "@", omittingEmptySubsequences: false).last ?? frame
            let parts = source.split(separator: ":")
            guard parts.count >= 3, let line = Int(parts[parts.count - 2]), Int(parts[parts.count - 1]) != nil else {
                continue
            }
            let file = parts.dropLast(2).joined(separator: ":")
            if file != Prelude.name, !file.isEmpty { return (file, line) }
        }
        return nil
    }
}
