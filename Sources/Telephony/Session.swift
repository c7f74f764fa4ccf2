// SPDX-License-Identifier: Apache-2.0

/// A scenario session in the exchange's books.
struct Session {
    let id: SessionID
    let rule: String
    let scenarios: [String]
    let conferenceName: String?
    let startedAt: Int64
    /// Its units: calls, players and rooms by the numbers that the script uses.
    var calls: [UnitID: CallID] = [:]
    var players: [UnitID: Playback] = [:]
    var rooms: [UnitID: RoomID] = [:]
    var recorders: [UnitID: RecorderID] = [:]
    /// Numbers of incoming calls, upwards from 1.
    var lastIncoming: Int32 = 0
    /// The call that started it.
    var firstCall: CallID?
    var isEnding = false
    /// The secret part of its address.
    var token = ""

    /// At most so many players and outgoing calls at a time (the cloud's limits; ours for calls is wider).
    static let maxPlayers = 10
    static let maxCalls = 1000
    static let maxRooms = 10
    static let maxRecorders = 10
    /// Requests over HTTP that wait for an answer.
    static let maxQuestions = 16

    mutating func nextIncomingUnit() -> UnitID {
        lastIncoming &+= 1
        return UnitID(lastIncoming)
    }
}
