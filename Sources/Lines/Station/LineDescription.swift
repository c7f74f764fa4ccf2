// SPDX-License-Identifier: Apache-2.0

import Glibc
package import Telephony

/// A line as the settings describe it, or as plug and play found it. Nil: as the preset has it.
package struct LineDescription: Sendable, Hashable {
    package var name: String
    package var preset: String
    /// ALSA names; empty: those of the USB device that `match` finds.
    package var pcm: String
    package var ctl: String
    /// The USB device of this line.
    package var match: USBMatch?
    /// Nodes by path, where they are no USB device's or the right one is not found by itself.
    package var hid: String?
    package var event: String?
    package var tty: String?
    package var gpio = GPIOLines()
    package var modem = ModemOptions()
    package var `extension`: String?
    package var sampleRate: Int?
    package var periodMilliseconds: Double?
    /// Dialled by lifting (hot line).
    package var route: String?
    /// Lines with the same word do not hear each other.
    package var sameRoom: String?
    /// A rotary telephone may be on it.
    package var hasPulseDial = false
    /// A second call beeps in the first.
    package var takesWaitingCalls = true
    /// How this telephone is told who calls, as tone plans name it; nil: as the country has it.
    package var callerID: String?
    package var offHookControl: String?
    package var ringControl: String?
    /// Landlines: when to answer, how to dial, what releases.
    package var landline = LandlinePlan()
    /// Landlines: echoes that come back within so long are taken out; 0: none.
    package var echoTailMilliseconds = 64
    /// What comes from the line, and what is sent to it, is made so much louder.
    package var rxGainDB = 0.0
    package var txGainDB = 0.0
    /// Where it is written ("lines.d/hall.toml:3"), for messages; empty for a line that was plugged in.
    package var place = ""
    /// Where its devices are written, by what `LineError` calls them.
    package var devicePlaces: [String: String] = [:]

    package init(name: String, preset: String, pcm: String, ctl: String) {
        self.name = name
        self.preset = preset
        self.pcm = pcm
        self.ctl = ctl
    }

    /// How messages call it.
    var words: String { words(at: place) }

    /// The same with what is wrong, and where its device is written.
    func words(with trouble: LineTrouble) -> String {
        "\(words(at: trouble.device.flatMap { devicePlaces[$0] } ?? place)): \(trouble.text)"
    }

    private func words(at place: String) -> String { place.isEmpty ? "line \(name)" : "\(place): line \(name)" }
}

extension LineDescription {
    /// Whether it is about that USB device: it matches it, or names one of its nodes or its card. A node may be named by a link to
    /// it (/dev/input/by-id/…). Any thread; reads links.
    package func claims(_ unit: PluggedUnit) -> Bool {
        if let match, match.fits(unit) { return true }
        if let card = unit.card {
            let words = [pcm, ctl].compactMap(Self.card)
            if words.contains(where: { $0 == card.id || Int($0) == card.index }) { return true }
        }
        let nodes = Set(unit.hid.map(\.path) + unit.inputs.map(\.path) + unit.serialLines)
        guard !nodes.isEmpty else { return false }
        return [hid, event, tty].compactMap { $0 }.contains { nodes.contains($0) || nodes.contains(Self.target($0)) }
    }

    /// It is about something that is plugged in.
    var isPlugged: Bool { match != nil || hid != nil || event != nil || tty != nil }

    /// It names a link to a node, and there is none (yet: udev makes them somewhat later than the kernel its nodes). Any thread.
    var awaitsLink: Bool {
        [hid, event, tty].compactMap { $0 }.contains { path in
            let name = path.split(separator: "/").last ?? ""
            return !Self.kernelNames.contains { name.hasPrefix($0) } && access(path, F_OK) != 0
        }
    }

    private static let kernelNames = ["hidraw", "event", "tty"]

    /// Whether it may open that device beside the lines of the settings, of which it may be one: a line that was plugged in keeps off
    /// what they are about. Any thread; reads links.
    func mayOpen(_ unit: PluggedUnit, beside settings: [LineDescription]) -> Bool {
        settings.contains { $0.name == name } || !settings.contains { $0.claims(unit) }
    }

    /// The card that an ALSA name is about: "Phone1" of "hw:CARD=Phone1,DEV=0" and of "hw:Phone1", "1" of "plughw:1,0"; nil: it
    /// says none.
    private static func card(_ device: String) -> String? {
        guard !device.hasPrefix(VirtualCard.device(of: "")), let colon = device.lastIndex(of: ":") else { return nil }
        let arguments = device[device.index(after: colon)...].split { ",'\"{} ".contains($0) }
        let named = arguments.first { $0.hasPrefix("CARD=") }?.dropFirst(5)
        return (named ?? arguments.first).map(String.init)
    }

    /// Where a link leads; the path itself where it leads nowhere.
    private static func target(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

/// The GPIO lines of a phone port or landline port of one's own making, each by its name or as "gpiochip0:17"; a name
/// that begins with '!' is active low.
package struct GPIOLines: Sendable, Hashable {
    /// In: handset lifted (phone).
    package var hook: String?
    /// Out: ringing mode (phone).
    package var ringMode: String?
    /// Out: forward/reverse, toggled at the ringing frequency (phone).
    package var reverse: String?
    package var ringHertz = 25
    /// Out: takes the line (landline).
    package var seize: String?
    /// In: ring detector (landline).
    package var ring: String?
    /// In: loop current flows (landline).
    package var loop: String?
    /// In: the exchange has reversed the polarity (landline).
    package var polarity: String?
    /// In: another phone is on the line (landline).
    package var inUse: String?

    package init() {}
}

/// A voice modem's dialect.
package struct ModemOptions: Sendable, Hashable {
    /// Country by T.35, as +GCI takes it ("B5", "42"); nil: as the modem has it.
    package var country: String?

    package init() {}
}
