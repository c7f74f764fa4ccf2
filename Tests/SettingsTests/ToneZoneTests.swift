// SPDX-License-Identifier: Apache-2.0
// Our tone plans against the table of libtonezone (Debian libtonezone-dev), where that is installed.

import Foundation
import Settings
import Telephony
import Testing

@Suite struct ToneZoneTests {
    private struct Zone {
        var tones: [Int: String] = [:]
        var ring: [Int] = []
    }

    /// The library's table, printed by a C program that is compiled here; nil where there is no library.
    private func zones() throws -> [String: Zone]? {
        let library = "/usr/include/dahdi/tonezone.h"
        guard FileManager.default.fileExists(atPath: library) else { return nil }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tonezone-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("dahdi"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // The header wants two constants of a kernel header that the package does not bring.
        try Data("#define DAHDI_MAX_CADENCE 16\n#define DAHDI_TONE_MAX 16\n".utf8)
            .write(to: folder.appendingPathComponent("dahdi/user.h"))
        let program = """
            #include <stdio.h>
            #include <dahdi/tonezone.h>
            int main(void) {
                for (struct tone_zone *z = builtin_zones; z->zone >= 0; z++) {
                    for (int i = 0; i < 16 && z->ringcadence[i]; i++) printf("%s ring %d\\n", z->country, z->ringcadence[i]);
                    for (int i = 0; i < 16; i++)
                        if (z->tones[i].data[0]) printf("%s %d %s\\n", z->country, z->tones[i].toneid, z->tones[i].data);
                }
            }
            """
        try Data(program.utf8).write(to: folder.appendingPathComponent("zones.c"))
        let command =
            "cd '\(folder.path)' && cc -I. zones.c -o zones -ltonezone && ./zones"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        var zones: [String: Zone] = [:]
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard words.count == 3 else { continue }
            if words[1] == "ring", let time = Int(words[2]) {
                zones[words[0], default: Zone()].ring.append(time)
            } else if let tone = Int(words[1]) {
                zones[words[0], default: Zone()].tones[tone] = words[2]
            }
        }
        return zones
    }

    /// What both notations have in common: frequencies, modulation, milliseconds, once.
    private func normal(_ text: String) -> [String] {
        let parts = text.replacing("100!0", with: "100,!0").split(separator: ",").map(String.init)
        let endless = parts.last?.contains("/") == false
        return parts.map { part in
            var part = part
            let isOnce = part.hasPrefix("!") && !endless
            part = part.replacing("!", with: "").replacing("@", with: "")
            let halves = part.split(separator: "/").map(String.init)
            var frequencies = halves[0]
            // Japan writes its modulated tones as a sum with 15 or 16 Hz.
            if frequencies.hasSuffix("+15") || frequencies.hasSuffix("+16") {
                frequencies = frequencies.replacing("+", with: "*")
            }
            return "\(frequencies)/\(halves.count > 1 ? halves[1] : "0")\(isOnce ? "!" : "")"
        }
    }

    private func normal(_ segments: [ToneSegment]) -> [String] {
        segments.map { segment in
            var text = "\(Int(segment.frequency1Hz))"
            if segment.frequency2Hz > 0 { text += "+\(Int(segment.frequency2Hz))" }
            if segment.modulationHz > 0 { text += "*\(Int(segment.modulationHz))" }
            return text + "/\(segment.milliseconds)" + (segment.isOnce ? "!" : "")
        }
    }

    /// Where we differ on purpose, and why.
    private let exceptions: [String: String] = [
        "hu 10": "three frequencies; we keep two",
        "ee 7": "the table begins with a piece of 0 ms",
        "th 4": "the table has frequency and time of the pause interchanged",
    ]

    @Test func `the plans are those of libtonezone`() throws {
        guard let zones = try zones() else {
            print("SKIPPED: comparison of the tone plans with libtonezone (install libtonezone-dev)")
            return
        }
        let plans = try Workshop().load().get().tonePlans
        #expect(zones.count >= 46)
        var compared = 0
        for (country, zone) in zones.sorted(by: { $0.key < $1.key }) where country != "us-old" {
            let plan = try #require(plans.first { $0.country == country }, "no plan for \(country)")
            #expect(plan.ringMilliseconds == zone.ring, "\(country) ring")
            let tones: [Int: [ToneSegment]] = [
                0: plan.dial, 1: plan.busy, 2: plan.ringback, 3: plan.reorder, 4: plan.callWaiting, 5: plan.recall,
                6: plan.record, 7: plan.specialInformation, 10: plan.messageWaiting,
            ]
            for (number, text) in zone.tones {
                if let reason = exceptions["\(country) \(number)"] {
                    print("not compared: \(country) tone \(number): \(reason)")
                    continue
                }
                #expect(normal(tones[number] ?? []) == normal(text), "\(country) tone \(number)")
                compared += 1
            }
        }
        print("tones compared with libtonezone: \(compared) of \(zones.values.map(\.tones.count).reduce(0, +))")
        #expect(compared > 390)
    }
}
