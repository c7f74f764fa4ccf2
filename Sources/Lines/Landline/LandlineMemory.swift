// SPDX-License-Identifier: Apache-2.0
import Foundation
import Telephony

/// What was learned of each landline, in a file of the state directory. On the `lines` thread.
final class LandlineMemory {
    struct Segment: Codable, Hashable {
        var hz: [Double]
        var am: Double?
        var ms: Int
    }

    struct Entry: Codable, Hashable {
        /// Disconnect tones, the newest last.
        var tones: [[Segment]] = []
        /// How who calls is told (`BellLearner.Way`).
        var callerID: String?
        var callerIDComesFirst: Bool?
        /// Burst and pause of the bell in turn, ms.
        var bell: [Int]?
        /// From playing to hearing, in ms: so the echo filter knows where to look from the first word on.
        var echoDelay: Double?
    }

    private let path: String?
    /// What was wrong with the file, for the log.
    private(set) var trouble: String?
    private(set) var entries: [String: Entry] = [:]
    private static let mostTones = 4
    private static let mostBytes = 1 << 20

    /// Nil: nothing is kept. A file that can not be read is put aside and told in `trouble`.
    init(path: String?) {
        self.path = path
        guard let path, FileManager.default.fileExists(atPath: path) else { return }
        if let data = FileManager.default.contents(atPath: path), data.count <= Self.mostBytes,
            let read = try? JSONDecoder().decode([String: Entry].self, from: data)
        {
            entries = read
        } else {
            try? FileManager.default.removeItem(atPath: path + ".broken")
            try? FileManager.default.moveItem(atPath: path, toPath: path + ".broken")
            trouble =
                "\(path) is damaged and was put aside as landlines.json.broken; landlines do not know their own tones, bells and "
                + "callers any more: see \"partyline line NAME learn\""
        }
    }

    func tones(of line: String) -> [[ToneSegment]] {
        (entries[line]?.tones ?? []).prefix(Self.mostTones).map { tone in
            tone.prefix(16).map { segment in
                let hertz = segment.hz.filter { $0.isFinite && (20...3_800).contains($0) }
                var made = ToneSegment(
                    hertz.first ?? 0, hertz.count > 1 ? hertz[1] : 0, levelDBm0: -20,
                    milliseconds: max(0, min(60_000, segment.ms)))
                made.modulationHz = segment.am.flatMap { (5...200).contains($0) ? $0 : nil } ?? 0
                return made
            }
        }
    }

    func callerWay(of line: String) -> BellLearner.Way? {
        guard let entry = entries[line], let kind = entry.callerID, kind.utf8.count <= 16 else { return nil }
        return BellLearner.Way(kind: kind, comesFirst: entry.callerIDComesFirst ?? false)
    }

    /// Nil: not learned, or not to be believed.
    func bell(of line: String) -> [Int]? {
        entries[line]?.bell.flatMap { bell in
            let isSound = [2, 4, 6].contains(bell.count) && bell.allSatisfy { (50...20_000).contains($0) }
            return isSound ? bell : nil
        }
    }

    /// False: it could not be written.
    func add(_ tone: [ToneSegment], to line: String) -> Bool {
        let segments = tone.map { segment in
            Segment(
                hz: [segment.frequency1Hz, segment.frequency2Hz].filter { $0 > 0 },
                am: segment.modulationHz > 0 ? segment.modulationHz : nil, ms: segment.milliseconds)
        }
        var entry = entries[line] ?? Entry()
        entry.tones.removeAll { $0 == segments }
        entry.tones = (entry.tones + [segments]).suffix(Self.mostTones)
        entries[line] = entry
        return write()
    }

    /// False: it could not be written.
    func set(callerWay way: BellLearner.Way, of line: String) -> Bool {
        entries[line, default: Entry()].callerID = way.kind
        entries[line, default: Entry()].callerIDComesFirst = way.comesFirst
        return write()
    }

    /// False: it could not be written.
    func set(bell: [Int], of line: String) -> Bool {
        entries[line, default: Entry()].bell = bell
        return write()
    }

    /// Nil: not measured, or not to be believed.
    func echoDelay(of line: String) -> Double? {
        entries[line]?.echoDelay.flatMap { $0.isFinite && (0...300).contains($0) ? $0 : nil }
    }

    func set(echoDelay: Double, of line: String) {
        entries[line, default: Entry()].echoDelay = echoDelay
        _ = write()
    }

    func forget(_ line: String) -> Bool {
        entries[line] = nil
        return write()
    }

    private func write() -> Bool {
        guard let path else { return true }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        guard let data = try? encoder.encode(entries) else { return false }
        return (try? data.write(to: URL(fileURLWithPath: path), options: .atomic)) != nil
    }
}
