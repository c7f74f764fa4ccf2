// SPDX-License-Identifier: Apache-2.0

import RTP
import Testing

/// The figures of its data sheet.
struct LossPatienceTests {
    private let packet: Int64 = 20_000_000

    /// Packets of which every nth is lost; after how many it changed to `isOn`, nil: never.
    private func turns(_ patience: inout LossPatience, on isOn: Bool, everyLost: Int?, packets: Int) -> Int? {
        var missing = 0
        for number in 1...packets {
            if let everyLost, number % everyLost == 0 {
                missing += 1
                continue
            }
            patience.take(missing > 0 ? .ahead : .next, missing: Int64(missing), packet: packet)
            missing = 0
            if patience.isOn == isOn { return number }
        }
        return nil
    }

    @Test func `it waits one packet within two seconds at five per cent, and no more six seconds after the last loss`()
    {
        var patience = LossPatience()
        let on = turns(&patience, on: true, everyLost: 20, packets: 500)
        #expect((on ?? 999) <= 100)
        #expect(patience.time == packet)
        for _ in 0..<10 { _ = turns(&patience, on: false, everyLost: 5, packets: 500) }
        let off = turns(&patience, on: false, everyLost: nil, packets: 1000)
        #expect((off ?? 999) <= 300)
    }

    @Test func `one in two hundred is not worth it, nor an outage, nor packets that were only overtaken`() {
        var patience = LossPatience()
        #expect(turns(&patience, on: true, everyLost: 200, packets: 5000) == nil)
        patience = LossPatience()
        for _ in 0..<20 {
            patience.take(.ahead, missing: 500, packet: packet)
            for _ in 0..<20 { patience.take(.next, missing: 0, packet: packet) }
        }
        #expect(!patience.isOn)
        for _ in 0..<200 {
            patience.take(.ahead, missing: 1, packet: packet)
            patience.take(.behind, missing: -1, packet: packet)
            for _ in 0..<10 { patience.take(.next, missing: 0, packet: packet) }
        }
        #expect(!patience.isOn)
    }
}
