// SPDX-License-Identifier: Apache-2.0
import Logging
import Telephony

/// Makes stations of descriptions, before the `lines` thread starts and then on it.
final class LineFactory {
    private let house: StationHouse
    private var options: LineDeskOptions
    private let directory: LineDirectory
    private let memory: LandlineMemory
    private let redials: RedialBook
    private let messages: MessageMemory
    private var count = 0
    private var rooms: [String: UInt32] = [:]
    private(set) var numbers: NumberSpace
    /// What the settings alone say.
    private(set) var configured: NumberSpace
    /// Of the telephones that were made here, whatever the settings say by now.
    private var extensions: Set<String> = []

    init(house: StationHouse, options: LineDeskOptions, directory: LineDirectory) {
        self.house = house
        self.options = options
        self.directory = directory
        memory = LandlineMemory(path: options.memory)
        if let trouble = memory.trouble { house.log.warning("\(trouble)") }
        redials = RedialBook(options.country)
        messages = MessageMemory(path: options.messages)
        numbers = options.numbers
        configured = options.numbers
    }

    /// Nil, with an error in the log: an unknown preset, or a name or number that is taken.
    func make(_ line: LineDescription) -> (any ServedLine)? {
        guard let profile = LineProfiles.named(line.preset) else {
            let known = LineProfiles.all.map(\.name).joined(separator: ", ")
            house.log.error("\(line.words): there is no preset \"\(line.preset)\"; write one of: \(known)")
            return nil
        }
        guard profile.side == .phone else { return makeLandline(line, profile) }
        if let number = line.extension {
            numbers.extensions.insert(number)
            extensions.insert(number)
        }
        var plan = StationStateMachine.Plan(numbers: numbers, route: line.route)
        plan.interdigitMilliseconds = options.interdigitMilliseconds
        plan.howlerMilliseconds = profile.howlerMilliseconds
        var neighbourhood: UInt32 = 0
        if let room = line.sameRoom {
            neighbourhood = rooms[room] ?? UInt32(rooms.count + 1)
            rooms[room] = neighbourhood
        }
        let station = LineStation(
            number: count, line: line, profile: profile, plan: plan, neighbourhood: neighbourhood, house: house,
            messages: messages)
        guard directory.add(Set([line.name] + [line.extension].compactMap { $0 }), tones: station.tones) else {
            house.log.error("\(line.words): its name or extension is another line's; give it one of its own")
            return nil
        }
        count += 1
        return station
    }

    func adopt(_ plan: LineMailbox.NumberPlan) {
        options.interdigitMilliseconds = plan.interdigitMilliseconds
        configured = plan.numbers
        numbers = plan.numbers
        numbers.extensions.formUnion(extensions)
    }

    /// A line that was plugged in has another number. False: that is taken.
    func renumber(_ station: Int, from old: String?, to new: String) -> Bool {
        guard directory.renumber(station, from: old, to: new) else { return false }
        if let old { extensions.remove(old) }
        extensions.insert(new)
        numbers = configured
        numbers.extensions.formUnion(extensions)
        return true
    }

    private func makeLandline(_ line: LineDescription, _ profile: LineProfile) -> LandlineStation? {
        let station = LandlineStation(
            number: count, line: line, profile: profile, country: options.country, memory: memory,
            redials: redials, house: house)
        guard directory.add([line.name], tones: station.tones, isLandline: true) else {
            house.log.error("\(line.words): its name is another line's; give it one of its own")
            return nil
        }
        count += 1
        return station
    }
}
