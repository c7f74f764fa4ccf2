// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Telephony

/// What a request asks for, read from method, path and body: a pure value, with everything in it checked.
enum ControlCall: Hashable {
    case status
    case rooms
    case room(String)
    case calls
    case lines
    case phones
    case trunks
    case events
    case history
    case recordings
    case recording(String)
    case bans
    case trace(call: String, seconds: Int)
    case perform(ControlRequest)

    /// Largest body.
    static let maximumBodyBytes = 64 << 10

    /// - Parameter path: still percent-encoded, without the query.
    init(method: String, path: String, body: [UInt8]) throws(ControlFailure) {
        var parts: [String] = []
        for piece in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard let part = PathPart.decode(piece) else { throw Self.unknown(path) }
            parts.append(part)
        }
        // As scripts are told it: without the version, since it stands in what they keep.
        if parts.first == "recordings", parts.count == 2 { parts.insert("v1", at: 0) }
        guard parts.first == "v1", parts.count >= 2 else { throw Self.unknown(path) }
        switch (method, parts.count) {
        case ("GET", 5) where parts[1] == "calls" && parts[3] == "trace":
            guard let seconds = Int(parts[4]), (0...60).contains(seconds) else { throw Self.unknown(path) }
            self = .trace(call: try PathPart.identifier(parts[2], "call"), seconds: seconds)
        case ("GET", 2), ("HEAD", 2), ("GET", 3), ("HEAD", 3): self = try Self.reading(parts, path)
        case ("POST", 4...6): self = .perform(try Self.acting(parts, path, body))
        default:
            guard method == "GET" || method == "POST" || method == "HEAD" else {
                throw ControlFailure(
                    error: "the method \(method.prefix(16)) is not known here", remedy: "use GET or POST", status: 405)
            }
            throw Self.unknown(path)
        }
    }

    private static func reading(_ parts: [String], _ path: String) throws(ControlFailure) -> ControlCall {
        switch (parts[1], parts.count) {
        case ("status", 2): .status
        case ("rooms", 2): .rooms
        case ("rooms", 3): .room(try PathPart.room(parts[2]))
        case ("calls", 2): .calls
        case ("lines", 2): .lines
        case ("phones", 2): .phones
        case ("trunks", 2): .trunks
        case ("events", 2): .events
        case ("history", 2): .history
        case ("recordings", 2): .recordings
        case ("recordings", 3): .recording(try PathPart.file(parts[2]))
        case ("bans", 2): .bans
        default: throw unknown(path)
        }
    }

    private static func acting(_ parts: [String], _ path: String, _ body: [UInt8]) throws(ControlFailure)
        -> ControlRequest
    {
        switch (parts[1], parts.count) {
        case ("rooms", 4):
            let room = try PathPart.room(parts[2])
            guard let request = try roomAction(parts[3], room, body) else { throw unknown(path) }
            return request
        case ("rooms", 6) where parts[3] == "participants":
            let room = try PathPart.room(parts[2])
            let participant = try PathPart.identifier(parts[4], "participant")
            guard let request = try participantAction(parts[5], room, participant, body) else { throw unknown(path) }
            return request
        case ("bans", 4) where parts[3] == "lift":
            return .unban(source: try PathPart.address(parts[2]))
        case ("calls", 4) where parts[3] == "hangup":
            return .hangUp(call: try PathPart.identifier(parts[2], "call"))
        case ("lines", 4) where Self.lineActions.contains(parts[3]):
            let name = try PathPart.identifier(parts[2], "line")
            let digits =
                switch parts[3] {
                case "dial", "call": try ControlBody(body).digits()
                case "message": try ControlBody(body).onOrOff()
                default: ""
                }
            return .line(name: name, action: parts[3], digits: digits)
        default: throw unknown(path)
        }
    }

    private static let lineActions: Set<String> = [
        "lift", "hangup", "flash", "message", "dial", "call", "answer", "learn", "accept", "forget", "test", "doctor",
    ]

    private static func roomAction(_ action: String, _ room: String, _ body: [UInt8]) throws(ControlFailure)
        -> ControlRequest?
    {
        switch action {
        case "lock": .lock(room: room, true)
        case "unlock": .lock(room: room, false)
        case "say": .say(room: room, text: try ControlBody(body).text())
        // A new room: one whose name can be written everywhere.
        case "dial":
            .dial(room: try PathPart.identifier(room, "room"), destination: try ControlBody(body).destination())
        case "play": .play(room: room, file: try ControlBody(body).file())
        case "record": .record(room: room, action: try ControlBody(body).recordAction())
        default: nil
        }
    }

    private static func participantAction(
        _ action: String, _ room: String, _ participant: String, _ body: [UInt8]
    ) throws(ControlFailure) -> ControlRequest? {
        switch action {
        case "kick": return .kick(room: room, participant: participant)
        case "mute": return .mute(room: room, participant: participant, true)
        case "unmute": return .mute(room: room, participant: participant, false)
        case "deafen": return .deafen(room: room, participant: participant, true)
        case "undeafen": return .deafen(room: room, participant: participant, false)
        case "volume":
            let (talk, listen) = try ControlBody(body).volume()
            return .volume(room: room, participant: participant, talkDB: talk, listenDB: listen)
        default: return nil
        }
    }

    private static func unknown(_ path: String) -> ControlFailure {
        ControlFailure(
            error: "there is nothing at this path", remedy: "see partyline(1), HTTP API, for what there is", status: 404
        )
    }
}

/// The body of a POST, a JSON object.
struct ControlBody: Decodable {
    private var talkDB: Double?
    private var listenDB: Double?
    private var textValue: String?
    private var fileValue: String?
    private var digitsValue: String?
    private var actionValue: String?
    private var destinationValue: String?

    private enum CodingKeys: String, CodingKey {
        case talkDB, listenDB
        case textValue = "text"
        case fileValue = "file"
        case digitsValue = "digits"
        case actionValue = "action"
        case destinationValue = "destination"
    }

    init(_ bytes: [UInt8]) throws(ControlFailure) {
        do {
            self = try JSONDecoder().decode(ControlBody.self, from: Data(bytes))
        } catch {
            throw ControlFailure(
                error: "the body is no JSON object with the right fields", remedy: "see partyline(1), HTTP API")
        }
    }

    func volume() throws(ControlFailure) -> (talkDB: Double, listenDB: Double) {
        let talk = talkDB ?? 0
        let listen = listenDB ?? 0
        guard (-40...20).contains(talk), (-40...20).contains(listen), talkDB != nil || listenDB != nil else {
            throw ControlFailure(
                error: "no gain from -40 to 20 dB is given",
                remedy: "write {\"talkDB\": -6} or {\"listenDB\": 6} or both")
        }
        return (talk, listen)
    }

    /// What is said: 1,500 bytes at most, no control characters.
    func text() throws(ControlFailure) -> String {
        let words = try given(textValue, "what to say", #"{"text": "Hello"}"#)
        let text = words.split { $0.isWhitespace }.joined(separator: " ")
        guard !text.isEmpty, text.utf8.count <= 1_500, !PathPart.hasControls(text) else {
            throw ControlFailure(error: "this can not be said", remedy: "give a text of 1 to 1500 bytes")
        }
        return text
    }

    func file() throws(ControlFailure) -> String {
        let file = try given(fileValue, "the file", #"{"file": "NAME.wav"}"#)
        guard (1...1_024).contains(file.utf8.count), !PathPart.hasControls(file),
            !file.split(separator: "/").contains("..")
        else {
            throw ControlFailure(
                error: "this is no path of a sound file",
                remedy: "name one in the folder of prompts, or an absolute path, without \"..\"")
        }
        return file
    }

    func recordAction() throws(ControlFailure) -> String {
        let action = try given(actionValue, "what to do", #"{"action": "start"}, "stop" or "pause""#)
        guard ["start", "stop", "pause"].contains(action) else {
            throw ControlFailure(error: "this can not be done with a recording", remedy: "write start, stop or pause")
        }
        return action
    }

    /// An extension, a number or a SIP address.
    func destination() throws(ControlFailure) -> String {
        let destination = try given(destinationValue, "who shall be called", #"{"destination": "31"}"#)
        guard !destination.isEmpty else {
            throw ControlFailure(
                error: "nobody is named who shall be called", remedy: "give an extension, a number or a SIP address")
        }
        guard (1...256).contains(destination.utf8.count), destination.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw ControlFailure(
                error: "nobody can be called by this name", remedy: "give an extension, a number or a SIP address")
        }
        return destination
    }

    func onOrOff() throws(ControlFailure) -> String {
        let word = try given(digitsValue, "on or off", #"{"digits": "on"} or "off""#)
        guard word == "on" || word == "off" else {
            throw ControlFailure(error: "this is neither on nor off", remedy: "write on or off")
        }
        return word
    }

    func digits() throws(ControlFailure) -> String {
        let digits = try given(digitsValue, "what to dial", #"{"digits": "111#"}"#)
        guard (1...64).contains(digits.utf8.count), digits.utf8.allSatisfy({ "0123456789*#ABCDabcd".utf8.contains($0) })
        else {
            throw ControlFailure(
                error: "a telephone has no keys for this", remedy: "write up to 64 of 0-9, *, #, A-D, such as 111#")
        }
        return digits
    }

    /// A field that is not there is a mistake of a program; what is wrong in it, of a person.
    private func given(_ value: String?, _ noun: String, _ example: String) throws(ControlFailure) -> String {
        guard let value else { throw ControlFailure(error: "\(noun) is not given", remedy: "write \(example)") }
        return value
    }
}
