// SPDX-License-Identifier: Apache-2.0

/// What a phone can dial to try its line.
package enum TestNumber: String, Sendable, Hashable, CaseIterable {
    /// Hears itself, a moment later.
    case echo
    /// A tone of 0 dBm0 without end.
    case milliwatt
    /// Its own number and the box's address are spoken.
    case ownNumber
}

/// What a dialled number means, asked in this order: emergency, test, extension, outside, room, and only then the rules. A
/// room's number that a rule takes as it was dialled ("80") is no room. A '#' behind a room's number or conference id ends it:
/// "77#" and "conf_77#" are room 77, never another one.
package struct DialPlan: Sendable {
    package enum Meaning: Sendable, Equatable {
        case emergency(String)
        case `extension`(String)
        /// The rules decide about this destination; a room number has become its conference id.
        case route(String)
        /// A number outside the house.
        case outside(String)
        /// The box itself, for somebody who tries his line.
        case test(TestNumber)

        package var isEmergency: Bool { if case .emergency = self { true } else { false } }
    }

    package static let conferencePrefix = "conf_"

    package var emergencyNumbers: Set<String>
    /// Which numbers, dialled on a local phone, are rooms.
    package var roomNumbers: (any DestinationPattern)?
    /// Dialled before a number outside ("0"); empty: none, then an outside number is known by what the fence allows.
    package var outsidePrefix = ""
    /// What a phone of the house dials to try its line.
    package var testNumbers: [String: TestNumber] = [:]

    package init(emergencyNumbers: Set<String>, roomNumbers: (any DestinationPattern)?) {
        self.emergencyNumbers = emergencyNumbers
        self.roomNumbers = roomNumbers
    }

    /// The emergency number that this is ("112#" is no other one); nil: none.
    package func emergencyNumber(_ destination: String) -> String? {
        let number = destination.hasSuffix("#") ? String(destination.dropLast()) : destination
        return emergencyNumbers.contains(number) ? number : nil
    }

    /// `isExtension` tells whether somebody of this box has that number, `isService` whether a rule takes it as it was dialled.
    /// - Parameter isHousePhone: whoever dials has the box's plan, with rooms by their plain numbers; nil: by its origin.
    package func meaning(
        of destination: String, from origin: CallOrigin, isHousePhone: Bool? = nil,
        isOutside: (String) -> Bool = { _ in false }, isExtension: (String) -> Bool,
        isService: (String) -> Bool = { _ in false }
    ) -> Meaning {
        let isPhone = origin == .lines || origin == .phones
        let number = destination.hasSuffix("#") ? String(destination.dropLast()) : destination
        if isPhone, let emergency = emergencyNumber(destination) { return .emergency(emergency) }
        if isHousePhone ?? (origin == .lines), let test = testNumbers[number] { return .test(test) }
        if isPhone, isExtension(destination) { return .extension(destination) }
        if isHousePhone ?? (origin == .lines), let outside = outsideNumber(number, isOutside) { return outside }
        if isHousePhone ?? (origin == .lines), roomNumbers?.matchesWhole(number) == true,
            !isService(destination), !isService(number)
        {
            return .route(Self.conferencePrefix + number)
        }
        if number.hasPrefix(Self.conferencePrefix) { return .route(number) }
        return .route(destination)
    }

    /// Why no conference can have this id; nil: it can.
    package func fault(ofConference id: String) -> String? {
        guard id.hasPrefix(Self.conferencePrefix) else { return nil }
        let name = String(id.dropFirst(Self.conferencePrefix.count))
        guard RoomName.isFit(name) else { return "no name of a room" }
        if emergencyNumber(name) != nil { return "an emergency number is no room" }
        guard let roomNumbers, name.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return roomNumbers.matchesWhole(name) ? nil : "no room has such a number"
    }

    private func outsideNumber(_ number: String, _ isOutside: (String) -> Bool) -> Meaning? {
        guard !outsidePrefix.isEmpty else { return isOutside(number) ? .outside(number) : nil }
        guard number.hasPrefix(outsidePrefix), number.count > outsidePrefix.count else { return nil }
        let rest = String(number.dropFirst(outsidePrefix.count))
        return emergencyNumbers.contains(rest) ? .emergency(rest) : .outside(rest)
    }

    /// The room's name as people say it: "111" for "conf_111".
    package static func roomName(ofConference id: String) -> String {
        id.hasPrefix(conferencePrefix) ? String(id.dropFirst(conferencePrefix.count)) : id
    }
}
