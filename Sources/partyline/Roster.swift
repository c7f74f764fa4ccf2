// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Telephony

/// The reports as people read them.
enum Roster {
    static func status(_ report: StatusReport) -> String {
        var lines = [
            "partylined \(report.version), up \(duration(report.uptimeSeconds))",
            "calls \(report.calls), rooms \(report.rooms), lines \(report.lines), scenario sessions "
                + "\(report.sessions)",
            "  SIP on \(report.sipAddresses.isEmpty ? "nothing" : report.sipAddresses.joined(separator: ", "))",
            "  mix thread \(figure(report.mixThreadLoadPercent, 1)) % busy, "
                + (report.mixThreadRealTime ? "real-time priority" : "ordinary priority"),
        ]
        if !report.workers.isEmpty { lines.append("  workers " + report.workers.joined(separator: ", ")) }
        lines += report.warnings.map { "  warning: \($0)" }
        return lines.map(\.printable).joined(separator: "\n") + "\n"
    }

    static func rooms(_ rooms: [RoomReport]) -> String {
        guard !rooms.isEmpty else { return "nobody is in any room\n" }
        var table = Table(["ROOM", "PEOPLE", "STATE", "TALKING"], toTheRight: [1])
        for room in rooms {
            let talking = room.participants.filter(\.isTalking).map(title).joined(separator: ", ")
            table.add([room.name, "\(room.participants.count)", room.isLocked ? "locked" : "open", talking])
        }
        return table.text
    }

    static func room(_ room: RoomReport) -> String {
        let people = room.participants.count
        var table = Table(
            [
                "ID", "NAME", "NUMBER", "VIA", "CODEC", "LEVEL", "", "JITTER", "LOST", "HIDDEN", "DELAY",
                "LOST THERE", "TRIP", "TIME",
                "STATE",
            ],
            toTheRight: [0, 7, 8, 9, 10, 11, 12, 13])
        for person in room.participants {
            let media = person.media
            table.add([
                person.id, person.name, person.number, person.technology, media.codec, LevelBar.text(media.levelDBm0),
                person.isTalking ? "talking" : "", "\(figure(media.jitterMilliseconds, 1)) ms", lost(media),
                "\(figure(media.concealedPercent, 1)) %", "\(figure(media.standingDelayMilliseconds, 1)) ms",
                "\(figure(media.farLossPercent, 0)) %", "\(figure(media.roundTripMilliseconds, 0)) ms",
                duration(person.secondsInRoom), marks(person),
            ])
        }
        let head =
            "room \(room.name) (\(room.conferenceID)), \(people) \(people == 1 ? "participant" : "participants"), "
            + (room.isLocked ? "locked" : "open")
        return head.printable + "\n" + (people == 0 ? "" : table.text)
    }

    static func calls(_ calls: [CallReport]) -> String {
        guard !calls.isEmpty else { return "no calls\n" }
        var table = Table(
            ["ID", "VIA", "FROM", "TO", "STATE", "RULE", "ROOM", "CODEC", "TIME", "PEER"], toTheRight: [0, 8])
        for call in calls {
            let caller = [call.callerName, call.callerNumber].filter { !$0.isEmpty }.joined(separator: " ")
            table.add([
                call.id, call.technology, caller, call.destination, call.state, call.rule, call.room, call.media.codec,
                duration(call.seconds), call.peer,
            ])
        }
        return table.text
    }

    static func lines(_ lines: [LineReport]) -> String {
        guard !lines.isEmpty else { return "no lines\n" }
        var table = Table(
            ["NAME", "EXT", "PRESET", "STATE", "RATE", "PERIOD", "DRIFT", "XRUNS", "DEVICE"], toTheRight: [4, 5, 6, 7])
        for line in lines {
            table.add(
                [
                    line.name, line.extension, line.preset,
                    line.otherCall.isEmpty ? line.state : "\(line.state), one \(line.otherCall)",
                ] + card(line) + [line.device])
        }
        return table.text
    }

    /// A gateway has none.
    private static func card(_ line: LineReport) -> [String] {
        guard line.sampleRate > 0 else { return ["-", "-", "-", "-"] }
        return [
            "\(line.sampleRate) Hz", "\(figure(line.periodMilliseconds, 1)) ms", "\(figure(line.driftPPM, 0)) ppm",
            "\(line.underruns)+\(line.overruns)",
        ]
    }

    private static func title(_ person: ParticipantReport) -> String {
        person.name.isEmpty ? (person.number.isEmpty ? person.id : person.number) : person.name
    }

    private static func marks(_ person: ParticipantReport) -> String {
        [(person.isMuted, "muted"), (person.isDeaf, "deaf"), (person.isOnHold, "on hold")]
            .filter(\.0).map(\.1).joined(separator: ", ")
    }

    private static func lost(_ media: PortStatistics) -> String {
        let all = Double(media.packetsReceived) + Double(media.packetsLost)
        return "\(figure(all > 0 ? Double(media.packetsLost) * 100 / all : 0, 1)) %"
    }

    /// Seconds as "1:02:03" or "2:03".
    static func duration(_ seconds: Int) -> String {
        let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }

    /// With so many decimals; "-" for what is no number.
    static func figure(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "-" }
        let scale = (0..<decimals).reduce(1) { product, _ in product * 10 }
        let units = Int((value * Double(scale)).rounded())
        guard decimals > 0 else { return "\(units)" }
        let rest = "\(abs(units) % scale)"
        let zeros = String(repeating: "0", count: decimals - rest.count)
        return "\(units < 0 ? "-" : "")\(abs(units) / scale).\(zeros)\(rest)"
    }
}

/// A level meter in characters: 20 of them for -60 … 0 dBm0, 3 dB each.
enum LevelBar {
    static let width = 20

    static func text(_ levelDBm0: Double) -> String {
        guard levelDBm0.isFinite else { return String(repeating: ".", count: width) }
        let filled = Int((min(0, max(-60, levelDBm0)) + 60) / 3)
        return String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    }
}
