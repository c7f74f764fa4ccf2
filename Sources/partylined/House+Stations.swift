// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lines
import Settings
import Telephony

extension House {
    /// The bell of each sort of caller, and how telephones are told who calls.
    static func stationCountry(_ settings: PartylineSettings) -> StationCountry {
        var country = StationCountry()
        func cadence(_ milliseconds: [Int]) -> [Int64] { milliseconds.map { Int64($0) } }
        if let plan = settings.tonePlan {
            country.cadences[.inside] = cadence(plan.ringMilliseconds)
            country.callerID = plan.callerID
            let flash = plan.flashMilliseconds
            if flash.count == 2, flash[0] < flash[1] { country.flashMilliseconds = Int64(flash[0])...Int64(flash[1]) }
        }
        let dialling = settings.dialling
        country.cadences[.outside] = dialling.outsideRing.isEmpty ? nil : cadence(dialling.outsideRing)
        country.cadences[.group] = dialling.groupRing.isEmpty ? nil : cadence(dialling.groupRing)
        country.date = {
            var (now, parts) = (time(nil), tm())
            localtime_r(&now, &parts)
            var text = [CChar](repeating: 0, count: 16)
            let count = strftime(&text, text.count, "%m%d%H%M", &parts)
            return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return country
    }
}
