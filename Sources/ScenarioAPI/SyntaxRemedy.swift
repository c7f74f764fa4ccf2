// SPDX-License-Identifier: Apache-2.0

/// What JavaScriptCore says of a text that is no JavaScript, with what to do about it.
package enum SyntaxRemedy {
    /// `said`: the engine's words, such as "SyntaxError: Unexpected token ';'. Expected ')' to end an argument list."
    package static func words(_ said: String, line: Int, column: Int, in script: String) -> String {
        let said = said.hasSuffix(".") ? String(said.dropLast()) : said
        if said.contains("import call expects") || said.contains("keyword 'export'") || said.contains("import.meta") {
            // The engine thinks of import(…), which does not help anybody.
            return "SyntaxError: scenarios have no modules; leave import and export out: the API is there without them "
                + "(docs/SCENARIO-API.md), and the scripts of one rule see each other's names"
        }
        if said.hasSuffix("Parser error") {
            return "SyntaxError: a bracket too many; take it away, or look above for one that is closed too early"
        }
        return said + "; " + (special(said, script) ?? usual(said, before(line, column, in: script)))
    }

    /// What the words of the engine contain, and what to do then.
    private static let remedies = [
        ("Unexpected EOF", "close the text with the quote that begins it, in the same line"),
        ("Multiline comment", "close it with */"),
        ("Unterminated regular", "close it with /, or write what is divided before it"),
        ("variable twice", "give one of the two another name"),
        ("Invalid character '\\u20", "write plain quotes, ' or \""),
        ("Invalid character", "take it away"),
        ("must have an initializer", "give it a value, or write let"),
        ("Return statements", "put it into a function"),
    ]

    private static func special(_ said: String, _ script: String) -> String? {
        guard said.hasSuffix("Unexpected end of script") else {
            return remedies.first { said.contains($0.0) }?.1
        }
        guard let open = openBracket(in: script) else { return "something is missing at the end" }
        return "the \(open.text) of line \(open.line), column \(open.column) is never closed"
    }

    private static func usual(_ said: String, _ before: Substring) -> String {
        if before.split(whereSeparator: { !$0.isLetter }).last == "await", before.last?.isWhitespace == true {
            return "await is for async functions: write async before the function that it stands in"
        }
        // "Expected ')' to end …"
        if let range = said.firstRange(of: "Expected '"), let mark = said[range.upperBound...].first {
            return "write \(mark) before it, or look for a quote or bracket too many before it"
        }
        return "look here, and for a bracket, comma or quote that is missing before it"
    }

    /// What stands in the line before that column.
    private static func before(_ line: Int, _ column: Int, in script: String) -> Substring {
        let lines = script.split(separator: "\n", maxSplits: max(line, 1), omittingEmptySubsequences: false)
        guard let text = lines[safe: line - 1] else { return "" }
        return text.prefix(max(column - 1, 0))
    }

    /// The innermost that is open at the end.
    private static func openBracket(in script: String) -> ScriptToken? {
        var open: [ScriptToken] = []
        for token in ScriptTokenizer.tokens(of: script) where token.kind == .mark {
            if "([{".contains(token.text) { open.append(token) }
            if ")]}".contains(token.text) { _ = open.popLast() }
        }
        return open.last
    }
}
