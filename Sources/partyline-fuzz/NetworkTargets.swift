// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP

extension FuzzTarget {
    static let network = [
        FuzzTarget(name: "sip", seeds: ["rfc4475", "rfc5118"], longest: 8_192) { HostileInput.library($0) },
        FuzzTarget(name: "screen", seeds: ["rfc4475", "rfc5118"], longest: 8_192) { bytes in
            if let source = IPAddress("192.0.2.1") { HostileInput.screen(bytes, from: source) }
        },
        FuzzTarget(name: "digest", seeds: ["fuzz/digest"], longest: 1_024) {
            HostileInput.digest(String(decoding: $0, as: UTF8.self))
        },
        FuzzTarget(name: "address", seeds: ["fuzz/address"], longest: 512) {
            HostileInput.addresses(String(decoding: $0, as: UTF8.self))
        },
        FuzzTarget(name: "stun", seeds: ["fuzz/stun"], longest: 1_500) { HostileInput.stun($0) },
        FuzzTarget(name: "names", seeds: ["fuzz/names"], longest: 2_048) { HostileInput.names($0) },
        FuzzTarget(name: "body", seeds: ["fuzz/body"], longest: 4_096) { HostileInput.body($0) },
        FuzzTarget(name: "sdp", seeds: ["fuzz/sdp"], longest: 4_096, run: negotiate),
    ]

    /// The text as an offer, as an answer and as a re-offer, under every policy.
    @Sendable private static func negotiate(_ bytes: [UInt8]) {
        guard let description = try? SDPParser.parse(bytes: bytes), let address = IPAddress("192.0.2.1") else { return }
        _ = SDPWriter.text(description)
        for policy in SecurityPolicy.allCases {
            let preferences = AudioPreferences(encodings: AudioEncoding.allCases, packetTime: 20, security: policy)
            _ = try? OfferAnswer.addressWanted(by: description, preferences: preferences)
            let machine = OfferAnswer(
                preferences: preferences, endpoint: AudioEndpoint(address: address, port: 4_000, rtcpPort: 4_001),
                sessionID: 1, secret: [UInt8](repeating: 7, count: 90))
            var answering = machine
            for _ in 0..<2 { _ = try? answering.answer(description) }
            var offering = machine
            _ = try? offering.offer()
            _ = try? offering.accept(description, isFinal: false)
            _ = try? offering.accept(description, isFinal: true)
            _ = try? offering.answer(description)
        }
    }
}
