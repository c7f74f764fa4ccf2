// SPDX-License-Identifier: Apache-2.0

/// A room in the exchange's books: a conference that belongs to its conference id, not to the session that made it.
package struct RoomID: Hashable, Sendable {
    package let number: UInt32

    package init(_ number: UInt32) { self.number = number }
}

/// What happens when people come and go. Pure: changes in, actions out.
package struct Room: Sendable {
    package enum Action: Sendable, Equatable {
        case joined(PortID)
        case left(PortID)
        /// A tone for those inside.
        case playJoinTone
        case playLeaveTone
        /// Tell the only participant that nobody else is here yet.
        case sayAlone
        case stopSayingAlone
        case becameEmpty
    }

    /// Rooms with more people than this are quiet about comings and goings.
    package static let largestWithTones = 12

    package let id: RoomID
    /// "conf_111"; for a conference without an id of its own, a name that no one can dial.
    package let conferenceID: String
    package var options: SessionConferenceOptions
    package var isLocked = false
    package private(set) var participants: Set<PortID> = []

    package init(id: RoomID, conferenceID: String, options: SessionConferenceOptions) {
        self.id = id
        self.conferenceID = conferenceID
        self.options = options
    }

    /// Who is inside now, as the media graph says it.
    package mutating func update(_ present: Set<PortID>) -> [Action] {
        guard present != participants else { return [] }
        let came = present.subtracting(participants)
        let went = participants.subtracting(present)
        let before = participants.count
        participants = present
        var actions: [Action] = came.map { .joined($0) } + went.map { .left($0) }
        if present.isEmpty { return actions + [.becameEmpty] }
        guard options.joinTones else { return actions }
        if before == 1, present.count > 1 { actions.append(.stopSayingAlone) }
        if before == 0, present.count == 1 { return actions + [.sayAlone] }
        if present.count > Self.largestWithTones { return actions }
        if !came.isEmpty {
            actions.append(.playJoinTone)
        } else if !went.isEmpty {
            actions.append(.playLeaveTone)
        }
        return actions
    }
}

/// Tones of a room. Frequencies that no exchange uses as a signal (call progress lies at 350-480, 620, 950, 1400 and 1800 Hz,
/// DTMF from 697 Hz; RoomTonesTests looks at every plan): a third, C and E, rising for those who come, falling for those who go.
package enum RoomTones {
    private static let lowHz = 523.25
    private static let highHz = 659.26

    package static let join: [ToneSegment] = [
        ToneSegment(lowHz, 0, levelDBm0: -22, milliseconds: 90),
        ToneSegment(highHz, 0, levelDBm0: -22, milliseconds: 110),
    ]
    package static let leave: [ToneSegment] = [
        ToneSegment(highHz, 0, levelDBm0: -22, milliseconds: 90),
        ToneSegment(lowHz, 0, levelDBm0: -22, milliseconds: 110),
    ]
}
