// SPDX-License-Identifier: Apache-2.0
import CLinux
import Logging
import Synchronization
import Telephony

/// The USB devices that are there now, for whoever opens a line. Any thread.
final class PluggedUnits: Sendable {
    private let units = Mutex<[PluggedUnit]>([])
    var all: [PluggedUnit] { units.withLock { $0 } }
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

    package init() {}
}

/// Watches what is plugged in and unplugged. On the `lines` thread: the kernel's messages only say that something changed; what
/// there is, is read from sysfs and compared with what was there before.
final class PlugAndPlay {
    enum Change: Equatable {
        /// A telephone for which there is no line yet.
        case new(LineDescription)
        /// Something came that a missing line may be waiting for.
        case arrived
        /// The device of these lines' match is gone.
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
    private var announced: Set<String> = []

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
        descriptor = partyline_uevents()
        if let trouble = register.trouble { log.warning("\(trouble)") }
        if descriptor < 0 {
            log.info("the kernel does not tell what is plugged in; it is looked for every second")
        }
    }

    deinit { if descriptor >= 0 { partyline_close(descriptor) } }

    /// Lines that were there before: they keep their numbers while they are unplugged.
    var remembered: [LineDescription] { options.isOn ? register.entries.map(Self.line) : [] }

    var deadline: Int64? { look }

    /// The descriptor is readable.
    func messages(now: Int64) {
        guard partyline_uevents_drain(descriptor) == 1 else { return }
        look = min(look ?? .max, now &+ Self.settleMilliseconds)
        looksUntil = now &+ Self.restlessMilliseconds
    }

    /// Looks, when it is time. `isClaimed`: a line of the settings is about that device; `taken`: names and numbers in use.
    func expire(
        now: Int64, taken: () -> Set<String>, emergencyNumbers: Set<String>, isClaimed: (PluggedUnit) -> Bool
    ) -> [Change] {
        guard let look, now >= look else { return [] }
        self.look =
            now < looksUntil
            ? now &+ Self.lookAgainMilliseconds : descriptor < 0 ? now &+ Self.blindMilliseconds : nil
        let before = units.all
        let fresh = tree.units()
        guard fresh != before else { return [] }
        units.replace(fresh)
        let ports = Set(fresh.map(\.port))
        // Another device in the same port: the former one is gone.
        var changes: [Change] = before.filter { old in
            !ports.contains(old.port) || !fresh.contains { Self.isSame($0, old) }
        }.map { .left($0) }
        if fresh.contains(where: { !before.contains($0) }) { changes.append(.arrived) }
        for unit in fresh where options.isOn && !isClaimed(unit) {
            if let line = adopt(unit, amid: fresh, taken: taken(), emergencyNumbers) { changes.append(.new(line)) }
        }
        return changes
    }

    private static func isSame(_ a: PluggedUnit, _ b: PluggedUnit) -> Bool {
        a.port == b.port && a.id == b.id && a.serial == b.serial
    }

    /// A line for a telephone that was never here, or nil.
    private func adopt(
        _ unit: PluggedUnit, amid units: [PluggedUnit], taken: Set<String>, _ emergencyNumbers: Set<String>
    ) -> LineDescription? {
        guard let profile = LineProfiles.recognising(unit) else { return nil }
        let key = LineRegister.key(of: unit, amid: units)
        guard register.entry(key) == nil, !announced.contains(key) else { return nil }
        let free = FreeNumber(first: options.firstExtension, emergencyNumbers: emergencyNumbers)
        guard let number = free.next(taken: taken.union(register.entries.map(\.extension))) else {
            announced.insert(key)
            log.error("\(unit.product) (\(key)) gets no line: no extension is free from \(options.firstExtension) on")
            return nil
        }
        let entry = LineRegister.Entry(
            key: key, name: Self.name(of: unit, number), extension: number, preset: profile.name)
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
        line.match = match(entry.key)
        return line
    }

    /// What a key of the register means.
    private static func match(_ key: String) -> USBMatch {
        let parts = key.split(separator: " ", maxSplits: 2).map(String.init)
        guard parts.count == 3 else { return USBMatch(id: nil, serial: nil, port: key) }
        let isSerial = parts[1] == "serial"
        return USBMatch(id: USBID(parts[0]), serial: isSerial ? parts[2] : nil, port: isSerial ? nil : parts[2])
    }
}
