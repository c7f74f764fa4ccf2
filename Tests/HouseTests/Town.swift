// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lines
import PartylineTestKit
import Signals
import Telephony

/// The telephone network around a house: landlines with their exchange, and telephones, on a line card that is this process's. The
/// daemon reaches it by ALSA ("town:NAME") like any hardware, and the hardware outlives the daemon.
final class Town: Sendable {
    let card: VirtualCard
    private let configuration: String
    static let rate = 8_000

    init() throws {
        let folder = NSTemporaryDirectory() + "partyline-town-\(UInt32.random(in: 0 ... .max))"
        card = try VirtualCard(folder: folder, plugins: nil)
        configuration = folder + "/town.conf"
        // Under a name of its own: lines of the name that the daemon's own card has are the daemon's.
        try card.configuration.replacingOccurrences(of: "pcm.vline {", with: "pcm.town {")
            .replacingOccurrences(of: "ctl.vline {", with: "ctl.town {")
            .write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: card.folder) }

    var environment: [String: String] { ["ALSA_CONFIG_PATH": configuration] }

    /// A landline; what is said into it comes back 12 dB weaker. `tellsOfBell`: its interface has a ring detector.
    func landline(_ name: String, tellsOfBell: Bool = true) async throws -> VirtualExchange {
        let line = try card.addLine(named: name, sampleRate: Self.rate, isManual: false)
        let exchange = VirtualExchange(line, country: LandlineCountry(), echoDB: 12, tellsOfBell: tellsOfBell)
        await exchange.start()
        return exchange
    }

    func phone(_ name: String) throws -> VirtualPhone {
        VirtualPhone(try card.addLine(named: name, sampleRate: Self.rate, isManual: false))
    }

    /// The file of `lines.d` that names it.
    static func settings(_ name: String, preset: String, _ more: String = "") -> [String: String] {
        [
            "lines.d/\(name).toml":
                "name = \"\(name)\"\npreset = \"\(preset)\"\npcm = \"town:\(name)\"\nctl = \"town:\(name)\"\nrate = \(rate)\n\(more)"
        ]
    }

    /// A landline whose calls are greeted.
    static func landlineSettings(_ name: String, _ more: String = "") -> [String: String] {
        settings(name, preset: "alsa-fxo", "route = \"welcome\"\n\(more)")
    }
}

extension VirtualExchange {
    /// Waits until the box has taken the line, or let it go; how many seconds that took, or nil.
    nonisolated func waits(isTaken: Bool, seconds: Double) async -> Double? {
        let begin = MonotonicClock.now
        while Double(MonotonicClock.now - begin) < seconds * 1e9 {
            if line.isOffHook == isTaken { return Double(MonotonicClock.now - begin) / 1e9 }
            try? await Task.sleep(nanoseconds: 5_000_000)
        }
        return nil
    }

    /// The caller presses keys.
    func press(_ keys: String) { _ = perform("dial", digits: keys) }

    /// Calls, waits for the answer, types the room.
    func enter(_ room: String, from number: String) async -> Bool {
        call(from: number, name: "", by: .v23)
        guard await waits(isTaken: true, seconds: 9) != nil else { return false }
        try? await Task.sleep(nanoseconds: 500_000_000)
        press(room + "#")
        return true
    }
}
