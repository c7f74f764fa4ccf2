// SPDX-License-Identifier: Apache-2.0

/// What the HTTP API, and through it the command line, can ask of a running exchange.
/// Reports are plain Codable values; their keys are the stable keys of `partyline --json`.
package protocol ControlDesk: Sendable {
    func status() async -> StatusReport
    func rooms() async -> [RoomReport]
    func room(_ name: String) async -> RoomReport?
    func calls() async -> [CallReport]
    func lines() async -> [LineReport]
    func phones() async -> [PhoneReport]
    func bans() async -> [BanReport]
    func trunks() async -> [TrunkReport]
    /// Watches a call for some seconds.
    func trace(call: String, seconds: Int) async -> TraceOutcome
    func perform(_ request: ControlRequest) async -> ControlOutcome
    func sessions() async -> [SessionReport]
    /// Starts a session of a rule without a call; `data` is its customData().
    func openSession(rule: String, data: String) async -> SessionOpening
    /// Asks the session with this token.
    func ask(token: String, _ question: SessionQuestion) async -> SessionAnswer
    /// What happens to a session ("s12", or the number of a call that is in it), from its beginning; nil: there is none.
    func traces(ofSession id: String) async -> AsyncStream<SessionTrace>?
    /// A live stream of what happens, each element one JSON-ready value; ends when the exchange does. Slow readers lose
    /// the oldest elements (bounded), never block.
    func events() async -> AsyncStream<ControlEvent>
}

extension ControlDesk {
    package func phones() async -> [PhoneReport] { [] }
    package func bans() async -> [BanReport] { [] }
    package func trunks() async -> [TrunkReport] { [] }
    package func trace(call: String, seconds: Int) async -> TraceOutcome { .refused("nothing is traced here") }
}

package enum ControlRequest: Sendable, Hashable {
    case kick(room: String, participant: String)
    case mute(room: String, participant: String, Bool)
    case deafen(room: String, participant: String, Bool)
    case volume(room: String, participant: String, talkDB: Double, listenDB: Double)
    case lock(room: String, Bool)
    case say(room: String, text: String)
    /// "start" (also after a pause), "stop", "pause".
    case record(room: String, action: String)
    case play(room: String, file: String)
    case hangUp(call: String)
    /// Takes an address off the ban list.
    case unban(source: String)
    /// Calls somebody into a room, which need not be open yet.
    case dial(room: String, destination: String)
    /// A virtual phone: lift, hang up, dial; `digits` for dial.
    case line(name: String, action: String, digits: String)
}

package enum ControlOutcome: Sendable, Hashable {
    case done
    /// Done, and this is to be read.
    case told(String)
    case refused(Obstacle)
    case notFound(Obstacle)
}

package struct StatusReport: Sendable, Hashable, Codable {
    package var version = ""
    package var uptimeSeconds = 0
    package var calls = 0
    package var rooms = 0
    package var lines = 0
    package var sessions = 0
    package var sipAddresses: [String] = []
    package var workers: [String] = []
    package var mixThreadLoadPercent = 0.0
    package var mixThreadRealTime = false
    package var warnings: [String] = []

    package init() {}
}

package struct ParticipantReport: Sendable, Hashable, Codable {
    /// Short and unique in the box ("3"), what kick and mute take.
    package var id = ""
    package var name = ""
    package var number = ""
    package var technology = ""
    package var media = PortStatistics()
    package var isTalking = false
    package var isMuted = false
    package var isDeaf = false
    package var isOnHold = false
    package var secondsInRoom = 0

    package init() {}
}

package struct RoomReport: Sendable, Hashable, Codable {
    /// As people say it: "111" for the conference id "conf_111".
    package var name = ""
    package var conferenceID = ""
    package var isLocked = false
    /// "", "on", "paused".
    package var recording = ""
    package var participants: [ParticipantReport] = []

    package init() {}
}

package struct CallReport: Sendable, Hashable, Codable {
    package var id = ""
    package var technology = ""
    package var peer = ""
    package var callerNumber = ""
    package var callerName = ""
    package var destination = ""
    package var state = ""
    package var rule = ""
    package var room = ""
    package var seconds = 0
    package var media = PortStatistics()

    package init() {}
}

package struct LineReport: Sendable, Hashable, Codable {
    package var name = ""
    package var preset = ""
    package var `extension` = ""
    /// "on-hook", "dial tone", "dialling", "ringing", "in call", "gone".
    package var state = ""
    package var device = ""
    package var sampleRate = 0
    package var periodMilliseconds = 0.0
    package var driftPPM = 0.0
    package var underruns = 0
    package var overruns = 0
    /// Of a telephone with a second call: "waiting", "on hold".
    package var otherCall = ""
    package var isMessageWaiting = false

    package init() {}
}

/// One line of `partyline events`: a kind and its fields, flat.
package struct ControlEvent: Sendable, Hashable, Codable {
    package var time: Double
    package var event: String
    package var fields: [String: String]

    package init(time: Double, event: String, fields: [String: String]) {
        self.time = time
        self.event = event
        self.fields = fields
    }
}
