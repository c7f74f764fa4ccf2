// SPDX-License-Identifier: Apache-2.0
// RFC 3264 (offer and answer), as RFC 6337 explains it for SIP. One audio stream a call; every other medium is answered with
// port 0. Keys of secured media are exchanged as in RFC 4568. Not done: bundling, ICE, preconditions.

/// What this box offers and takes, from the settings.
package struct AudioPreferences: Sendable, Hashable {
    /// In order of preference; what is missing is not taken.
    package var encodings: [AudioEncoding]
    /// Milliseconds in a packet where the far end has no wish, 10 … 60.
    package var packetTime: Int
    /// Comfort noise (RFC 3389) is offered and taken.
    package var comfortNoise: Bool
    package var security: SecurityPolicy

    package init(
        encodings: [AudioEncoding], packetTime: Int, comfortNoise: Bool = false, security: SecurityPolicy = .off
    ) {
        self.encodings = encodings
        self.packetTime = packetTime
        self.comfortNoise = comfortNoise
        self.security = security
    }
}

/// The RTP port of this call as the far end shall see it.
package struct AudioEndpoint: Sendable, Hashable {
    package var address: IPAddress
    package var port: UInt16
    package var rtcpPort: UInt16

    package init(address: IPAddress, port: UInt16, rtcpPort: UInt16) {
        self.address = address
        self.port = port
        self.rtcpPort = rtcpPort
    }
}

/// The offer/answer machine of one call: a value without clock or input/output. A refused offer changes nothing.
///
///     idle -- answer(offer) --> stable -- answer(offer) --> stable
///       \---- offer() --> offered -- accept(answer) --> stable
///                            \------ withdraw() ------> what was before
package struct OfferAnswer: Sendable {
    package let preferences: AudioPreferences
    package let endpoint: AudioEndpoint
    /// What is agreed upon; nil before the first answer.
    package private(set) var current: NegotiatedAudio?
    /// An offer of ours waits for its answer.
    package private(set) var isPending = false

    private let sessionID: UInt64
    private var version: UInt64
    /// What we last sent, without its origin: a new version is due only when it changes (RFC 3264 section 8).
    private var lastSent: SDPDescription?
    private var lastText: String?
    /// Payload types must not change their meaning within a session (RFC 3264 section 8.3.2).
    private var payloadTypes: [AudioEncoding: UInt8] = [:]
    private var eventTypes: [Int: UInt8] = [:]
    /// The media lines in the order in which they were first agreed upon, as we sent them; ours is at `audioIndex`.
    private var mediaLines: [SDPMedia] = []
    private var audioIndex = 0
    /// Our keys, the same throughout the call: their packet counters go on over re-INVITEs.
    private let keys: [SecuritySuite: [UInt8]]

    /// - Parameters:
    ///   - sessionID: any number; a time or a random one, so that it differs from call to call.
    ///   - secret: at least 90 random bytes from which our keys are cut, where audio may be secured.
    package init(
        preferences: AudioPreferences, endpoint: AudioEndpoint, sessionID: UInt64, secret: [UInt8] = randomSecret()
    ) {
        keys = Dictionary(
            uniqueKeysWithValues: SecuritySuite.allCases.enumerated().map { index, suite in
                (suite, Array(secret.dropFirst(index * 30).prefix(suite.keyLength)))
            })
        self.preferences = preferences
        self.endpoint = endpoint
        self.sessionID = sessionID & 0x7FFF_FFFF_FFFF_FFFF
        version = self.sessionID
    }

    /// The family of the address to which an offer wants its audio; for choosing a port before there is a machine.
    /// - Throws: what `answer` would throw for any endpoint.
    package static func addressWanted(
        by offer: SDPDescription, preferences: AudioPreferences
    ) throws(SDPRefusal) -> IPAddress? {
        let audio = try OfferedAudio(offer, family: nil, security: preferences.security)
        guard audio.payloads.contains(where: { preferences.encodings.contains($0.encoding) }) else {
            throw .noCommonCodec
        }
        return audio.address
    }

    /// Answers an offer of the far end and takes it as agreed.
    package mutating func answer(_ offer: SDPDescription) throws(SDPRefusal) -> String {
        guard !isPending else { throw .pending }
        let audio = try OfferedAudio(offer, family: endpoint.address.family, security: policy)
        let agreed = try agree(audio, answering: true)
        var lines: [SDPMedia] = []
        for (index, medium) in offer.media.enumerated() {
            if index == audio.index {
                lines.append(line(agreed, transport: medium.transport, offered: audio, keys: keyLines(for: audio)))
            } else {
                let formats = medium.formats.isEmpty ? ["0"] : Array(medium.formats.prefix(1))
                lines.append(SDPMedia(kind: medium.kind, port: 0, transport: medium.transport, formats: formats))
            }
        }
        mediaLines = lines
        audioIndex = audio.index
        current = agreed
        for payload in agreed.receiving { payloadTypes[payload.encoding] = payload.type }
        for event in agreed.receivingEvents { eventTypes[event.clockRate] = event.type }
        return send(lines)
    }

    /// Makes an offer with all that we take. Its answer goes to `accept`, its refusal to `withdraw`.
    package mutating func offer() throws(SDPRefusal) -> String {
        guard !isPending else { throw .pending }
        isPending = true
        var used = Set(payloadTypes.values).union(eventTypes.values)
        func free(_ wish: UInt8) -> UInt8 {
            let type = used.contains(wish) ? (96...127).first { !used.contains($0) } ?? wish : wish
            used.insert(type)
            return type
        }
        for encoding in preferences.encodings where payloadTypes[encoding] == nil {
            payloadTypes[encoding] = encoding.staticPayloadType ?? free(96)
        }
        let rates = Set(preferences.encodings.map(\.clockRate)).sorted()
        for rate in rates where eventTypes[rate] == nil { eventTypes[rate] = free(rate == 8_000 ? 101 : 100) }
        let payloads = preferences.encodings.compactMap { encoding in
            payloadTypes[encoding].map { AudioPayload(type: $0, encoding: encoding) }
        }
        let events = rates.compactMap { rate in eventTypes[rate].map { EventPayload(type: $0, clockRate: rate) } }
        let audio = medium(
            transport: mediaLines.indices.contains(audioIndex)
                ? mediaLines[audioIndex].transport : policy == .required ? "RTP/SAVP" : "RTP/AVP",
            payloads: payloads, events: events,
            comfortNoise: preferences.comfortNoise && rates.contains(8_000) ? 13 : nil,
            packetTime: current?.packetTime ?? preferences.packetTime,
            direction: .sendrecv, multiplexesRTCP: current?.multiplexesRTCP ?? true, rtcpPort: endpoint.rtcpPort,
            keys: offeredKeys)
        var lines = mediaLines
        if lines.indices.contains(audioIndex) { lines[audioIndex] = audio } else { lines = [audio] }
        return send(lines)
    }

    /// Takes the answer to our offer.
    /// - Parameter isFinal: false for an answer in a provisional response, which a later one may replace.
    package mutating func accept(_ answer: SDPDescription, isFinal: Bool) throws(SDPRefusal) -> NegotiatedAudio {
        guard isPending else { throw .unexpected }
        let audio = try OfferedAudio(answer, family: endpoint.address.family, security: policy)
        if let crypto = audio.crypto, !offeredKeys.contains(where: { $0.tag == crypto.tag && $0.suite == crypto.suite })
        {
            throw .unexpected
        }
        guard audio.index == audioIndex || mediaLines.isEmpty && audio.index == 0 else { throw .unexpected }
        let agreed = try agree(audio, answering: false)
        isPending = !isFinal
        if isFinal, mediaLines.isEmpty {
            let transport = policy == .required ? "RTP/SAVP" : "RTP/AVP"
            mediaLines = [line(agreed, transport: transport, offered: audio, keys: offeredKeys)]
        }
        current = agreed
        return agreed
    }

    /// The answer of a provisional response stays, since the final one brought none.
    package mutating func settle() { isPending = false }

    /// Our offer was refused, or its answer was no good: what was agreed before goes on.
    package mutating func withdraw() { isPending = false }

    /// What we sent last, for repeating it.
    package var lastDescription: String? { lastText }

    private func agree(_ audio: OfferedAudio, answering: Bool) throws(SDPRefusal) -> NegotiatedAudio {
        // The one who answers may put its own wish first; an answer to us is taken in its order.
        let common =
            answering
            ? preferences.encodings.compactMap { encoding in audio.payloads.first { $0.encoding == encoding } }
            : audio.payloads.filter { preferences.encodings.contains($0.encoding) }
        guard let first = common.first else { throw .noCommonCodec }
        let rates = Set(common.map(\.clockRate)).union([8_000])
        let events = audio.events.filter { rates.contains($0.clockRate) }
        let isHeld = audio.address == nil || !audio.direction.receives
        var agreed = NegotiatedAudio(
            remoteAddress: audio.address, remotePort: audio.port, remoteRTCPAddress: audio.rtcpAddress,
            remoteRTCPPort: audio.rtcpPort, multiplexesRTCP: audio.multiplexesRTCP, sending: first,
            receiving: receiving(common),
            sendingEvents: events.first { $0.clockRate == first.encoding.clockRate } ?? events.first,
            receivingEvents: events, comfortNoise: comfortNoise(audio, first.encoding),
            packetTime: packetTime(audio, first.encoding),
            sends: audio.address != nil && audio.direction.receives, receives: audio.direction.sends && !isHeld,
            isHeld: isHeld)
        agreed.security = audio.crypto.map {
            AudioSecurity(suite: $0.suite, ownKey: keys[$0.suite] ?? [], farKey: $0.key)
        }
        return agreed
    }

    /// What is secured once is never in clear again.
    private var policy: SecurityPolicy { current?.security == nil ? preferences.security : .required }

    /// Our key for what was offered to us.
    private func keyLines(for audio: OfferedAudio) -> [SDPCrypto] {
        audio.crypto.map { [SDPCrypto(tag: $0.tag, suite: $0.suite, key: keys[$0.suite] ?? [])] } ?? []
    }

    /// Our keys in an offer of ours: all, or the one that is in use.
    private var offeredKeys: [SDPCrypto] {
        guard policy != .off else { return [] }
        let suites = current?.security.map { [$0.suite] } ?? SecuritySuite.allCases
        return suites.enumerated().map { SDPCrypto(tag: $0 + 1, suite: $1, key: keys[$1] ?? []) }
    }

    package static func randomSecret() -> [UInt8] {
        // The system is asked for eight bytes at a time: each question is a system call.
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<12).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
        return Array(bytes.prefix(90))
    }

    /// In an answer of the far end other payload types may stand for what it wants to get; it sends with those we offered.
    private func receiving(_ common: [AudioPayload]) -> [AudioPayload] {
        guard isPending else { return common }
        var all: [AudioPayload] = []
        for payload in common {
            all.append(payload)
            if let ours = payloadTypes[payload.encoding], ours != payload.type,
                !common.contains(where: { $0.type == ours })
            {
                all.append(AudioPayload(type: ours, encoding: payload.encoding, opus: payload.opus))
            }
        }
        return all
    }

    /// For codecs with G.711's clock that have no silence of their own.
    private func comfortNoise(_ audio: OfferedAudio, _ encoding: AudioEncoding) -> UInt8? {
        preferences.comfortNoise && encoding.clockRate == 8_000 ? audio.comfortNoise : nil
    }

    private func packetTime(_ audio: OfferedAudio, _ encoding: AudioEncoding) -> Int {
        let wish = min(audio.packetTime ?? preferences.packetTime, audio.longestPacketTime ?? 60)
        return encoding.packetTimes.last { $0 <= wish } ?? encoding.packetTimes[0]
    }

    private func line(
        _ agreed: NegotiatedAudio, transport: String, offered: OfferedAudio, keys: [SDPCrypto]
    ) -> SDPMedia {
        var direction = StreamDirection(sends: offered.direction.receives, receives: offered.direction.sends)
        // Who holds by 0.0.0.0 is answered as if it had said sendonly.
        if offered.address == nil, direction.sends { direction = direction.receives ? .recvonly : .inactive }
        return medium(
            transport: transport, payloads: agreed.receiving, events: agreed.receivingEvents,
            comfortNoise: agreed.comfortNoise,
            packetTime: agreed.packetTime,
            direction: direction, multiplexesRTCP: agreed.multiplexesRTCP,
            rtcpPort: agreed.multiplexesRTCP ? endpoint.port : endpoint.rtcpPort, keys: keys)
    }

    private func medium(
        transport: String, payloads: [AudioPayload], events: [EventPayload], comfortNoise: UInt8?, packetTime: Int,
        direction: StreamDirection,
        multiplexesRTCP: Bool, rtcpPort: UInt16, keys: [SDPCrypto]
    ) -> SDPMedia {
        var medium = SDPMedia(
            kind: "audio", port: endpoint.port, transport: transport,
            formats: payloads.map { String($0.type) } + [comfortNoise].compactMap { $0.map { String($0) } }
                + events.map { String($0.type) })
        for payload in payloads {
            medium.attributes.append(SDPAttribute("rtpmap", "\(payload.type) \(payload.encoding.mapping)"))
            if payload.encoding == .opus {
                // Speech in one channel, with forward error correction (RFC 7587 section 6.1).
                medium.attributes.append(SDPAttribute("fmtp", "\(payload.type) useinbandfec=1;stereo=0;sprop-stereo=0"))
            }
        }
        if let comfortNoise { medium.attributes.append(SDPAttribute("rtpmap", "\(comfortNoise) CN/8000")) }
        for event in events {
            medium.attributes.append(SDPAttribute("rtpmap", "\(event.type) telephone-event/\(event.clockRate)"))
            medium.attributes.append(SDPAttribute("fmtp", "\(event.type) 0-15"))
        }
        for key in keys { medium.attributes.append(SDPAttribute("crypto", key.text)) }
        medium.attributes.append(SDPAttribute("ptime", String(packetTime)))
        medium.attributes.append(SDPAttribute("maxptime", "60"))
        if multiplexesRTCP { medium.attributes.append(SDPAttribute("rtcp-mux")) }
        medium.attributes.append(SDPAttribute("rtcp", String(rtcpPort)))
        medium.attributes.append(SDPAttribute(direction.rawValue))
        return medium
    }

    private mutating func send(_ lines: [SDPMedia]) -> String {
        var description = SDPDescription()
        description.connection = SDPConnection(address: endpoint.address)
        description.media = lines
        if let lastSent, lastSent != description { version &+= 1 }
        lastSent = description
        description.origin = SDPOrigin(
            username: "-", sessionID: String(sessionID), version: String(version), address: endpoint.address.description
        )
        let text = SDPWriter.text(description)
        lastText = text
        return text
    }
}

extension AudioPayload {
    var clockRate: Int { encoding.clockRate }
}
