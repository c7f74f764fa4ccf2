// SPDX-License-Identifier: Apache-2.0

import Patterns
package import Settings

/// Rules that can never match, because those before them take all that they would, or because their pattern takes nothing.
///
/// Found by trying: destinations that a rule's pattern takes (made from the pattern itself) are asked of the rules before it. So
/// a rule that is named here is very likely dead, and one that is not may be dead all the same.
package enum ShadowedRules {
    /// The rule, and those that stand before it; none, where no text was found that its pattern takes.
    package static func find(in rules: [RuleSettings]) -> [(rule: RuleSettings, before: [String])] {
        var found: [(rule: RuleSettings, before: [String])] = []
        for (index, rule) in rules.enumerated() {
            guard let pattern = rule.pattern else { continue }
            // Of these the settings tell by themselves.
            let isBehindAll = rules[..<index].contains {
                $0.origins.isSuperset(of: rule.origins)
                    && ($0.pattern?.catchesEverything == true || $0.pattern?.text == pattern.text)
            }
            if isBehindAll { continue }
            let examples = PatternExamples.of(pattern)
            if examples.isEmpty {
                if !PatternExamples.takesOther(pattern) { found.append((rule, [])) }
                continue
            }
            guard examples.count >= 3 || !pattern.text.contains(where: "*+?[{|.\\".contains)
            else {
                continue
            }
            var takers: Set<String> = []
            let isShadowed = rule.origins.allSatisfy { origin in
                examples.allSatisfy { example in
                    guard let taker = rules[..<index].first(where: { $0.matches(example, from: origin) }) else {
                        return false
                    }
                    takers.insert(taker.name)
                    return true
                }
            }
            if isShadowed, !rule.origins.isEmpty { found.append((rule, takers.sorted())) }
        }
        return found
    }
}

/// Texts that a pattern takes, made by walking through it: characters as they are, classes by some of their members, repeats by
/// few and many. What it makes and the pattern does not take is thrown away.
enum PatternExamples {
    static func of(_ pattern: Pattern) -> [String] {
        var texts: Set<String> = []
        for seed in 0..<64 {
            var maker = Maker(Array(pattern.text), seed: UInt64(seed))
            let text = maker.alternatives()
            if (try? pattern.matches(text)) == true { texts.insert(text) }
        }
        return texts.sorted()
    }

    /// Whether it takes something that was not made from it: what people dial, short and long.
    static func takesOther(_ pattern: Pattern) -> Bool {
        var texts = ["", "sales", "anna.b-c"]
        for length in 1...15 {
            for first in 0...9 {
                let digits = (0..<length).map { "\((first + $0) % 10)" }.joined()
                texts += [digits, "+" + digits, "*" + digits, "conf_" + digits, digits + "#"]
            }
        }
        // Texts for these are not made here, so that none was found says nothing.
        let notUnderstood = ["(?&", "(?P", "(?(", "(?R", "(?1", "\\g", "\\k", "\\Q", "\\x", "\\1", "\\2", "\\h", "\\N"]
        if notUnderstood.contains(where: { pattern.text.contains($0) }) { return true }
        // Nobody knows what a pattern takes that gives up at its limits.
        return texts.contains { (try? pattern.matches($0)) ?? true }
    }

    private struct Maker {
        let characters: [Character]
        var place = 0
        var state: UInt64

        init(_ characters: [Character], seed: UInt64) {
            self.characters = characters
            state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        }

        mutating func pick(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(max(count, 1)))
        }

        mutating func alternatives(depth: Int = 0) -> String {
            var choices = [sequence(depth: depth)]
            while place < characters.count, characters[place] == "|" {
                place += 1
                choices.append(sequence(depth: depth))
            }
            return choices[pick(choices.count)]
        }

        mutating func sequence(depth: Int) -> String {
            var text = ""
            while place < characters.count, characters[place] != "|", characters[place] != ")" {
                let start = place
                let once = atom(depth: depth)
                let after = place
                let count = repeats()
                // Each repetition is made anew, so that [0-9]+ is not always the same digit.
                let end = place
                for index in 0..<count where text.count < 80 {
                    if index == 0 {
                        text += once
                    } else {
                        place = start
                        text += atom(depth: depth)
                    }
                }
                place = max(end, after)
            }
            return text
        }

        mutating func atom(depth: Int) -> String {
            let character = characters[place]
            place += 1
            switch character {
            case "(" where depth < 20:
                if place + 1 < characters.count, characters[place] == "?" {
                    while place < characters.count, characters[place] != ":", characters[place] != ">",
                        characters[place] != ")"
                    {
                        place += 1
                    }
                    if place < characters.count, characters[place] != ")" { place += 1 }
                }
                let inner = alternatives(depth: depth + 1)
                if place < characters.count, characters[place] == ")" { place += 1 }
                return inner
            case "[": return set()
            case ".": return String(["1", "a", "9", "_", "#", "Z"][pick(6)])
            case "^", "$": return ""
            case "\\" where place < characters.count:
                place += 1
                return escaped(characters[place - 1])
            default: return String(character)
            }
        }

        private mutating func escaped(_ character: Character) -> String {
            switch character {
            case "d": String(pick(10))
            case "w": ["a", "7", "_", "q"][pick(4)]
            case "D", "s": " "
            case "p", "P": property()
            case "b", "A", "z", "Z": ""
            default: String(character)
            }
        }

        /// `\p{L}`: a letter, if it is one; what is made is tried anyway.
        private mutating func property() -> String {
            guard place < characters.count else { return "" }
            if characters[place] == "{" {
                while place < characters.count, characters[place] != "}" { place += 1 }
            }
            if place < characters.count { place += 1 }
            return ["a", "7", "Z", "_"][pick(4)]
        }

        /// `[:digit:]` within a set; nil: it is none, and nothing was taken.
        private mutating func named() -> [Character]? {
            let rest = String(characters[place...].prefix(10))
            let names = ["[:digit:]", "[:alpha:]", "[:alnum:]", "[:upper:]", "[:lower:]"]
            guard let name = names.first(where: { rest.hasPrefix($0) }) else { return nil }
            place += name.count
            return switch name {
            case "[:digit:]": Array("0123456789")
            case "[:alnum:]": Array("09az")
            case "[:upper:]": Array("AZ")
            default: Array("az")
            }
        }

        private mutating func set() -> String {
            var members: [Character] = []
            var isNegated = false
            if place < characters.count, characters[place] == "^" {
                isNegated = true
                place += 1
            }
            while place < characters.count, characters[place] != "]" || members.isEmpty {
                if let more = named() {
                    members += more
                    continue
                }
                var character = characters[place]
                place += 1
                if character == "\\", place < characters.count {
                    character = characters[place]
                    place += 1
                    if character == "d" {
                        members += Array("0123456789")
                        continue
                    }
                }
                if place + 1 < characters.count, characters[place] == "-", characters[place + 1] != "]",
                    let low = character.unicodeScalars.first?.value,
                    let high = characters[place + 1].unicodeScalars.first?.value, low <= high, high - low < 512
                {
                    members += (low...high).compactMap { Unicode.Scalar($0).map { Character($0) } }
                    place += 2
                } else {
                    members.append(character)
                }
            }
            if place < characters.count { place += 1 }
            if isNegated {
                members = Array("0123456789abcXYZ_#*").filter { !members.contains($0) }
            }
            return members.isEmpty ? "" : String(members[pick(members.count)])
        }

        /// How often the atom before comes.
        private mutating func repeats() -> Int {
            guard place < characters.count else { return 1 }
            let count: Int
            switch characters[place] {
            case "*": count = pick(5)
            case "+": count = 1 + pick(5)
            case "?": count = pick(2)
            case "{":
                guard let close = characters[place...].firstIndex(of: "}") else { return 1 }
                let bounds = String(characters[place + 1..<close]).split(
                    separator: ",", omittingEmptySubsequences: false)
                guard let low = bounds.first.flatMap({ Int($0) }), low < 80 else { return 1 }
                let high = bounds.count > 1 ? Int(bounds[1]) ?? low + 4 : low
                place = close
                count = low + pick(max(1, min(high, 80) - low + 1))
            default: return 1
            }
            place += 1
            if place < characters.count, "?+".contains(characters[place]) { place += 1 }
            return count
        }
    }
}
