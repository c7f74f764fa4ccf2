// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony
import Testing

/// Conversations with the real daemon, one after the other: they need the machine's time for themselves.
@Suite(
    .serialized,
    .enabled(if: DaemonProcess.binary != nil, "partylined is not built: swift build --product partylined"))
struct HouseTests {}

/// A daemon of one test with people who can call it.
final class House: Sendable {
    let daemon: DaemonProcess
    let crew: CallerThread

    static let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../etc/partyline").standardizedFileURL

    private init(daemon: DaemonProcess, crew: CallerThread) {
        self.daemon = daemon
        self.crew = crew
    }

    /// Opens a house on the shipped configuration with some files changed, does something in it, and closes it whatever
    /// happens. Each test has a port base of its own.
    static func open(
        _ portBase: UInt16, changes: [String: String] = [:], environment: [String: String] = [:],
        _ body: (House) async throws -> Void
    ) async throws {
        let daemon = try await DaemonProcess.start(
            portBase: portBase, shipped: shipped, changes: changes, environment: environment)
        let crew = try CallerThread()
        let house = House(daemon: daemon, crew: crew)
        do {
            try await body(house)
        } catch {
            crew.stop()
            let log = daemon.log.suffix(4000)
            daemon.stop()
            Issue.record("the daemon wrote:\n\(log)")
            throw error
        }
        crew.stop()
        let seconds = daemon.stop()
        #expect(seconds < 3, "SIGTERM did not end the daemon")
        #expect(daemon.exitCode == 0)
    }

    func caller(_ name: String, codec: CallerCodec = .pcmu, host: String = "127.0.0.1") throws -> SIPCaller {
        try crew.caller(name, server: daemon.sip, codec: codec, host: host)
    }

    /// A caller who is in the room.
    func guest(
        _ name: String, in room: String, codec: CallerCodec = .pcmu, host: String = "127.0.0.1"
    ) async throws -> SIPCaller {
        let caller = try caller(name, codec: codec, host: host)
        caller.call("conf_\(room)")
        try await caller.answered()
        return caller
    }

    func room(_ name: String) -> RoomReport? { daemon.room(name) }

    var calls: [CallReport] {
        struct Calls: Decodable { var calls: [CallReport] }
        return (try? daemon.control.get("/v1/calls", as: Calls.self).calls) ?? []
    }

    /// The names of all rooms.
    var rooms: [String] {
        struct Rooms: Decodable {
            struct Room: Decodable { var name: String }
            var rooms: [Room]
        }
        return (try? daemon.control.get("/v1/rooms", as: Rooms.self).rooms.map(\.name)) ?? []
    }

    var trunks: [TrunkReport] {
        struct Trunks: Decodable { var trunks: [TrunkReport] }
        return (try? daemon.control.get("/v1/trunks", as: Trunks.self).trunks) ?? []
    }

    func line(_ name: String) -> LineReport? { daemon.line(name) }

    /// Waits until a line says that of itself.
    func line(_ name: String, is state: String, seconds: Double = 5) async -> Bool {
        await daemon.line(name, is: state, seconds: seconds)
    }

    /// Waits until so many are in the room.
    func waits(for count: Int, in room: String, seconds: Double = 5) async -> Bool {
        await daemon.waits(for: count, in: room, seconds: seconds)
    }
}

extension DaemonProcess {
    func room(_ name: String) -> RoomReport? {
        try? control.get("/v1/rooms/\(name)", as: RoomReport.self)
    }

    func waits(for count: Int, in room: String, seconds: Double = 5) async -> Bool {
        for _ in 0..<Int(seconds * 20) {
            if (self.room(room)?.participants.count ?? 0) == count { return true }
            try? await Task.sleep(nanoseconds: 50_000_000)
        }
        return false
    }

    func line(_ name: String) -> LineReport? {
        struct Lines: Decodable { var lines: [LineReport] }
        return (try? control.get("/v1/lines", as: Lines.self))?.lines.first { $0.name == name }
    }

    /// Waits until a line says that of itself. Idle: it has rested after the start or a call, and takes the next.
    func line(_ name: String, is state: String, seconds: Double = 5) async -> Bool {
        for _ in 0..<Int(seconds * 20) {
            if line(name)?.state == state { return true }
            try? await Task.sleep(nanoseconds: 50_000_000)
        }
        return false
    }
}

/// Everybody in one place speaks with a voice of his own; who hears whom?
struct Conversation {
    let people: [SIPCaller]
    /// What was said while it was recorded, and what was heard, at 8 kHz.
    private let spoken: [[Int16]]
    private let recordings: [[Int16]]

    /// Lets all speak at the same time, for some seconds.
    init(_ people: [SIPCaller], seconds: Double = 3) async {
        self.people = people
        let length = seconds + 1.5
        for (index, person) in people.enumerated() {
            person.speak(Self.voice(index).samples(seconds: length, rate: person.codec.rate))
        }
        // The mixer finds its place.
        try? await Task.sleep(nanoseconds: 700_000_000)
        for person in people { person.clearRecordings() }
        let starts = people.map { Int($0.secondsSaidBefore * 8000) }
        try? await Task.sleep(nanoseconds: UInt64(seconds * 1e9))
        recordings = people.map { AudioAnalysis.atTelephoneRate($0.heard.samples, from: $0.codec.rate) }
        for person in people { person.speak([]) }
        spoken = people.indices.map { index in
            let voice = Self.voice(index).samples(seconds: length)
            // The last 300 ms may not have come through yet.
            return Array(voice[min(starts[index], voice.count)...].prefix(Int((seconds - 0.3) * 8000)))
        }
    }

    private static func voice(_ index: Int) -> Voice { Voice(index * 3 + 1) }

    /// How loud `speaker` is at `listener`, in dB of how loud he spoke.
    func level(of speaker: Int, at listener: Int) -> Double {
        AudioAnalysis.presence(of: spoken[speaker], in: recordings[listener], block: 6400).levelDB
    }

    /// The same for a voice that shall not be there. In three seconds at once G.711's own noise, of several talkers, leaves
    /// less than -60 dB of it.
    func trace(of speaker: Int, at listener: Int) -> Double {
        AudioAnalysis.presence(of: spoken[speaker], in: recordings[listener], block: 24_576).levelDB
    }

    /// The same for a voice that nobody has here: what the codecs and the machine leave of any voice.
    func floor(at listener: Int) -> Double {
        let foreign = Self.voice(people.count).samples(seconds: Double(spoken[listener].count) / 8000)
        return AudioAnalysis.presence(of: foreign, in: recordings[listener], block: 24_576).levelDB
    }

    /// What counts as not heard.
    static let silenceDB = -60.0
    /// On a busy machine packets come late, and each time-scaled or concealed frame smears all voices over all frequencies.
    /// A figure between this and `silenceDB` is measured again; a leak of the mix would be at 0 dB, in every try.
    static let disturbedDB = -35.0
    static let tries = 5
    /// What is still taken when none of the tries was left in peace.
    static let afterTriesDB = -50.0
    /// Where a codec allows no `silenceDB`, a voice that shall not be there is no more than this above one that cannot be:
    /// it has talkers on both sides of its lines, that one on one side.
    static let aboveFloorDB = 10.0

    /// Each hears each other and not himself.
    static func check(
        _ people: [SIPCaller], seconds: Double = 6, own: Double = silenceDB, others: Double = -6,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        await check(people, seconds: seconds, own: own, others: others, sourceLocation: sourceLocation) { _, _ in true }
    }

    /// Each hears whom he shall hear, and nobody else.
    /// - Parameter own: what is taken of a voice that shall not be there; above `silenceDB` (Opus) the floor limits it as well.
    static func check(
        _ people: [SIPCaller], seconds: Double = 6, own: Double = silenceDB, others: Double = -6,
        sourceLocation: SourceLocation = #_sourceLocation, hears: (_ listener: Int, _ speaker: Int) -> Bool
    ) async {
        // The quietest of the tries counts for each pair: what disturbs is chance, a leak would be there every time.
        var quietest: [[Double]] = Array(repeating: Array(repeating: 99, count: people.count), count: people.count)
        for attempt in 1...tries {
            let talk = await Conversation(people, seconds: seconds)
            var faults: [String] = []
            var isDisturbed = true
            for listener in people.indices {
                var limit = own
                if own > silenceDB {
                    let floor = talk.floor(at: listener)
                    limit = min(own, max(silenceDB, floor + aboveFloorDB))
                    print(
                        "\(people[listener].name): himself at \(talk.trace(of: listener, at: listener)) dB, nobody at \(floor)"
                    )
                }
                for speaker in people.indices {
                    let isHeard = speaker != listener && hears(listener, speaker)
                    let found = isHeard ? talk.level(of: speaker, at: listener) : talk.trace(of: speaker, at: listener)
                    quietest[listener][speaker] = min(quietest[listener][speaker], found)
                    let level = isHeard ? found : quietest[listener][speaker]
                    if isHeard ? level >= others : level <= (attempt < tries ? limit : max(limit, afterTriesDB)) {
                        continue
                    }
                    isDisturbed = isDisturbed && !isHeard && level <= max(own, disturbedDB)
                    let name = speaker == listener ? "himself" : people[speaker].name
                    faults.append("\(people[listener].name) hears \(name) at \(level) dB")
                }
            }
            if faults.isEmpty { return }
            if attempt == tries || !isDisturbed {
                return #expect(faults.isEmpty, "in try \(attempt)", sourceLocation: sourceLocation)
            }
        }
    }
}
