// SPDX-License-Identifier: Apache-2.0
// RFC 3550 (RTP), RFC 4733 (telephone-event); the libpcap file format, version 2.4.

import Foundation
import Lines
import PartylineTestKit
import Telephony

/// What a gateway sends of somebody who presses keys, as a capture that sipp plays: the audio of the line, in which the keys are
/// heard, and beside it the events, from 40 ms after each key's begin on.
struct GatewaySound {
    private(set) var file = Data()
    private var sequence: UInt16 = 1
    /// Where sipp writes the addresses in, everything is 0.
    private static let source: UInt32 = 0x5041_5254
    private static let packetMilliseconds = 20

    /// Somebody who speaks. 8 kHz.
    init(says samples: [Int16]) {
        begin()
        for frame in 0..<samples.count / 160 {
            rtp(
                payload: 8, isMarked: frame == 0, time: UInt32(frame * 160), at: frame * Self.packetMilliseconds,
                samples[frame * 160..<(frame + 1) * 160].map(ReferenceG711.aLaw))
        }
    }

    private mutating func begin() {
        number(UInt32(0xA1B2_C3D4))
        number(UInt16(2))
        number(UInt16(4))
        number(UInt32(0))
        number(UInt32(0))
        number(UInt32(65_535))
        number(UInt32(1))
    }

    /// `lead`: milliseconds before the first key.
    init(keys: String, lead: Int, tail: Int) {
        begin()
        let digits = keys.compactMap(DTMFDigit.init)
        let quiet = { (milliseconds: Int) in [Int16](repeating: 0, count: milliseconds * 8) }
        let audio =
            digits.reduce(quiet(lead)) { sound, digit in
                sound + HandsetSignals.dtmf(digit, milliseconds: 120, pauseMilliseconds: 180, sampleRate: 8_000)
            } + quiet(tail)
        for frame in 0..<audio.count / 160 {
            let time = frame * Self.packetMilliseconds
            rtp(
                payload: 8, isMarked: frame == 0, time: UInt32(frame * 160), at: time,
                audio[frame * 160..<(frame + 1) * 160].map(ReferenceG711.aLaw))
            let place = time - lead
            guard place >= 0, place / 300 < digits.count else { continue }
            let within = place % 300
            guard within >= 40, within < 40 + 7 * Self.packetMilliseconds else { continue }
            event(digits[place / 300], begin: lead + place / 300 * 300 + 40, within: within - 40, at: time)
        }
    }

    /// Five packets of a key that is held, then its end, three times.
    private mutating func event(_ digit: DTMFDigit, begin: Int, within: Int, at time: Int) {
        let number = within / Self.packetMilliseconds
        let isLast = number >= 4
        let duration = UInt16(min(number + 1, 5) * 160)
        rtp(
            payload: 101, isMarked: number == 0, time: UInt32(begin * 8), at: time,
            [digit.rawValue, isLast ? 0x8A : 0x0A, UInt8(duration >> 8), UInt8(duration & 255)])
    }

    private mutating func rtp(payload: UInt8, isMarked: Bool, time: UInt32, at milliseconds: Int, _ bytes: [UInt8]) {
        var packet = Data([0x80, payload | (isMarked ? 0x80 : 0)])
        func big(_ value: UInt32, _ octets: Int) {
            for index in (0..<octets).reversed() {
                packet.append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))))
            }
        }
        big(UInt32(sequence), 2)
        big(time, 4)
        big(Self.source, 4)
        packet.append(contentsOf: bytes)
        sequence &+= 1
        // Ethernet, IPv4 and UDP around it.
        var frame = Data(repeating: 0, count: 12) + Data([0x08, 0x00])
        let length = 20 + 8 + packet.count
        frame += Data([0x45, 0, UInt8(length >> 8), UInt8(length & 255), 0, 0, 0x40, 0, 64, 17, 0, 0])
        frame += Data([127, 0, 0, 1, 127, 0, 0, 1, 0x40, 0, 0x40, 2])
        frame += Data([UInt8((packet.count + 8) >> 8), UInt8((packet.count + 8) & 255), 0, 0]) + packet
        number(UInt32(milliseconds / 1000))
        number(UInt32(milliseconds % 1000 * 1000))
        number(UInt32(frame.count))
        number(UInt32(frame.count))
        file += frame
    }

    private mutating func number(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { file.append(contentsOf: $0) }
    }
}
