// SPDX-License-Identifier: Apache-2.0
// RFC 3264 sections 5.1, 6.1 and 8.4; RFC 3605 (rtcp), RFC 5761 (rtcp-mux), RFC 2543 (hold by 0.0.0.0).

/// Who may send, seen from the one who wrote it.
package enum StreamDirection: String, Sendable, Hashable {
    case sendrecv, sendonly, recvonly, inactive

    package var sends: Bool { self == .sendrecv || self == .sendonly }
    package var receives: Bool { self == .sendrecv || self == .recvonly }

    package init(sends: Bool, receives: Bool) {
        self = sends ? (receives ? .sendrecv : .sendonly) : (receives ? .recvonly : .inactive)
    }

    init?(attributes: [SDPAttribute]) {
        guard
            let found = attributes.lazy.compactMap({ $0.value == nil ? StreamDirection(rawValue: $0.name) : nil }).first
        else { return nil }
        self = found
    }
}

/// The one audio stream of a description that we take, read once.
struct OfferedAudio {
    var index: Int
    var address: IPAddress?
    var port: UInt16
    var rtcpAddress: IPAddress?
    var rtcpPort: UInt16
    var multiplexesRTCP: Bool
    var direction: StreamDirection
    var payloads: [AudioPayload]
    var events: [EventPayload]
    /// Payload type of comfort noise with the clock 8000.
    var comfortNoise: UInt8?
    var packetTime: Int?
    var longestPacketTime: Int?
    /// The key of whoever wrote it; nil: in clear.
    var crypto: SDPCrypto?

    /// The first audio stream that can be taken; one that is secured before one in clear.
    init(
        _ description: SDPDescription, family: IPAddress.Family?, security: SecurityPolicy
    ) throws(SDPRefusal) {
        if security == .optional, let secured = try? Self(description, family: family, security: .required) {
            self = secured
            return
        }
        var refusal = SDPRefusal.noAudio
        for (index, medium) in description.media.enumerated() where medium.kind == "audio" && medium.port != 0 {
            let crypto = security == .off ? nil : SDPCrypto.best(in: medium)
            switch medium.transport {
            case "RTP/SAVP", "RTP/SAVPF":
                guard crypto != nil else {
                    refusal = .securedOnly
                    continue
                }
            case "RTP/AVP", "RTP/AVPF":
                // Keys with the profile in clear: "secured if you can", as many phones write it.
                guard crypto != nil || security != .required else {
                    refusal = .clearOnly
                    continue
                }
            default: continue
            }
            let payloads = Self.payloads(medium)
            guard !payloads.isEmpty else {
                refusal = .noCommonCodec
                continue
            }
            guard let connection = medium.connection ?? description.connection, let address = connection.address,
                !address.isMulticastOrBroadcast, family == nil || address.family == family || address.isUnspecified
            else {
                refusal = .address
                continue
            }
            self.init(medium, index: index, address: address, session: description, payloads: payloads)
            self.crypto = crypto
            return
        }
        throw refusal
    }

    private init(
        _ medium: SDPMedia, index: Int, address: IPAddress, session: SDPDescription, payloads: [AudioPayload]
    ) {
        self.index = index
        self.address = address.isUnspecified ? nil : address
        self.payloads = payloads
        port = medium.port
        multiplexesRTCP = medium.value(of: "rtcp-mux") != nil
        direction =
            StreamDirection(attributes: medium.attributes) ?? StreamDirection(attributes: session.attributes)
            ?? .sendrecv
        events = Self.events(medium)
        comfortNoise = Self.comfortNoise(medium)
        packetTime = medium.value(of: "ptime").flatMap(Self.milliseconds)
        longestPacketTime = medium.value(of: "maxptime").flatMap(Self.milliseconds)
        let rtcp = medium.value(of: "rtcp")?.split(separator: " ") ?? []
        rtcpPort =
            multiplexesRTCP
            ? medium.port : rtcp.first.flatMap { UInt16($0) } ?? (medium.port == .max ? 0 : medium.port + 1)
        rtcpAddress = rtcp.count >= 4 && !multiplexesRTCP ? IPAddress(rtcp[3]) : nil
        if rtcpAddress.map({ $0.isUnspecified || $0.isMulticastOrBroadcast || $0.family != address.family }) ?? true {
            rtcpAddress = self.address
        }
    }

    /// "20", and the "20.0" of some.
    private static func milliseconds(_ text: String) -> Int? {
        text.split(whereSeparator: { $0 == "." || $0 == " " }).first.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    private static func mappings(_ medium: SDPMedia, _ name: String) -> [UInt8: Substring] {
        var found: [UInt8: Substring] = [:]
        for attribute in medium.attributes where attribute.name == name {
            guard let parts = attribute.value?.split(separator: " ", maxSplits: 1), parts.count == 2,
                let type = UInt8(parts[0]), type < 128, found[type] == nil
            else { continue }
            found[type] = parts[1]
        }
        return found
    }

    private static func trimmed(_ text: Substring) -> Substring {
        text.split(whereSeparator: { $0 == " " || $0 == "\t" }).first ?? ""
    }

    private static func payloads(_ medium: SDPMedia) -> [AudioPayload] {
        let maps = mappings(medium, "rtpmap")
        let parameters = mappings(medium, "fmtp")
        var found: [AudioPayload] = []
        for format in medium.formats {
            guard let type = UInt8(format), type < 128, !found.contains(where: { $0.type == type }) else { continue }
            let encoding =
                if let map = maps[type] { AudioEncoding(mapping: trimmed(map)) } else {
                    AudioEncoding.allCases.first { $0.staticPayloadType == type }
                }
            guard let encoding, !found.contains(where: { $0.encoding == encoding }) else { continue }
            let opus = encoding == .opus ? OpusParameters(String(parameters[type] ?? "")) : nil
            found.append(AudioPayload(type: type, encoding: encoding, opus: opus))
        }
        return found
    }

    /// 13 means it without an rtpmap line (RFC 3389 section 4); other clocks than G.711's are not for us.
    private static func comfortNoise(_ medium: SDPMedia) -> UInt8? {
        let maps = mappings(medium, "rtpmap")
        for format in medium.formats {
            guard let type = UInt8(format), type < 128 else { continue }
            if let map = maps[type] {
                let parts = trimmed(map).split(separator: "/")
                if parts.count >= 2, parts[0].lowercased() == "cn", parts[1] == "8000" { return type }
            } else if type == 13 {
                return type
            }
        }
        return nil
    }

    private static func events(_ medium: SDPMedia) -> [EventPayload] {
        let maps = mappings(medium, "rtpmap")
        var found: [EventPayload] = []
        for format in medium.formats {
            guard let type = UInt8(format), let map = maps[type] else { continue }
            let parts = trimmed(map).split(separator: "/")
            guard parts.count >= 2, parts[0].lowercased() == "telephone-event", let rate = Int(parts[1]),
                [8_000, 16_000, 48_000].contains(rate),
                !found.contains(where: { $0.clockRate == rate || $0.type == type })
            else { continue }
            found.append(EventPayload(type: type, clockRate: rate))
        }
        return found
    }
}
