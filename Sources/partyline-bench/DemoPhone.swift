// SPDX-License-Identifier: Apache-2.0

/// The person with the analog phone on the virtual line card.
final class DemoPhone: DemoPerson {
    let name = "Anna"
    let rate = 8000

    init(folder: String) throws {
        throw DemoFault("virtual phones are not built yet")
    }

    func enter(room: String, tell: @Sendable (String) -> Void) async throws {}
    func speak(_ samples: [Int16]) {}
    func startListening() {}
    func heard() -> [Int16] { [] }
    func leave() async {}
}
