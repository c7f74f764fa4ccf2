// SPDX-License-Identifier: Apache-2.0
import Foundation
import Telephony
import Testing

@testable import Media

/// Two telephones on loudspeaker, a metre apart, in one conference: each microphone hears the other's loudspeaker.
///
///     A's microphone --> mix --> B's loudspeaker --3 ms of air, gain--> A's microphone
@Suite struct SameRoomTests {
    private static let rate = 16_000
    private static let air = rate * 3 / 1_000

    /// The longest time for which B's loudspeaker was loud after A's word had ended, in ms; and the level of the third
    /// person's voice there, who is elsewhere and speaks at the end.
    private func howl(gain: Double, isOneRoom: Bool) -> (milliseconds: Int, third: Double) {
        var options = MixOptions()
        options.cardTick8 = 40
        let rig = MixRig(options)
        let cards = [VirtualCard(sampleRate: Self.rate), VirtualCard(sampleRate: Self.rate)]
        let word = Int64(Self.rate / 2)..<Int64(Self.rate * 8 / 10)
        for index in 0..<2 {
            let other = cards[1 - index]
            let own = cards[index]
            cards[index].voice = { [unowned own, unowned other] frame in
                // Loudspeakers and air do not pass everything; the limiter of a real amplifier is at full scale.
                func loud(_ card: VirtualCard) -> Double {
                    let place = Int(frame) - Self.air
                    return place >= 1 && place < card.played.count
                        ? (Double(card.played[place]) + Double(card.played[place - 1])) / 2 : 0
                }
                var value = gain * loud(other) + 0.3 * gain * loud(own)
                if index == 0, word.contains(frame) {
                    let time = Double(frame) / Double(Self.rate)
                    value += 6_000 * sin(2 * .pi * 430 * time) * sin(2 * .pi * 5 * time)
                }
                return Int16(max(-32_768, min(32_767, value)))
            }
        }
        let mix = rig.makeMix()
        let ports = cards.map(rig.makeCard)
        let third = rig.makePhone()
        if isOneRoom { for port in ports { rig.send(.neighbourhood(port, 7)) } }
        for port in ports {
            rig.send(.add(.port(port), mix))
            rig.send(.listen(port, mix))
        }
        rig.join([third], mix)
        rig.run(milliseconds: 3_000)
        let quietEnd = cards[1].played.count
        third.voice = tone(900, rate: 8_000)
        rig.run(milliseconds: 1_000)
        let speaker = cards[1].played
        let piece = Self.rate / 50
        var (run, longest) = (0, 0)
        for start in stride(from: Int(word.upperBound), to: quietEnd - piece, by: piece) {
            let energy = speaker[start..<start + piece].reduce(0.0) { $0 + Double($1) * Double($1) } / Double(piece)
            // Louder than -36 dBFS: everybody in the room hears it.
            run = energy.squareRoot() > 500 ? run + 20 : 0
            longest = max(longest, run)
        }
        return (longest, amplitude(speaker.suffix(Self.rate / 2), 900, rate: Self.rate))
    }

    @Test func `two handsets on loudspeaker howl, with same_room they do not`() {
        let without = howl(gain: 1.4, isOneRoom: false)
        print("loop gain 1.4: \(without.milliseconds) ms of howl without same_room")
        #expect(without.milliseconds > 1_500, "the test would not notice a howl")
        for gain in [0.9, 1.4, 3] {
            let with = howl(gain: gain, isOneRoom: true)
            print("loop gain \(gain): \(with.milliseconds) ms of howl with same_room")
            #expect(with.milliseconds <= 500)
            #expect(with.third > 5_000, "who is elsewhere is heard")
        }
    }
}
