// SPDX-License-Identifier: Apache-2.0
import CLinux
import Logging
import Synchronization
import Telephony

/// The USB devices that are there now, for whoever opens a line. Any thread.
final class PluggedUnits: Sendable {
    private let units = Mutex<[PluggedUnit]>([])
    var all: [PluggedUnit] { units.withLock { $0 } }
    /// The first that fits; a line opens its device only if there is no other.
    func first(_ match: USBMatch?) -> PluggedUnit? { match.flatMap { all.first(where: $0.fits) } }
    func replace(_ fresh: [PluggedUnit]) { units.withLock { $0 = fresh } }
}

/// How telephones that are plugged in become lines.
package struct PlugOptions: Sendable {
    /// Whether a telephone without a word in the settings becomes a line.
    package var isOn = true
    /// The first extension to be given away.
    package var firstExtension = "21"
    /// Remembers who got which; nil: nothing is remembered beyond this process.
    package var register: String?
    /// Where the kernel shows its devices.
    package var system = "/sys"
    package var nodes = "/dev"
    /// In ms: how often is looked what there is; nil: when the kernel tells of a change, or every second where it does not.
    package var looksEvery: Int64?

    package init() {}
}

/// Watches what is plugged in and unplugged. On the `lines` thread: the kernel's messages only say that something changed; what
/// there is, is read from sysfs and compared with what was there before.
final class PlugAndPlay {
    enum Change: Equatable {
        /// A telephone for which there is no line yet.
        case new(LineDescription)
        /// The line of this name is about another device, or has another number.
        case changed(LineDescription)
        /// Something came that a missing line may be waiting for.
        case arrived
        /// A device is gone, and with it the line that has it open.
        case left(PluggedUnit)
    }

    /// Readable when something changed; -1: this system does not tell, so it is looked at every second.
    let descriptor: Int32
    private let options: PlugOptions
    private let units: PluggedUnits
    private let tree: DeviceTree
    private let log: Logger
    private var register: LineRegister
    private var look: Int64? = 0
    private var looksUntil: Int64 = 0
    /// Until then telephones without a line wait for the links by which the settings may be about them; nil: none does.
    private var holdsUntil: Int64?
    private var announced: Set<String> = []
    /// Remembered, but at the start it was a line of the settings'.
    private var dormant: [LineRegister.Entry] = []

    /// After a message: the parts of a device come one by one, and udev gives them their rights.
    private static let settleMilliseconds: Int64 = 30
    private static let lookAgainMilliseconds: Int64 = 250
    private static let restlessMilliseconds: Int64 = 3_000
    private static let blindMilliseconds: Int64 = 1_000

    init(_ options: PlugOptions, units: PluggedUnits, log: Logger) {
        self.options = options
        self.units = units
        self.log = log
        tree = DeviceTree(root: options.system, nodes: options.nodes)
        register = LineRegister(path: options.register)
        descriptor = options.looksEvery == nil ? partyline_uevents() : -1
        if let trouble = register.trouble { log.warning("\(trouble)") }
        if descriptor < 0, options.looksEvery == nil {
            log.info("the kernel does not tell what is plugged in; it is looked for every second")
        }
    }

    deinit { if descriptor >= 0 { partyline_close(descriptor) } }

    /// Lines that were there before: they keep their numbers while they are unplugged, unless the settings have given those to
    /// somebody else meanwhile. `isClaimed`, `names`: as for `expire`; `numbers`: what the settings say.
    func remembered(
        numbers: NumberSpace, names: Set<String>, isClaimed: (PluggedUnit) -> Bool
    ) -> [LineDescription] {
        guard options.isOn else { return [] }
        let lost = register.entries.filter { entry in
            numbers.belongsToSomebody(entry.extension) || names.contains(entry.extension)
        }
        for entry in lost { _ = renumber(entry.name, numbers: numbers, names: names) }
        // Only of those that are there now it is known which nodes they have.
        let there = tree.units()
        let own = register.entries.filter { entry in
            !(there.filter(entry.match.fits) + [entry.lastUnit].compactMap { $0 }).contains(where: isClaimed)
        }
        dormant = register.entries.filter { entry in !own.contains { $0.key == entry.key } }
        return own.map(Self.line)
    }

    /// Another number for a line whose own is somebody else's; nil: there is none, or no such line.
    func renumber(_ name: String, numbers: NumberSpace, names: Set<String>) -> LineDescription? {
        guard let place = register.entries.firstIndex(where: { $0.name == name }) else { return nil }
        let old = register.entries[place].extension
        let free = FreeNumber(first: options.firstExtension, numbers: numbers)
        guard let number = free.next(taken: names.union(register.entries.map(\.extension))) else {
            log.error("line \(name): the settings have given its extension \(old) away, and no other is free")
            return nil
        }
        register.entries[place].extension = number
        register.write()
        log.warning(
            "line \(name): the settings have given its extension \(old) away; it has \(number) from now on")
        return Self.line(register.entries[place])
    }

    var deadline: Int64? { look }

    /// The descriptor is readable.
    func messages(now: Int64) {
        guard partyline_uevents_drain(descriptor) == 1 else { return }
        look = min(look ?? .max, now &+ Self.settleMilliseconds)
        looksUntil = now &+ Self.restlessMilliseconds
    }

    /// Looks, when it is time. `isClaimed`: a line of the settings is about that device; `awaitsLink`: one names a link that is not
    /// there, so telephones without a line wait for up to three seconds; `names`: names and numbers of the lines; `numbers`: what else
    /// can be dialled.
    func expire(
        now: Int64, names: () -> Set<String>, numbers: NumberSpace, awaitsLink: () -> Bool,
        isClaimed: (PluggedUnit) -> Bool
    ) -> [Change] {
        guard let look, now >= look else { return [] }
        self.look =
            now < looksUntil
            ? now &+ Self.lookAgainMilliseconds
            : descriptor < 0 ? now &+ (options.looksEvery ?? Self.blindMilliseconds) : nil
        let before = units.all
        let fresh = tree.units()
        guard fresh != before || holdsUntil != nil else { return [] }
        units.replace(fresh)
        let ports = Set(fresh.map(\.port))
        // Another device in the same port: the former one is gone.
        var changes: [Change] = before.filter { old in
            !ports.contains(old.port) || !fresh.contains { Self.isSame($0, old) }
        }.map { .left($0) }
        guard options.isOn else { return changes + arrivals(fresh, before) }
        let roll = register.callRoll(fresh) { !isClaimed($0) && LineProfiles.recognising($0) != nil }
        if let trouble = register.trouble { log.warning("\(trouble)") }
        for entry in roll.rekeyed {
            log.notice(
                "a telephone is known by its port from now on, since others have its serial number",
                metadata: ["line": "\(entry.name)", "device": "\(entry.key)"])
            changes.append(.changed(Self.line(entry)))
        }
        changes += arrivals(fresh, before)
        guard !holds(fresh != before, roll, now, awaitsLink) else { return changes }
        for unit in fresh where !isClaimed(unit) {
            guard let place = dormant.firstIndex(where: { $0.match.fits(unit) }) else { continue }
            changes.append(.new(Self.line(dormant.remove(at: place))))
        }
        for stranger in roll.strangers {
            if let line = adopt(stranger.unit, stranger.key, names: names(), numbers) { changes.append(.new(line)) }
        }
        return changes
    }

    /// Whether those without a line are to wait, and to be looked at again.
    private func holds(_ isNews: Bool, _ roll: LineRegister.Roll, _ now: Int64, _ awaitsLink: () -> Bool) -> Bool {
        if isNews { holdsUntil = now &+ Self.restlessMilliseconds }
        guard !roll.strangers.isEmpty, let end = holdsUntil, now < end, awaitsLink() else {
            holdsUntil = nil
            return false
        }
        look = min(look ?? .max, now &+ Self.lookAgainMilliseconds)
        return true
    }

    private func arrivals(_ fresh: [PluggedUnit], _ before: [PluggedUnit]) -> [Change] {
        fresh.contains { !before.contains($0) } ? [.arrived] : []
    }

    static func isSame(_ a: PluggedUnit, _ b: PluggedUnit) -> Bool {
        a.port == b.port && a.id == b.id && a.serial == b.serial
    }

    /// A line for a telephone that was never here; nil: there is no number for it.
    private func adopt(
        _ unit: PluggedUnit, _ key: String, names: Set<String>, _ numbers: NumberSpace
    ) -> LineDescription? {
        guard !announced.contains(key), let profile = LineProfiles.recognising(unit) else { return nil }
        let free = FreeNumber(first: options.firstExtension, numbers: numbers)
        guard let number = free.next(taken: names.union(register.entries.map(\.extension))) else {
            announced.insert(key)
            log.error("\(unit.product) (\(key)) gets no line: no extension is free from \(options.firstExtension) on")
            return nil
        }
        let used = names.union(register.entries.map(\.name)).union(numbers.reserved)
        var name = Self.name(of: unit, number)
        while used.contains(name) { name += "-\(number)" }
        var entry = LineRegister.Entry(key: key, name: name, extension: number, preset: profile.name)
        entry.port = unit.port
        // Known by its port in spite of a serial number: a twin.
        if !unit.serial.isEmpty, entry.match.port != nil { entry.serial = unit.serial }
        register.add(entry)
        if let trouble = register.trouble { log.warning("\(trouble)") }
        log.notice(
            "a telephone was plugged in",
            metadata: ["device": "\(unit.product) \(key)", "line": "\(entry.name)", "extension": "\(number)"])
        return Self.line(entry)
    }

    /// "jabra-speak-410-23": what it is called on its case, and its number.
    static func name(of unit: PluggedUnit, _ number: String) -> String {
        var words = ""
        for character in unit.product.lowercased().unicodeScalars.prefix(64) where words.utf8.count < 20 {
            let isWord = ("a"..."z").contains(character) || ("0"..."9").contains(character)
            if isWord {
                words.unicodeScalars.append(character)
            } else if !words.isEmpty, words.last != "-" {
                words += "-"
            }
        }
        while words.last == "-" { words.removeLast() }
        return (words.isEmpty ? "phone" : words) + "-" + number
    }

    static func line(_ entry: LineRegister.Entry) -> LineDescription {
        var line = LineDescription(name: entry.name, preset: entry.preset, pcm: "", ctl: "")
        line.extension = entry.extension
        line.match = entry.match
        return line
    }
}
