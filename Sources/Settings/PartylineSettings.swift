// SPDX-License-Identifier: Apache-2.0

/// Everything that the configuration folder says, checked. Plain values: whoever needs a part takes it along.
package struct PartylineSettings: Sendable {
    package var sip = SIPSettings()
    package var registrar = RegistrarSettings()
    package var outside = OutsideSettings()
    package var rtp = RTPSettings()
    package var mix = MixSettings()
    package var speech = SpeechSettings()
    package var dialling = DiallingSettings()
    package var plugAndPlay = PlugSettings()
    package var scenarios = ScenarioSettings()
    package var recordings = RecordingSettings()
    package var fetch = FetchSettings()
    package var log = LogSettings()
    package var control = ControlSettings()
    /// In the order of the files' names.
    package var lines: [LineSettings] = []
    /// Where each of the lines is written: "lines.d/hall.toml:3".
    package var linePlaces: [String] = []
    /// Of each line where its keys are written.
    package var lineKeyPlaces: [[String: String]] = []
    package var phones: [PhoneSettings] = []
    package var trunks: [TrunkSettings] = []
    /// The first that matches wins.
    package var rules: [RuleSettings] = []
    /// All of tones.d.
    package var tonePlans: [TonePlanSettings] = []
    /// What is doubtful, though not wrong.
    package var warnings: [SettingsProblem] = []

    package init() {}

    /// The plan of `dialling.country`; one is there when these settings were loaded.
    package var tonePlan: TonePlanSettings? { tonePlans.first { $0.country == dialling.country } }

    /// Those of the settings and those of the country.
    package var emergencyNumbers: Set<String> { Set(dialling.emergency).union(tonePlan?.emergency ?? []) }

    /// A number for the acoustic room in which a line's phone stands (`same_room`), the same for all lines there; 0:
    /// alone.
    package func neighbourhood(of line: LineSettings) -> UInt32 {
        guard let room = line.sameRoom else { return 0 }
        let index = Set(lines.compactMap(\.sameRoom)).sorted().firstIndex(of: room)
        return index.flatMap { UInt32(exactly: $0 + 1) } ?? 0
    }

    /// The same exchange on other ports, for runs side by side: SIP on `base`, audio from `base` + 1000 upwards with
    /// as many ports as before (as far as there are). Nil when `base` leaves no room: 1 … 64,000 is taken.
    package func moved(toPortBase base: Int) -> PartylineSettings? {
        guard (1...64_000).contains(base) else { return nil }
        var moved = self
        var seen: Set<ListenAddress> = []
        moved.sip.listen = sip.listen.compactMap { address in
            var address = address
            address.port = address.transports == [.tls] ? base + 1 : base
            return seen.insert(address).inserted ? address : nil
        }
        moved.rtp.portMin = base + 1_000
        moved.rtp.portMax = min(65_535, base + 1_000 + max(0, rtp.portMax - rtp.portMin))
        moved.control.accessListen?.port = min(65_535, base + 444)
        return moved
    }
}

/// A section of partyline.toml.
struct SettingSection: Sendable {
    let name: String
    /// What it is about, for sample and manual.
    let text: String
    let keyNames: [String]
    let read: @Sendable (TOMLEntry, inout PartylineSettings, inout Misfits) -> Void
    let describe: @Sendable () -> [SettingDescription]
    /// Of every key, as TOML.
    let values: @Sendable (PartylineSettings) -> [String: String]
    /// Gives the second what the first has for the key of that name.
    let copy: @Sendable (String, PartylineSettings, inout PartylineSettings) -> Void

    init<Group: SettingGroup>(
        _ name: String, _ property: any WritableKeyPath<PartylineSettings, Group> & Sendable, _ text: String
    ) {
        self.name = name
        self.text = text
        self.keyNames = Group.keys.map(\.name)
        self.read = { entry, settings, misfits in
            guard case .table(let entries) = entry.value.content else {
                misfits.error(
                    entry.value.place, "\(entry.value.words) does not fit here", "write [\(name)] on a line of its own")
                return
            }
            settings[keyPath: property] = Group(
                entries, at: entry.value.place, in: "[\(name)]", &misfits, elsewhere: Self.owner)
        }
        self.describe = { Group.descriptions }
        self.values = { $0[keyPath: property].values }
        self.copy = { name, from, into in
            guard let key = Group.keys.first(where: { $0.name == name }) else { return }
            var group = into[keyPath: property]
            key.copy(from[keyPath: property], &group)
            into[keyPath: property] = group
        }
    }

    /// Where a key belongs that stands in the wrong section.
    private static func owner(of key: String) -> String? {
        all.first { $0.keyNames.contains(key) }.map { "move it to [\($0.name)]" }
    }

    static let all: [SettingSection] = [
        SettingSection("sip", \.sip, "SIP phones and callers."),
        SettingSection("registrar", \.registrar, "The SIP phones of the house (phones.d)."),
        SettingSection("outside", \.outside, "The fence: what may leave the house, besides emergency calls."),
        SettingSection("rtp", \.rtp, "The packets of audio."),
        SettingSection("mix", \.mix, "The mixer."),
        SettingSection("speech", \.speech, "The program that turns text into speech."),
        SettingSection("dialling", \.dialling, "What a phone on a line of the box can dial."),
        SettingSection("plug_and_play", \.plugAndPlay, "USB telephones that become lines by being plugged in."),
        SettingSection("scenarios", \.scenarios, "The processes in which scripts run."),
        SettingSection("recordings", \.recordings, "What is recorded of calls and rooms, in STATE/recordings."),
        SettingSection("fetch", \.fetch, "What scripts may reach over http and https."),
        SettingSection("log", \.log, "What is written on standard error."),
        SettingSection("control", \.control, "The socket of the command line."),
    ]
}
