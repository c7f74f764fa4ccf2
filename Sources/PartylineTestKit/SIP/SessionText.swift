// SPDX-License-Identifier: Apache-2.0

/// An SDP body of the caller's, and what it reads in the other side's (RFC 4566, RFC 3264; audio only).
struct SessionText {
    enum Direction: String {
        case sendrecv, sendonly, recvonly, inactive
    }

    static func write(
        _ codec: CallerCodec, media: SocketAddress, milliseconds: Int, version: Int, direction: Direction,
        multiplexes: Bool = false
    ) -> String {
        """
        v=0\r
        o=- 4711 \(version) IN IP4 \(media.host)\r
        s=-\r
        c=IN IP4 \(media.host)\r
        t=0 0\r
        m=audio \(media.port) RTP/AVP \(codec.payloadType) 101\r
        a=rtpmap:\(codec.payloadType) \(codec.map)\(multiplexes ? "\r\na=rtcp-mux" : "")\(codec.parameters)\r
        a=rtpmap:101 telephone-event/\(codec.clockRate)\r
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
            } else if line.hasPrefix("a=rtpmap:"), words.count >= 2, words[1].hasPrefix("telephone-event/") {
                telephoneEvent = UInt8(words[0].dropFirst("a=rtpmap:".count))
            } else if line.hasPrefix("a="), let said = Direction(rawValue: String(line.dropFirst(2))) {
                direction = said
            }
        }
        if let host, host != "0.0.0.0" { media?.host = host } else { media = nil }
    }
}
