// SPDX-License-Identifier: Apache-2.0

/// What the names in scripts that share a context stand for, as far as that can be seen without running them.
package struct ScriptNames {
    /// Variables that hold one class of the API and nothing else.
    private(set) var classes: [String: String] = [:]
    /// Names that are defined or assigned somewhere: variables, parameters, functions, methods.
    private(set) var defined: Set<String> = []
    /// Of these, what is declared by a word of its own.
    private(set) var declared: Set<String> = []
    /// Properties that scripts put on objects themselves.
    private(set) var ownProperties: Set<String> = []
    private var doubtful: Set<String> = []
    /// What Conference.add or .get gave, if what stands before the point is a conference.
    private var endpoints: [(name: String, owner: String)] = []

    /// JavaScript's own words that look like calls.
    static let words: Set<String> = [
        "if", "for", "while", "switch", "catch", "return", "typeof", "function", "super", "await", "async", "with",
        "of", "in",
        "new", "delete", "void", "throw", "case", "else", "do", "yield", "import",
    ]

    /// What the engine of the scripts brings by itself; a test asks the engine for each.
    package static let ofEngine: Set<String> = [
        "String", "Number", "Boolean", "Array", "Object", "Date", "Map", "Set", "WeakMap", "WeakSet", "Promise",
        "RegExp", "WeakRef", "FinalizationRegistry", "AggregateError", "BigInt64Array",
        "BigUint64Array", "Uint8ClampedArray", "EvalError", "ReferenceError", "URIError", "Iterator",
        "Error", "TypeError", "RangeError", "SyntaxError", "Symbol", "BigInt", "JSON", "Math", "Proxy", "Reflect",
        "Intl",
        "parseInt", "parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent", "encodeURI",
        "decodeURI",
        "eval", "Function", "Uint8Array", "Int8Array", "Uint16Array", "Int16Array", "Uint32Array", "Int32Array",
        "Float32Array", "Float64Array", "ArrayBuffer", "DataView", "escape", "unescape",
    ]

    static let language = words.union(ofEngine)

    /// What browsers and servers have and this engine has not, and what to write instead; a test asks the engine for each.
    package static let elsewhere: [String: String] = [
        "structuredClone": "JSON.parse(JSON.stringify(value))", "queueMicrotask": "Promise.resolve().then(action)",
        "setImmediate": "setTimeout(action, 0)", "requestAnimationFrame": "setTimeout(action, delay)",
        "SharedArrayBuffer": "ArrayBuffer", "fetch": "Net.httpRequestAsync(url, options)",
        "XMLHttpRequest": "Net.httpRequest(url, callback, options)", "alert": "Logger.write(text)",
        "atob": "base64_decode(text)", "btoa": "base64_encode(text)", "TextEncoder": "str2bytes(text)",
        "TextDecoder": "bytes2str(bytes)", "URL": "a regular expression of your own",
        "URLSearchParams": "encodeURIComponent(value)",
    ]

    private static let declarators: Set<String> = ["const", "let", "var", "function", "class"]

    private static let made: [String: String] = [
        "callConference": "Call", "callPSTN": "Call", "callSIP": "Call", "callUser": "Call", "callUserDirect": "Call",
        "createConference": "Conference", "createURLPlayer": "Player", "createTTSPlayer": "Player",
        "createToneScriptPlayer": "Player", "createToneScript": "Player", "createSequencePlayer": "SequencePlayer",
        "createRecorder": "Recorder",
    ]

    init(_ scripts: [[ScriptToken]]) {
        for tokens in scripts { for index in tokens.indices { look(at: index, in: tokens) } }
        let conferences = Set(classes.filter { $0.value == "Conference" }.keys).subtracting(doubtful)
        for (name, owner) in endpoints where conferences.contains(owner) { set(name, "Endpoint") }
        for name in doubtful { classes[name] = nil }
    }

    private mutating func look(at index: Int, in tokens: [ScriptToken]) {
        let token = tokens[index]
        guard token.kind == .name else { return }
        let before = index > 0 ? tokens[index - 1] : nil
        let after = tokens[safe: index + 1]
        let isMember = before.map { $0.isMark(".") || $0.isMark("?.") } ?? false
        if isMember {
            if after?.isMark("=") == true { ownProperties.insert(token.text) }
            return
        }
        if let before, before.kind == .name, Self.declarators.contains(before.text) { declared.insert(token.text) }
        if after?.isMark("(") != true || before?.isName("function") == true || before?.isName("class") == true
            || isMethod(at: index, in: tokens)
        {
            defined.insert(token.text)
        }
        if after?.isMark("=") == true { assigned(token.text, from: index + 2, in: tokens) }
        // ({ call }) => …, function ({ call, headers })
        if token.text == "call", before?.isMark("{") == true || before?.isMark(",") == true,
            after?.isMark("}") == true || after?.isMark(",") == true
        {
            set("call", "Call")
        }
    }

    /// `name(…) {` in a class or an object.
    private func isMethod(at index: Int, in tokens: [ScriptToken]) -> Bool {
        var depth = 0
        for place in (index + 1)..<min(tokens.count, index + 200) {
            if tokens[place].isMark("(") { depth += 1 }
            if tokens[place].isMark(")") { depth -= 1 }
            if depth == 0 {
                return tokens[safe: place + 1]?.isMark("{") == true && !Self.language.contains(tokens[index].text)
            }
        }
        return false
    }

    private mutating func assigned(_ name: String, from start: Int, in tokens: [ScriptToken]) {
        var index = start
        if tokens[safe: index]?.isName("await") == true { index += 1 }
        guard let first = tokens[safe: index], first.kind == .name else { return }
        if first.text == "VoxEngine", let function = tokens[safe: index + 2], let type = Self.made[function.text] {
            // Only what the call returns: not VoxEngine.createConference().id().
            if endsAfterCall(from: index + 3, in: tokens) { set(name, type) }
        } else if tokens[safe: index + 1]?.isMark(".") == true, let function = tokens[safe: index + 2],
            function.isName("add") || function.isName("get"), tokens[safe: index + 3]?.isMark("(") == true
        {
            if endsAfterCall(from: index + 3, in: tokens) { endpoints.append((name, first.text)) }
        } else if first.text == "new", tokens[safe: index + 1]?.text == "IVRState" {
            set(name, "IVRState")
        } else if tokens[safe: index + 1]?.isMark(".") == true, tokens[safe: index + 2]?.isName("call") == true,
            let end = tokens[safe: index + 3], !end.isMark("."), !end.isMark("("), !end.isMark("?."), !end.isMark("[")
        {
            set(name, "Call")
        }
    }

    private func endsAfterCall(from start: Int, in tokens: [ScriptToken]) -> Bool {
        var depth = 0
        for place in start..<tokens.count {
            if tokens[place].isMark("(") { depth += 1 }
            if tokens[place].isMark(")") { depth -= 1 }
            if depth == 0 { return tokens[safe: place + 1]?.isMark(".") != true }
        }
        return true
    }

    private mutating func set(_ name: String, _ type: String) {
        if let other = classes.updateValue(type, forKey: name), other != type { doubtful.insert(name) }
    }
}
