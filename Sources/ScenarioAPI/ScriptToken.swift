// SPDX-License-Identifier: Apache-2.0
// ECMAScript 2024, clause 12 (lexical grammar), as far as names, strings and marks are told apart. Not done: whether the
// tokens make a program; JavaScriptCore says that.

/// A token of JavaScript with its place.
struct ScriptToken: Equatable {
    enum Kind: Equatable {
        case name, string, number, mark, template, expression
    }

    var kind: Kind
    var text: String
    /// From 1.
    var line: Int
    var column: Int

    func isMark(_ mark: String) -> Bool { kind == .mark && text == mark }
    func isName(_ name: String) -> Bool { kind == .name && text == name }
}

/// Cuts a script into tokens. Never fails: what it does not know becomes a mark of one character.
struct ScriptTokenizer {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var line = 1
    private var lineStart = 0
    private var tokens: [ScriptToken] = []
    /// Brace depths at which a template's expression ends.
    private var templates: [Int] = []
    private var depth = 0

    static func tokens(of script: String) -> [ScriptToken] {
        var tokenizer = ScriptTokenizer(script)
        tokenizer.run()
        return tokenizer.tokens
    }

    private init(_ script: String) { scalars = Array(script.unicodeScalars) }

    private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        place + offset < scalars.count ? scalars[place + offset] : nil
    }

    private mutating func advance() {
        if scalars[place] == "\n" {
            line += 1
            lineStart = place + 1
        }
        place += 1
    }

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "$" || scalar == "#" || scalar.properties.isIDContinue
    }

    private mutating func run() {
        while let scalar = peek() {
            switch scalar {
            case " ", "\t", "\r", "\n", "\u{FEFF}", "\u{A0}": advance()
            case "/" where peek(1) == "/": while let next = peek(), next != "\n" { _ = next; advance() }
            case "/" where peek(1) == "*": blockComment()
            case "\"", "'": string(scalar)
            case "`": template()
            case "/" where startsExpression: expression()
            case "0"..."9": take(.number) { Self.isNamePart($0) || $0 == "." }
            case _ where Self.isNamePart(scalar): take(.name, Self.isNamePart)
            case "}" where templates.last == depth: template()
            default: mark(scalar)
            }
        }
    }

    private mutating func take(_ kind: ScriptToken.Kind, _ belongs: (Unicode.Scalar) -> Bool) {
        let (start, row, column) = (place, line, place - lineStart + 1)
        while let next = peek(), belongs(next) { advance() }
        add(kind, from: start, row, column)
    }

    private mutating func add(_ kind: ScriptToken.Kind, from start: Int, _ row: Int, _ column: Int) {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[start..<place])
        tokens.append(ScriptToken(kind: kind, text: String(text), line: row, column: column))
    }

    private mutating func mark(_ scalar: Unicode.Scalar) {
        if scalar == "{" { depth += 1 }
        if scalar == "}" { depth -= 1 }
        let (start, row, column) = (place, line, place - lineStart + 1)
        advance()
        // The only marks of two characters that matter: "?." and "=>", and those that "=" must not be taken for.
        if let next = peek(), let first = scalars[safe: start] {
            let isPair =
                (first == "?" && next == "." && !(peek(1).map { ("0"..."9").contains($0) } ?? false))
                || (first == "=" && (next == ">" || next == "="))
                || (next == "=" && "!<>+-*/%&|^".unicodeScalars.contains(first))
            if isPair { advance() }
        }
        add(.mark, from: start, row, column)
    }

    private mutating func blockComment() {
        advance()
        advance()
        while place < scalars.count, !(peek() == "*" && peek(1) == "/") { advance() }
        for _ in 0..<2 where place < scalars.count { advance() }
    }

    private mutating func string(_ quote: Unicode.Scalar) {
        let (start, row, column) = (place, line, place - lineStart + 1)
        advance()
        while let next = peek(), next != quote, next != "\n" {
            if next == "\\", peek(1) != nil { advance() }
            advance()
        }
        if peek() == quote { advance() }
        add(.string, from: start, row, column)
    }

    /// From a back quote, or from the brace that ends an expression in a template.
    private mutating func template() {
        let (start, row, column) = (place, line, place - lineStart + 1)
        if peek() == "}" {
            templates.removeLast()
            depth -= 1
        }
        advance()
        while let next = peek() {
            if next == "`" {
                advance()
                break
            }
            if next == "$", peek(1) == "{" {
                advance()
                advance()
                depth += 1
                templates.append(depth)
                break
            }
            if next == "\\", peek(1) != nil { advance() }
            advance()
        }
        add(.template, from: start, row, column)
    }

    /// Whether a slash begins a regular expression here and is no division.
    private var startsExpression: Bool {
        guard let last = tokens.last else { return true }
        switch last.kind {
        case .name: return ["return", "typeof", "case", "in", "of", "await", "void", "delete"].contains(last.text)
        case .mark: return ![")", "]", "}"].contains(last.text)
        case .number, .string, .template, .expression: return false
        }
    }

    private mutating func expression() {
        let (start, row, column) = (place, line, place - lineStart + 1)
        var isInClass = false
        advance()
        while let next = peek(), next != "\n" {
            if next == "[" { isInClass = true }
            if next == "]" { isInClass = false }
            if next == "\\", peek(1) != nil { advance() } else if next == "/", !isInClass { break }
            advance()
        }
        if peek() == "/" { advance() }
        while let next = peek(), Self.isNamePart(next) { _ = next; advance() }
        add(.expression, from: start, row, column)
    }
}

extension Array {
    subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
