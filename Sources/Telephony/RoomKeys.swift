// SPDX-License-Identifier: Apache-2.0

/// What a participant can do by keys while in a room. One row an action: `all` is the whole table.
package struct RoomKey: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        case help, count, record, toggleLock, toggleMute, quieter, louder, kickLast

        /// Only whoever has been in the room longest may do it.
        package var isForHost: Bool {
            switch self {
            case .record, .toggleLock, .kickLast: true
            case .help, .count, .toggleMute, .quieter, .louder: false
            }
        }
    }

    package let digit: DTMFDigit
    package let action: Action
    /// As `*0` speaks it.
    package let words: String

    package static let all: [RoomKey] = [
        RoomKey(digit: .zero, action: .help, words: "star zero, this help"),
        RoomKey(digit: .one, action: .count, words: "star one, how many are here"),
        RoomKey(digit: .three, action: .record, words: "star three, record, for the host"),
        RoomKey(digit: .four, action: .quieter, words: "star four, quieter"),
        RoomKey(digit: .five, action: .toggleLock, words: "star five, lock the room, for the host"),
        RoomKey(digit: .six, action: .toggleMute, words: "star six, mute or speak"),
        RoomKey(digit: .seven, action: .louder, words: "star seven, louder"),
        RoomKey(digit: .eight, action: .kickLast, words: "star eight, the last one has to leave, for the host"),
    ]
}

/// Collects '*' and the key after it; anything else is no command. '*' is forgotten after four seconds.
package struct RoomKeyCollector: Sendable, Equatable {
    package enum Outcome: Sendable, Equatable {
        case nothing
        case action(RoomKey.Action)
        /// '*' and a key that means nothing.
        case unknown
    }

    private var starAt: Int64?

    package init() {}

    package mutating func press(_ digit: DTMFDigit, now: Int64) -> Outcome {
        if digit == .star {
            starAt = now
            return .nothing
        }
        guard let star = starAt, now - star <= 4000 else {
            starAt = nil
            return .nothing
        }
        starAt = nil
        guard let key = RoomKey.all.first(where: { $0.digit == digit }) else { return .unknown }
        return .action(key.action)
    }
}
