// SPDX-License-Identifier: Apache-2.0

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
