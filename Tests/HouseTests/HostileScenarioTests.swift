// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    /// Scripts that run wild in the real daemon, one after the other, while two people talk in a room and a third one is with a
    /// script of his own.
    @Suite struct HostileScenarioTests {
        static let wild: [(name: String, body: String)] = [
            ("loop", "for (;;) {}"),
            ("promises", "const spin = () => Promise.resolve().then(spin); spin();"),
            ("arrays", "const all = []; for (;;) all.push(new Float64Array(1 << 20).fill(1));"),
            ("recursion", "const deep = (n) => deep(n + 1) + 1; deep(0);"),
            ("pattern", "/^(a+)+$/.test('a'.repeat(40) + 'b');"),
            ("timers", "for (let i = 0; i < 10000; i++) setTimeout(() => 0, 1000);"),
            ("listeners", "for (let i = 0; i < 10000; i++) call.addEventListener(CallEvents.OnHold, () => i);"),
            ("speech", "call.say('x'.repeat(20000000)); Logger.write('it goes on');"),
        ]

        private static func script(_ body: String) -> String {
            """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.addEventListener(CallEvents.Connected, () => {
                    \(body)
                });
                call.answer();
            });
            """
        }

        private static func rule(_ name: String) -> String {
            "[[rule]]\nname = \"\(name)\"\npattern = '\(name)'\nscenarios = [\"\(name).js\"]\n\n"
        }

        private static func changes() throws -> [String: String] {
            let shipped = try String(contentsOf: House.shipped.appendingPathComponent("rules.toml"), encoding: .utf8)
            let names = wild.map { "wild-\($0.name)" } + ["parked"]
            var changes = ["rules.toml": names.map(rule).joined() + shipped, "scenarios/parked.js": script("")]
            for (name, body) in wild { changes["scenarios/wild-\(name).js"] = script(body) }
            return changes
        }

        @Test func `each ends within three seconds and is told with its place; a room loses no frame`() async throws {
            try await House.open(34_960, changes: Self.changes()) { house in
                let people = [try await house.guest("anna", in: "3"), try await house.guest("bert", in: "3")]
                for (number, person) in people.enumerated() {
                    person.speak(Voice(number * 3 + 1).samples(seconds: 5), loop: true)
                }
                let parked = try house.caller("parked")
                parked.call("parked")
                try await parked.answered()
                try await Task.sleep(nanoseconds: 1_000_000_000)
                for person in people { person.clearRecordings() }
                for (name, _) in Self.wild {
                    let caller = try house.caller(name)
                    caller.call("wild-\(name)")
                    // Some are over within the millisecond in which they were answered.
                    #expect(await caller.wait(3) { $0 == .up || $0.isOver }, "\(name) is not answered")
                    if case .over(.refused(let code, _)) = caller.phase { Issue.record("\(name) got \(code)") }
                    let began = MonotonicClock.now
                    #expect(await house.daemon.logs("wild-\(name).js:", within: 3), "wild-\(name) is not told")
                    let seconds = Double(MonotonicClock.now - began) / 1e9
                    print("hostile scenario \(name): told after \(Int(seconds * 1000)) ms")
                    caller.hangUp()
                    _ = await caller.wait(3) { $0.isOver }
                }
                for person in people {
                    let packets = person.heard.packets
                    let missing = zip(packets, packets.dropFirst()).filter { $0.position + $0.count != $1.position }
                    print(
                        "\(person.name): \(packets.count) packets, longest gap \(TroubleTests.longestGap(person.heard)) s"
                    )
                    #expect(packets.count > 100)
                    #expect(missing.isEmpty, "\(person.name) misses \(missing.count) of \(packets.count) frames")
                }
                let inside = house.room("3")?.participants ?? []
                #expect(inside.count == 2 && inside.allSatisfy { $0.media.packetsLost == 0 })
                // Whoever was with a worker that is gone is with another one.
                #expect(parked.phase == .up)
                await Conversation.check(people)
            }
        }
    }
}
