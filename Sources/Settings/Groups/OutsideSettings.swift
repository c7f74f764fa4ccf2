// SPDX-License-Identifier: Apache-2.0

package import Patterns

/// `[outside]`: what may leave the house. Nothing does without a word here, but for emergency calls.
package struct OutsideSettings: SettingGroup {
    package var allow: [Pattern] = []
    package var bar: [Pattern] = []
    package var hosts: [String] = []
    package var prefix: String?
    package var minutesPerDay = 60
    package var maxCalls = 2
    package var code: String?

    package init() {}

    static let keys: [SettingKey<OutsideSettings>] = [
        SettingKey(
            "allow", \.allow, .list(.pattern, 0...64, of: "patterns"), unit: "regular expressions",
            "Numbers that may be called, by phones and scripts, by a landline or a trunk; each pattern must match the "
                + "whole number. With none, nothing leaves the house but emergency calls."),
        SettingKey(
            "bar", \.bar, .list(.pattern, 0...64, of: "patterns"), unit: "regular expressions",
            "Numbers that may not, whatever is allowed: premium rates, for example."),
        SettingKey(
            "hosts", \.hosts,
            .list(
                .text("a host name or address in lower case", maximum: 253) { $0 == $0.lowercased() }, 0...64,
                of: "hosts"),
            "Hosts to which SIP addresses may be called (callSIP, partyline dial): numeric addresses, or names, which "
                + "are looked up ahead."),
        SettingKey(
            "prefix", \.prefix, .optional(.digits(1...3)), example: "\"0\"",
            "What a phone of the house dials before a number outside; it is taken off. With none, a number that may be "
                + "called is known by allow, and comes before rooms."),
        SettingKey(
            "minutes_per_day", \.minutesPerDay, .integer(0...100_000), unit: "minutes",
            "For all calls to the outside together. When they are used up, running calls end."),
        SettingKey(
            "max_calls", \.maxCalls, .integer(0...1_000), unit: "calls",
            "Calls to the outside at the same time."),
        SettingKey(
            "code", \.code, .optional(.digits(4...12)), example: "\"482913\"",
            "What somebody who calls from outside has to type before a script calls out for him; where it is left out, "
                + "nobody from outside gets an outside line. Whoever knows it calls at your expense. He is asked for it "
                + "once, and not while he is in a conference; a call that the script has not answered is answered for "
                + "the question. Three wrong ones end his call, and he has to wait before he is asked again."),
    ]
}
