// SPDX-License-Identifier: Apache-2.0

import PartylineTestKit

/// The person with the analog phone on the virtual line card.
final class DemoPhone: DemoPerson {
    let name = "Anna"
    private let phone: PhoneDelayEnd

    init(folder: String) throws {
        phone = try PhoneDelayEnd(folder: folder)
    }

    var rate: Int { phone.rate }

    func enter(room: String, tell: @Sendable (String) -> Void) async throws {
        tell("\(name) (phone on the virtual line) lifts, waits for dial tone and dials \(room)#")
        try await phone.enter(room)
        tell("\(name) has dialled")
    }

    func speak(_ samples: [Int16]) { phone.say(samples) }
    func startListening() { phone.forget() }
    func heard() -> [Int16] { phone.heard.samples }
    func leave() async { await phone.leave() }
}
