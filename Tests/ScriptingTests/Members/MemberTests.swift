// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ScenarioAPI
import Testing

/// Every row of the member table: does it hold in JavaScript?
@Suite(.serialized) struct MemberTests {
    static let groups: [(name: String, examples: [MemberExample])] = [
        ("engine", MemberExamples.engine), ("application", MemberExamples.application), ("call", MemberExamples.call),
        ("call events", MemberExamples.callEvents), ("conference", MemberExamples.conference),
        ("players", MemberExamples.players), ("recorder and IVR", MemberExamples.recorder),
        ("web and storage", MemberExamples.web), ("helpers", MemberExamples.helpers),
        ("constants", MemberExamples.constants), ("refusals", MemberExamples.refusals),
    ]

    @Test(arguments: groups.map(\.name)) func `members do what the table says`(group: String) async throws {
        let examples = Self.groups.first { $0.name == group }?.examples ?? []
        #expect(!examples.isEmpty)
        let failures = try await MemberStage.failures(examples)
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    @Test func `every member has an example, and every example a member`() {
        let members = Set(MemberTable.all.map(\.path))
        #expect(members.count == MemberTable.all.count, "a member stands twice in the table")
        let shown = Set(Self.groups.flatMap(\.examples).map(\.member))
        #expect(shown.subtracting(members) == [])
        // Events that never come have nothing to show but their name.
        let needed = MemberTable.all.filter { $0.kind != .event || $0.isSupported }.map(\.path)
        #expect(Set(needed).subtracting(shown) == [])
    }

    /// A row is proved by a script that uses it: as `Owner.name`, as `.name` of an object, or by itself.
    @Test func `the name of every supported member is written in an example of it`() {
        let examples = Dictionary(grouping: Self.groups.flatMap(\.examples), by: \.member)
        let missing = MemberTable.all.filter { member in
            guard member.kind != .event || member.isSupported else { return false }
            return !(examples[member.path] ?? []).contains { $0.writes(member) }
        }
        #expect(missing.map(\.path) == [], "rows that no script of a test uses")
    }

    @Test func `every form of a member has an example of its own`() {
        let examples = Dictionary(grouping: Self.groups.flatMap(\.examples), by: \.member)
        let short = MemberTable.all.filter { member in
            guard member.kind == .function, member.isSupported else { return false }
            return (examples[member.path] ?? []).count < member.forms.count + member.oldForms.count
        }
        #expect(short.map(\.path) == [], "rows with fewer examples than forms")
    }

    @Test func `nothing is there that the table does not know`() async throws {
        let names = MemberTable.namespaces + MemberTable.eventTables + ["DTMFType", "RecordExpireTime"]
        let script = names.map { "out('\($0)', Object.keys(\($0)).sort().join(' '));" }.joined(separator: "\n")
        let gives = names.map { name in
            let known = MemberTable.members(of: name).map(\.name).sorted {
                $0.utf16.lexicographicallyPrecedes($1.utf16)
            }
            return "=> \(name) \(known.joined(separator: " "))"
        }
        var example = MemberExample("", script)
        example.gives = gives
        #expect(try await MemberStage.failures([example]) == [])
    }

    @Test func `the check knows which names the engine really has`() async throws {
        let list = { (names: [String]) -> String in names.sorted().map { "'\($0)'" }.joined(separator: ", ") }
        let example = MemberExample(
            "",
            "out('missing', [\(list(Array(ScriptNames.ofEngine)))].filter((name) => !(name in globalThis)).join(' ') + '.'); "
                + "out('there', [\(list(Array(ScriptNames.elsewhere.keys)))].filter((name) => name in globalThis).join(' ') + '.');",
            gives: "=> missing .", "=> there .")
        #expect(try await MemberStage.failures([example]) == [])
    }

    @Test func `classes have the methods of the table and no others`() async throws {
        let script = """
            const methods = (value) => {
                const names = new Set();
                for (let p = value; p && p !== Object.prototype; p = Object.getPrototypeOf(p))
                    for (const name of Object.getOwnPropertyNames(p)) if (name !== 'constructor') names.add(name);
                return [...names].sort().join(' ');
            };
            const c = VoxEngine.createConference();
            out('Call', methods(call));
            out('Conference', methods(c));
            out('Player', methods(VoxEngine.createURLPlayer('a')));
            out('SequencePlayer', methods(VoxEngine.createSequencePlayer({segments: [{url: 'a'}]})));
            out('Recorder', methods(VoxEngine.createRecorder()));
            """
        let ofAll: Set<String> = ["toString", "sendMediaTo", "stopMediaTo"]
        let gives = ["Call", "Conference", "Player", "SequencePlayer", "Recorder"].map { name in
            let known = Set(MemberTable.members(of: name).map(\.name)).union(ofAll)
            return "=> \(name) " + known.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }.joined(separator: " ")
        }
        var example = MemberExample("", script)
        example.gives = gives
        #expect(try await MemberStage.failures([example]) == [])
    }

    @Test func `the reference and the definitions are those of the table`() throws {
        let reference = try String(contentsOf: URL(filePath: Folders.top + "/docs/SCENARIO-API.md"), encoding: .utf8)
        #expect(
            reference == Reference.markdown(), "run: partyline scenario reference > docs/SCENARIO-API.md")
        let definitions = try String(contentsOf: URL(filePath: Folders.shipped + "/partyline.d.ts"), encoding: .utf8)
        #expect(
            definitions == TypeScript.definitions(),
            "run: partyline scenario reference --typescript > etc/partyline/scenarios/partyline.d.ts")
    }
}

enum MemberExamples {}
