// SPDX-License-Identifier: Apache-2.0

import Patterns
import Telephony

extension Loading {
    /// The dialling plan: emergency numbers come first, then extensions, then rooms; what can never be dialled is told.
    mutating func checkDialling() {
        if settings.tonePlan == nil, settings.tonePlans.isEmpty {
            note(FilePlace(file: "tones.d", place: .start)) {
                $0.error($1, "there is no tone plan at all", "copy etc/partyline/tones.d there")
            }
        } else if settings.tonePlan == nil {
            let known = settings.tonePlans.map(\.country)
            let country = settings.dialling.country
            note(places.main("dialling", "country")) {
                $0.error(
                    $1, "there is no tone plan for \(country.quoted)",
                    "write tones.d/\(country).toml, or " + NearestWord.remedy(country, among: known, noun: "plan"))
            }
        }
        checkDoubles()
        checkTestNumbers()
        let emergency = settings.emergencyNumbers
        for (index, line) in settings.lines.enumerated() {
            if let number = line.extension { checkExtension(number, places.lines[index].place("extension"), emergency) }
            if let route = line.route, route == line.extension {
                note(places.lines[index].place("route")) {
                    $0.error($1, "this phone would call itself", "write another number")
                }
            }
        }
        guard let pattern = roomPatternOfOnesOwn else { return }
        for number in emergency.sorted() where (try? pattern.matches(number)) == true {
            note(places.main("dialling", "room_pattern")) {
                $0.warning($1, "\(number) is an emergency number and can be no room", "leave it out of the pattern")
            }
        }
    }

    mutating func checkExtension(_ number: String, _ place: FilePlace, _ emergency: Set<String>) {
        if emergency.contains(number) {
            note(place) {
                $0.error($1, "\(number) is an emergency number and can be no extension", "write another number")
            }
        } else if let first = emergency.sorted().first(where: number.hasPrefix) {
            note(place) {
                $0.error(
                    $1, "\(number) cannot be dialled: after \(first) the emergency call goes out",
                    "write a number that does not begin with \(first)")
            }
        } else if let pattern = roomPatternOfOnesOwn, (try? pattern.matches(number)) == true {
            let line = places.main("dialling", "room_pattern").place.line
            note(place) {
                $0.warning(
                    $1, "the room \(number) cannot be dialled from the phones here: this extension comes first",
                    "write another number, or leave it out of room_pattern (partyline.toml, line \(line))")
            }
        }
    }

    /// Numbers to try a line with: nothing else may be dialled by them.
    private mutating func checkTestNumbers() {
        let keys: [TestNumber: String] = [.echo: "echo_test", .milliwatt: "milliwatt", .ownNumber: "own_number"]
        let emergency = settings.emergencyNumbers.sorted()
        var seen: [String: String] = [:]
        for (number, test) in settings.dialling.testRows {
            let key = keys[test] ?? ""
            let place = places.main("dialling", key)
            if let first = emergency.first(where: number.hasPrefix) {
                note(place) {
                    $0.error(
                        $1, "\(number) cannot be dialled: after \(first) the emergency call goes out",
                        "write another number, such as \"*43\"")
                }
            } else if let other = seen[number] {
                note(place) { $0.error($1, "\(number) is \(other) already", "write another number") }
            } else if let line = settings.lines.first(where: { $0.extension == number })?.name
                ?? settings.phones.first(where: { $0.extension == number })?.name
            {
                note(place) {
                    $0.error($1, "\(number) is the extension of \(line)", "write another number, such as \"*43\"")
                }
            } else if let pattern = settings.dialling.roomPattern, (try? pattern.matches(number)) == true {
                note(place) {
                    $0.warning(
                        $1, "the room \(number) cannot be dialled: this number comes first",
                        "write another number, such as \"*43\"")
                }
            }
            seen[number] = seen[number] ?? key
        }
    }

    /// The default takes every number, on purpose, and is no sign of an oversight.
    private var roomPatternOfOnesOwn: Pattern? {
        let pattern = settings.dialling.roomPattern
        return pattern?.text == DiallingSettings().roomPattern?.text ? nil : pattern
    }

    /// What only one line can have.
    private mutating func checkDoubles() {
        var seen: [String: FilePlace] = [:]
        for (index, line) in settings.lines.enumerated() {
            let unique: [(key: String, value: String, remedy: String)] = [
                ("name", line.name, "write another name"),
                ("extension", line.extension ?? "", "write another number"),
                ("pcm", line.pcm, "write the device of this line"),
                ("off_hook_control", line.ctl.isEmpty ? "" : line.offHookControl, "write the hook switch of this line"),
            ]
            for (key, value, remedy) in unique where !value.isEmpty {
                let scope = key == "off_hook_control" ? line.ctl : ""
                let place = places.lines[index].place(key)
                guard let former = seen.updateValue(place, forKey: "\(key)\u{0}\(scope)\u{0}\(value)") else { continue }
                note(place) {
                    $0.error(
                        $1,
                        "\(key) \(value.quoted) belongs to another line already (\(former.file), line "
                            + "\(former.place.line))",
                        remedy)
                }
            }
        }
    }
}
