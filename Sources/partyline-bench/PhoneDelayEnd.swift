// SPDX-License-Identifier: Apache-2.0

import PartylineTestKit

/// A phone on the virtual line card.
final class PhoneDelayEnd: DelayEnd {
    let name = "phone"
    let rate = 8000

    init(folder: String) throws {
        throw DemoFault("virtual phones are not built yet")
    }

    func enter(_ room: String) async throws {}
    func say(_ samples: [Int16]) {}
    func forget() {}
    var sent: Recording { Recording(rate: rate) }
    var heard: Recording { Recording(rate: rate) }
    var gaps: Int { 0 }
    func leave() async {}
}
