// SPDX-License-Identifier: Apache-2.0

/// What a test caller offers and speaks.
package enum CallerCodec: String, Sendable, CaseIterable {
    case pcmu = "PCMU"
    case pcma = "PCMA"

    var payloadType: UInt8 { self == .pcmu ? 0 : 8 }
    package var rate: Int { 8000 }
    var map: String { "\(rawValue)/8000" }

    func encode(_ samples: [Int16]) -> [UInt8] {
        self == .pcmu ? samples.map(G711.muLaw) : samples.map(G711.aLaw)
    }

    func decode(_ payload: ArraySlice<UInt8>) -> [Int16] {
        let table = self == .pcmu ? G711.muLawSamples : G711.aLawSamples
        return payload.map { table[Int($0)] }
    }
}

/// An SDP body of the caller's, and what it reads in the other side's (RFC 4566, RFC 3264; audio only).
struct SessionText {
    enum Direction: String {
        case sendrecv, sendonly, recvonly, inactive
    }

    static func write(
        _ codec: CallerCodec, media: SocketAddress, milliseconds: Int, version: Int, direction: Direction
    ) -> String {
        """
        v=0\r
        o=- 4711 \(version) IN IP4 \(media.host)\r
        s=-\r
        c=IN IP4 \(media.host)\r
        t=0 0\r
        m=audio \(media.port) RTP/AVP \(codec.payloadType) 101\r
        a=rtpmap:\(codec.payloadType) \(codec.map)\r
        a=rtpmap:101 telephone-event/8000\r
        a=fmtp:101 0-15\r
        a=ptime:\(milliseconds)\r
        a=\(direction.rawValue)\r

        """
    }

    var media: SocketAddress?
    var payloadTypes: [UInt8] = []
    var telephoneEvent: UInt8?
    var direction = Direction.sendrecv

    init(_ body: String) {
        var host: String?
        for line in body.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            if line.hasPrefix("c=IN IP4 "), words.count >= 3 {
                host = String(words[2])
            } else if line.hasPrefix("m=audio "), words.count >= 4, let port = UInt16(words[1]) {
                media = SocketAddress("0.0.0.0", port)
                payloadTypes = words.dropFirst(3).compactMap { UInt8($0) }
            } else if line.hasPrefix("a=rtpmap:"), words.count >= 2, words[1].hasPrefix("telephone-event/8000") {
                telephoneEvent = UInt8(words[0].dropFirst("a=rtpmap:".count))
            } else if line.hasPrefix("a="), let said = Direction(rawValue: String(line.dropFirst(2))) {
                direction = said
            }
        }
        if let host, host != "0.0.0.0" { media?.host = host } else { media = nil }
    }
}
