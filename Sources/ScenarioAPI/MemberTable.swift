// SPDX-License-Identifier: Apache-2.0

/// All members of the API, in the order of the reference. A row more in one of the lists makes a member known to the
/// reference, the definitions and the check; the tests ask for an example of it.
package enum MemberTable {
    package static let all: [ScenarioMember] =
        engine + application + call + callEvents + conference + conferenceEvents + endpoint + player + playerEvents
        + sequencePlayer + sequencePlayerEvents + recorder + recorderEvents + ivr + net + storage + helpers + constants
        + globals + absentModules

    /// What is an object with members (`VoxEngine.`), as a script writes it.
    package static let namespaces = [
        "VoxEngine", "Net", "ApplicationStorage", "Crypto", "Logger", "PhoneNumber", "IVR", "JSession", "CallList",
        "AMD",
    ]
    package static let classes = [
        "Call", "Conference", "Endpoint", "Player", "SequencePlayer", "Recorder", "IVRState",
    ]
    package static let eventTables = [
        "AppEvents", "CallEvents", "ConferenceEvents", "PlayerEvents", "SequencePlayerEvents", "RecorderEvents",
    ]
    package static let constantTables = ["DTMFType", "RecordExpireTime", "Language"]

    package static func members(of owner: String) -> [ScenarioMember] { all.filter { $0.owner == owner } }

    /// What the event table's events are called in texts: "Call.Connected".
    package static func eventName(_ member: ScenarioMember) -> String {
        let prefix = member.owner == "AppEvents" ? "Application" : String(member.owner.dropLast("Events".count))
        return "\(prefix).\(member.name)"
    }
}
