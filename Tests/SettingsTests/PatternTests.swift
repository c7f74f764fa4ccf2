// SPDX-License-Identifier: Apache-2.0

import Patterns
import Testing

@Suite struct PatternTests {
    @Test func `a rule for whatever is dialled is no service with a number of its own`() throws {
        for text in ["[0-9]+", "\\d+", ".*", "[0-9]{1,8}", "(?:conf_)?[0-9]*"] {
            #expect(try Pattern(text).takesAnyNumber, "\(text)")
        }
        for text in ["21", "2[0-9]", "4\\d\\d", "conf_.*", "[a-z]+", "[0-9]{3}"] {
            #expect(try !Pattern(text).takesAnyNumber, "\(text)")
        }
    }

    @Test func `the whole text must match`() throws {
        let pattern = try Pattern("conf_[0-9]+")
        #expect(try pattern.matches("conf_111"))
        #expect(try !pattern.matches("conf_111x"))
        #expect(try !pattern.matches("xconf_111"))
        #expect(try !pattern.matches("conf_111\n"))
        #expect(try !pattern.matches(""))
        #expect(try Pattern("1|12").matches("12"))
        #expect(try Pattern("a$").matches("a"))
        #expect(try !Pattern("a$").matches("a\n"))
        #expect(try Pattern(".").matches("ö"))
        #expect(try Pattern("").matches(""))
    }

    @Test func `a pattern tells whether something longer may match`() throws {
        for (text, start, goesOn) in [
            ("[0-9]{1,8}", "1234567", true), ("[0-9]{1,8}", "12345678", false), ("112|1123", "112", true),
            ("112|1123", "1123", false), ("0[0-9]+", "0301234567", true), ("0[0-9]+", "111", false),
            ("0[0-9]{14}", "0", true), ("^[0-9]{3}$", "22", true), ("^[0-9]{3}$", "221", false),
            ("conf_.*", "5000", false), ("(?!0)[0-9]{3}", "0", false), ("\\*9[0-9]", "*9", true),
            // Nobody knows: what cannot be wrapped.
            ("a\\Q b", "1", true),
        ] {
            #expect(try Pattern(text).canGoOn(from: start) == goesOn, "\(text) from \(start)")
        }
    }

    @Test func `a broken pattern is refused at its offset`() {
        for (text, offset) in [
            ("[a", 2), ("a(b", 3), ("*", 0), ("ö(", 2), ("a{2,1}", 5), ("(?<n", 4), ("\\C", 2), ("(?", 2),
        ] {
            #expect(throws: PatternError.self) { try Pattern(text) }
            do { _ = try Pattern(text) } catch {
                guard case .invalid(let found, let reason) = error else { Issue.record(error); continue }
                #expect(found == offset, "\(text): \(reason)")
                #expect(!reason.isEmpty)
            }
        }
    }

    @Test func `lengths and nesting have bounds`() throws {
        #expect(throws: PatternError.tooLong(bytes: 513, maximum: 512)) {
            try Pattern(String(repeating: "a", count: 513))
        }
        _ = try Pattern(String(repeating: "a", count: 512))
        #expect(throws: PatternError.self) {
            try Pattern(String(repeating: "(", count: 40) + String(repeating: ")", count: 40))
        }
        #expect(throws: PatternError.self) { try Pattern("((((a{1,1000}){1,1000}){1,1000}){1,1000})") }
        #expect(throws: PatternError.subjectTooLong(bytes: 257, maximum: 256)) {
            try Pattern(".*").matches(String(repeating: "1", count: 257))
        }
        #expect(try Pattern(".*").matches(String(repeating: "1", count: 256)))
        #expect(try Pattern("a.b").matches("a\0b"))
    }

    /// Patterns that hang other matchers for minutes to ages; here each is answered or given up, in below 1 ms
    /// of processor time where it was tried. Without limits most of them do not end at all.
    @Test(arguments: [
        "(a+)+", "(a*)*b", "(a|a)*b", "(a|aa)+$b", "([a-zA-Z]+)*1", "(.*a){20}",
        "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)b",
        "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y", "((a+)*)*b", "(?:a?){64}a{64}b", "(a+)+\\1b", "(?=(a+))*b",
        "(?:(?:a{1,9}){1,9}){1,9}b", "(.*?,){11}P", "(?R)?a(?R)?b", "(a(?1)?)+b", "(?i)(a|A|b|B)*c", "(?>a*)*b",
        "(*LIMIT_MATCH=4000000000)(a+)+b", "(*NO_START_OPT)(a+)+b", "(?s)(.+)+(.+)+b", "(?:.|a|.)*b", "(?<=a)*(a+)+b",
        "([0-9]+)*x", "(a+)+[bc]", "(a|a?)+[!x]", "(.+)*[^!]", "((((a*)*)*)*)*b", "(a?){99}(a*){99}b",
        "(?:a*a*a*a*a*a*a*a*a*a*)b", ".*.*.*.*.*.*.*.*.*.*=.*",
    ])
    func `no pattern holds up a call`(_ text: String) throws {
        let pattern: Pattern
        do { pattern = try Pattern(text) } catch {
            guard case .invalid = error else { Issue.record(error); return }
            return
        }
        // The second holds what the matcher looks for beforehand (a required 'b', '=', 'P'), so that it has to try.
        let subjects = [
            String(repeating: "a", count: 256), String(repeating: "a", count: 200) + "bxPy=,cA1!",
            String(repeating: "1,", count: 120) + "=Pb!", String(repeating: "xa", count: 100) + "yb1!",
        ]
        for subject in subjects {
            var best = Duration.seconds(1_000)
            for _ in 0..<3 {
                best = min(
                    best,
                    processorTime {
                        do { _ = try pattern.matches(subject) } catch {
                            guard case PatternError.tooExpensive = error else { Issue.record(error); return }
                        }
                    })
            }
            #expect(best < .milliseconds(5))
        }
    }

    @Test func `a limit that was reached is told, and a harmless pattern never reaches it`() throws {
        #expect(throws: PatternError.self) { try Pattern("(a+)+[bc]").matches(String(repeating: "a", count: 64)) }
        #expect(try Pattern("(00|\\+)[1-9][0-9]{5,14}").matches("004930123456"))
        #expect(try !Pattern("[a-z0-9._-]+@[a-z0-9.-]+").matches(String(repeating: "a", count: 256)))
    }

    @Test func `one pattern serves many tasks at once`() async throws {
        let pattern = try Pattern("conf_([0-9]+)")
        let hits = await withTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask {
                    (0..<500).reduce(0) { sum, number in
                        sum
                            + (((try? pattern.matches(number % 2 == 0 ? "conf_\(number)" : "x\(task)")) ?? false)
                                ? 1 : 0)
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(hits == 8 * 250)
    }

    @Test func `catch-alls are known however they are written`() throws {
        for text in [".*", ".+", "(.*)", "^.*$", "[\\s\\S]+", "(?:.|x)*", "(conf_.*|.*)"] {
            #expect(try Pattern(text).catchesEverything, "\(text)")
        }
        for text in ["conf_.*", "[0-9]*", "[^_]*", "\\S{1,20}", "(?!112).*", "(a+)+", ""] {
            #expect(try !Pattern(text).catchesEverything, "\(text)")
        }
    }
}
