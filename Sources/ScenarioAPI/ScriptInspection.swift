// SPDX-License-Identifier: Apache-2.0

/// Looks through scripts for members that are not there, events that never come, and functions that nobody defines. It reads,
/// it does not run: where it can not know what something is, it says nothing.
package struct ScriptInspection {
    package struct Script: Sendable {
        package var name: String
        package var text: String

        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    private var problems: [ScriptProblem] = []
    let tokens: [ScriptToken]
    private let file: String
    /// What variables are, over all scripts that share a context.
    private let classes: [String: String]
    private let ownProperties: Set<String>
    private let defined: Set<String>
    private let declared: Set<String>

    /// Problems of scripts that run in one context, in the order of the scripts.
    package static func problems(in scripts: [Script]) -> [ScriptProblem] {
        let all = scripts.map { ScriptTokenizer.tokens(of: $0.text) }
        let names = ScriptNames(all)
        return zip(scripts, all).flatMap { script, tokens in
            var inspection = ScriptInspection(script.name, tokens, names)
            inspection.run()
            return inspection.problems
        }
    }

    private init(_ file: String, _ tokens: [ScriptToken], _ names: ScriptNames) {
        self.file = file
        self.tokens = tokens
        classes = names.classes
        ownProperties = names.ownProperties
        defined = names.defined
        declared = names.declared
    }

    mutating func note(_ token: ScriptToken, _ severity: ScriptProblem.Severity, _ words: String) {
        problems.append(
            ScriptProblem(
                file: file, line: token.line, column: token.column, severity: severity, words: words))
    }

    private mutating func run() {
        for index in tokens.indices where tokens[index].kind == .name {
            let token = tokens[index]
            let isMember = index > 0 && [".", "?."].contains(tokens[index - 1].text)
            if isMember {
                member(at: index)
            } else if token.text == "IVRState", index > 0, tokens[index - 1].isName("new") {
                menu(at: index)
            } else if tokens[safe: index + 1]?.isMark("(") == true {
                call(of: token, at: index)
            }
        }
    }

    /// `owner.name`.
    private mutating func member(at index: Int) {
        guard index >= 2, tokens[index - 2].kind == .name else { return }
        let owner = tokens[index - 2]
        let token = tokens[index]
        let isOwnerMember = index >= 3 && [".", "?."].contains(tokens[index - 3].text)
        if isOwnerMember {
            // "e.call.say": only `call` of an event is known.
            if owner.text == "call" { check(token, of: "Call", at: index, owner: "a call") }
            return
        }
        let tables = MemberTable.namespaces + MemberTable.eventTables + MemberTable.constantTables
        if tables.contains(owner.text), !declared.contains(owner.text) {
            check(token, of: owner.text, at: index, owner: owner.text)
        } else if let list = Self.listsOfNothing[owner.text], !declared.contains(owner.text) {
            note(owner, whatIsMissingOf: list)
        } else if let type = classes[owner.text] {
            check(token, of: type, at: index, owner: "the \(type) \(owner.text)")
        }
    }

    /// Global tables of what this box does not do, by their names.
    private static let listsOfNothing = Dictionary(
        MemberTable.members(of: "").filter { $0.kind == .constant && !$0.isSupported }.map { ($0.name, $0) },
        uniquingKeysWith: { first, _ in first })

    private mutating func check(_ token: ScriptToken, of type: String, at index: Int, owner: String) {
        let members = MemberTable.members(of: type)
        guard let member = members.first(where: { $0.name == token.text }) else {
            return unknown(token, of: type, owner: owner, members.map(\.name))
        }
        note(token, whatIsMissingOf: member)
        if ["addEventListener", "removeEventListener"].contains(token.text) { listener(of: type, at: index) }
    }

    private mutating func note(_ token: ScriptToken, whatIsMissingOf member: ScenarioMember) {
        switch member.support {
        case .supported: break
        case .withoutEffect(let why): note(token, .warning, "\(member.path) has no effect here: \(why)")
        case .refused(let why):
            let what =
                switch member.kind {
                case .event: "never comes here"
                case .function: "is not available here and throws an error"
                case .constant: "is of no use here"
                }
            note(token, .warning, "\(member.path) \(what): \(why)")
        }
    }

    private mutating func unknown(_ token: ScriptToken, of type: String, owner: String, _ known: [String]) {
        if type == "Language" {
            guard !Self.languageWords.contains(where: token.text.uppercased().contains) else { return }
            return note(
                token, .warning,
                "Language.\(token.text) names no language that is known; write "
                    + (SimilarName.find(token.text, among: known) ?? "one such as US_ENGLISH_FEMALE"))
        }
        let ofEveryObject = [
            "constructor", "hasOwnProperty", "toString", "valueOf", "isPrototypeOf", "keys", "values", "entries",
        ]
        guard !ownProperties.contains(token.text), !ofEveryObject.contains(token.text) else { return }
        let isEvent = MemberTable.eventTables.contains(type)
        let remedy =
            SimilarName.find(token.text, among: known).map { "write \($0)" }
            ?? "see `partyline scenario reference` for what there is"
        note(token, .error, "\(owner) has no \(isEvent ? "event" : "member") \(token.text); \(remedy)")
    }

    private static let languageWords = Set(
        MemberTable.languages.compactMap { $0.split(separator: "_").dropFirst().first.map(String.init) })

    /// `owner.addEventListener(Table.Event`: does that owner have such events?
    private mutating func listener(of type: String, at index: Int) {
        guard tokens[safe: index + 1]?.isMark("(") == true, let table = tokens[safe: index + 2], table.kind == .name,
            MemberTable.eventTables.contains(table.text), tokens[safe: index + 3]?.isMark(".") == true
        else { return }
        let expected = type == "VoxEngine" ? "AppEvents" : type + "Events"
        guard table.text != expected, MemberTable.eventTables.contains(expected) else { return }
        let subject = type == "VoxEngine" ? "VoxEngine" : "a \(type)"
        note(table, .error, "\(table.text) never come to \(subject); its events are in \(expected)")
    }

    /// A function that no script here defines.
    private mutating func call(of token: ScriptToken, at index: Int) {
        guard !defined.contains(token.text), !ScriptNames.language.contains(token.text) else { return }
        if let nothing = Self.listsOfNothing[token.text] { return note(token, whatIsMissingOf: nothing) }
        let known = MemberTable.members(of: "").map(\.name)
        guard !known.contains(token.text), !MemberTable.classes.contains(token.text) else { return }
        if token.text == "require" { return }
        if let remedy = ScriptNames.elsewhere[token.text] {
            return note(token, .error, "\(token.text) is not in the engine of scripts; write \(remedy)")
        }
        let nearest = SimilarName.find(
            token.text, among: known + Array(defined).sorted() + ScriptNames.language.sorted())
        note(
            token, nearest == nil ? .warning : .error,
            "\(token.text) is defined in none of these scripts; \(nearest.map { "write \($0)" } ?? "define it, or check its name")"
        )
    }
}
