// SPDX-License-Identifier: Apache-2.0

/// The reference of the API as Markdown: docs/SCENARIO-API.md.
package enum Reference {
    package static func markdown() -> String {
        var text = """
            # The API of scenarios

            Made from the member table by `partyline scenario reference`; do not edit. Scenarios speak VoxEngine's API as far as
            voice goes, in the forms of today and in those of 2016-17 (marked *old*). `etc/partyline/scenarios/partyline.d.ts` has
            the same for editors.

            """
        for section in sections { text += "\n" + table(section) }
        text += "\n" + limits
        return text
    }

    private static let sections: [(title: String, owner: String, words: String)] = [
        ("VoxEngine", "VoxEngine", "The session: calls out, rooms, players."),
        ("AppEvents", "AppEvents", "For `VoxEngine.addEventListener`. Every event has `name`."),
        ("Call", "Call", "A call hears one stream; a new one replaces it. What it sends may go to many."),
        ("CallEvents", "CallEvents", "Every event has `call`, `id` and `name`."),
        ("Conference", "Conference", "A mix: everybody hears all others."),
        ("ConferenceEvents", "ConferenceEvents", "Every event has `conference`, `id` and `name`."),
        ("Endpoint", "Endpoint", "Somebody whom `Conference.add` brought in."),
        ("Player", "Player", "A sound that is heard where it is sent to; at most ten in a session."),
        ("PlayerEvents", "PlayerEvents", "Every event has `player`, `id` and `name`."),
        ("SequencePlayer", "SequencePlayer", "Sounds one after another without a gap."),
        ("SequencePlayerEvents", "SequencePlayerEvents", "Every event has `player`, `id` and `name`."),
        ("Recorder", "Recorder", "A file that hears what is sent to it."),
        ("RecorderEvents", "RecorderEvents", "Every event has `recorder`, `id` and `name`."),
        ("IVRState", "IVRState", "Questions with digits as answers."), ("IVR", "IVR", ""),
        ("Net", "Net", "Requests over HTTP; addresses that the settings forbid are refused."),
        ("ApplicationStorage", "ApplicationStorage", "Keys and values that outlive the session."),
        ("Logger", "Logger", ""), ("Crypto", "Crypto", "Texts count as UTF-8; results are hex."),
        ("PhoneNumber", "PhoneNumber", ""), ("DTMFType", "DTMFType", ""), ("RecordExpireTime", "RecordExpireTime", ""),
        ("Language", "Language", "Any other name is taken as well; its language is found in it."),
        ("JSession", "JSession", ""), ("CallList", "CallList", ""), ("AMD", "AMD", ""), ("Globals", "", ""),
    ]

    private static func table(_ section: (title: String, owner: String, words: String)) -> String {
        let members = MemberTable.members(of: section.owner)
        var text = "## \(section.title)\n\n"
        if !section.words.isEmpty { text += section.words + "\n\n" }
        text += "| member | \(members.first?.kind == .event ? "fields" : "form") | |\n|---|---|---|\n"
        for member in members { text += row(member) }
        return text
    }

    private static func row(_ member: ScenarioMember) -> String {
        let code = { (form: String) in
            form.isEmpty
                ? "" : "`" + form.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") + "`"
        }
        let forms = member.forms.map(code) + member.oldForms.map { "*old* " + code($0) }
        let support =
            switch member.support {
            case .supported: member.note
            case .withoutEffect(let why): "without effect: \(why)"
            case .refused(let why):
                switch member.kind {
                case .event: "never comes: \(why)"
                case .function: "refused: \(why)"
                case .constant: "of no use here: \(why)"
                }
            }
        return "| `\(member.name)` | \(forms.joined(separator: "<br>")) | \(support) |\n"
    }

    private static let limits = """
        ## Limits

        One callback has 1 s of CPU, a session 64 MB, 100 timers, 10 players, 3 requests over HTTP at once and 32 waiting, 1000
        listeners of one event, 2000 requests to the exchange in one callback; a script 256 Ki characters. Who passes one ends with
        a line in the log that names file and line. A call that nobody answers fails after 60 s; a session ends 60 s after its last
        call. Scripts reach no file and no process, and over the web only what the settings allow.

        A sound file has at most 10 MB. It is heard at 48 kHz for up to 5 minutes and 49 seconds, at 16 kHz for up to 17 minutes, at
        8 kHz for up to 34; a longer one is refused. Sounds that are played take at most 128 MB of memory together, those of one
        session 64 MB; who plays one and the same sound again takes no more. What is refused ends with PlaybackFinished, whose
        `error` says why. Tone scripts have at most 600 s of tones before what repeats.

        """
}
