// SPDX-License-Identifier: Apache-2.0

/// `new IVRState(name, {type: …})`: whether the type is one.
extension ScriptInspection {
    static let menuTypes = ["select", "inputfixed", "inputunknown", "noinput"]

    /// Of one menu; a longer one is not looked through.
    private static let mostTokens = 5000

    private enum MenuType {
        case written(ScriptToken, String)
        case missing
        /// Only who runs the script knows.
        case unseen
    }

    /// `index` is that of the name `IVRState`.
    mutating func menu(at index: Int) {
        let types = "\"" + Self.menuTypes.joined(separator: "\", \"") + "\""
        switch typeOfMenu(at: index) {
        case .unseen: break
        case .missing: note(tokens[index], .error, "the IVRState has no type; write one of \(types)")
        case .written(let token, let given):
            guard !Self.menuTypes.contains(given) else { return }
            let remedy = SimilarName.find(given, among: Self.menuTypes).map { "\"\($0)\"" } ?? "one of \(types)"
            note(token, .error, "\"\(given)\" is no type of an IVRState; write \(remedy)")
        }
    }

    private func typeOfMenu(at index: Int) -> MenuType {
        guard let start = settings(at: index) else { return .unseen }
        var depth = 0
        for place in start..<min(tokens.count, start + Self.mostTokens) {
            let token = tokens[place]
            if token.kind == .mark, "([{".contains(token.text) { depth += 1 }
            if token.kind == .mark, ")]}".contains(token.text) { depth -= 1 }
            if depth == 0 { return .missing }
            guard depth == 1, tokens[place].isMark("{") || tokens[place].isMark(","), let key = tokens[safe: place + 1]
            else { continue }
            // What is spread or reckoned may have a type in it.
            if key.isMark(".") || key.isMark("[") { return .unseen }
            guard ["type", "'type'", "\"type\""].contains(key.text) else { continue }
            guard tokens[safe: place + 2]?.isMark(":") == true, let value = tokens[safe: place + 3],
                value.kind == .string, let end = tokens[safe: place + 4], end.isMark(",") || end.isMark("}")
            else { return .unseen }
            return .written(value, String(value.text.dropFirst().dropLast()))
        }
        return .unseen
    }

    /// Where the second argument begins, if it is an object that is written there.
    private func settings(at index: Int) -> Int? {
        guard tokens[safe: index + 1]?.isMark("(") == true else { return nil }
        var depth = 0
        for place in (index + 1)..<min(tokens.count, index + Self.mostTokens) {
            let token = tokens[place]
            guard token.kind == .mark else { continue }
            if "([{".contains(token.text) { depth += 1 }
            if ")]}".contains(token.text) { depth -= 1 }
            if depth == 0 { return nil }
            if depth == 1, token.isMark(",") { return tokens[safe: place + 1]?.isMark("{") == true ? place + 1 : nil }
        }
        return nil
    }
}
