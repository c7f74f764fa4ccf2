// SPDX-License-Identifier: Apache-2.0

import Patterns

/// What the ways to the outside make of the dialling plan, and trunks that can have no call.
extension Loading {
    /// The prefix and the first digits of what is called may make an emergency number together, which goes out at once.
    mutating func checkPrefix() {
        guard let prefix = settings.outside.prefix else { return }
        let emergency = settings.emergencyNumbers.sorted()
        let place = places.main("outside", "prefix")
        if let first = emergency.first(where: prefix.hasPrefix) {
            return note(place) {
                $0.error(
                    $1, "\(prefix) cannot be dialled: after \(first) the emergency call goes out",
                    "write another prefix")
            }
        }
        for number in emergency where number.hasPrefix(prefix) {
            let rest = number.dropFirst(prefix.count)
            let isOwn = settings.dialling.emergency.contains(number)
            note(place) {
                $0.warning(
                    $1,
                    "whoever dials \(prefix) and then a number that begins with \(rest) makes the emergency call \(number)",
                    isOwn
                        ? "write another prefix, or take \(number) out of [dialling] emergency where nobody needs it"
                        : "write another prefix")
            }
        }
    }

    /// Without a prefix, what may be called comes before rooms.
    mutating func checkHiddenRooms() {
        let outside = settings.outside
        guard outside.prefix == nil, !outside.allow.isEmpty, let rooms = settings.dialling.roomPattern else { return }
        let samples = ["1", "7", "42", "80", "111", "700", "1234", "4711", "54321", "123456", "7654321", "12345678"]
        let numbers = samples.filter { (try? rooms.matches($0)) == true }
        let hidden = numbers.filter { number in
            outside.allow.contains { (try? $0.matches(number)) == true }
                && !outside.bar.contains { (try? $0.matches(number)) == true }
        }
        guard !numbers.isEmpty, hidden == numbers, let example = numbers.first(where: { $0.count > 2 }) ?? numbers.first
        else { return }
        note(places.main("outside", "allow")) {
            $0.warning(
                $1, "no room can be dialled from the phones of the house: \(example) is called outside",
                "write a prefix, or allow numbers that are no rooms, such as '0[1-9][0-9]+'")
        }
    }

    mutating func checkTrunkCalls() {
        for (index, trunk) in settings.trunks.enumerated() {
            let place = places.trunks[index]
            let security = trunk.srtp ?? settings.sip.srtp
            if security == "required", trunk.transport != "tls", !settings.sip.srtpWithoutTLS {
                note(place.place(trunk.srtp == nil ? "transport" : "srtp")) {
                    $0.error(
                        $1,
                        "this trunk can have no call: its audio must be secured, and the keys for that go over TLS only",
                        "write transport = \"tls\", or srtp = \"optional\"")
                }
            }
            guard
                let former = settings.trunks[..<index].firstIndex(where: {
                    $0.server == trunk.server && $0.port == trunk.port && $0.user == trunk.user
                        && $0.domain == trunk.domain && $0.transport == trunk.transport
                })
            else { continue }
            let (name, file) = (settings.trunks[former].name, places.trunks[former].file)
            note(place.place("user")) {
                $0.warning(
                    $1, "this account is that of the trunk \(name.quoted) already (\(file))", "keep one of the two")
            }
        }
    }
}
