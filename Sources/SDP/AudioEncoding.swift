// SPDX-License-Identifier: Apache-2.0
// RFC 3551 (PCMU, PCMA, G722, GSM, G726-32), RFC 7587 (opus), RFC 4733 (telephone-event).

/// A codec as session descriptions name it.
package enum AudioEncoding: String, Sendable, Hashable, CaseIterable, Codable {
    case opus
    case g722 = "G722"
    case pcma = "PCMA"
    case pcmu = "PCMU"
    case g726 = "G726-32"
    case gsm = "GSM"

    /// Clock of the RTP time stamps in Hz (G722's is 8000 by a historical error, RFC 3551 section 4.5.2).
    package var clockRate: Int { self == .opus ? 48_000 : 8_000 }

    /// Samples a second of the audio itself.
    package var sampleRate: Int {
        switch self {
        case .opus: 48_000
        case .g722: 16_000
        case .pcma, .pcmu, .g726, .gsm: 8_000
        }
    }

    /// The payload type that means this codec without an rtpmap line.
    package var staticPayloadType: UInt8? {
        switch self {
        case .opus, .g726: nil
        case .g722: 9
        case .pcma: 8
        case .pcmu: 0
        case .gsm: 3
        }
    }

    /// What follows the payload type in an rtpmap line.
    package var mapping: String { self == .opus ? "opus/48000/2" : "\(rawValue)/8000" }

    /// Milliseconds of audio that one packet may hold.
    package var packetTimes: [Int] {
        switch self {
        case .opus: [10, 20, 40, 60]
        case .gsm: [20, 40, 60]
        case .g722, .pcma, .pcmu, .g726: [10, 20, 30, 40, 50, 60]
        }
    }

    /// The codec of an rtpmap's right side ("PCMU/8000/1"); nil for what we do not take.
    package init?(mapping: some StringProtocol) {
        let parts = mapping.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.first?.lowercased(), parts.count >= 2,
            let encoding = Self.allCases.first(where: { $0.rawValue.lowercased() == name }),
            Int(parts[1]) == encoding.clockRate
        else { return nil }
        // opus is always written with two channels; some forget it. The others are mono here.
        if parts.count >= 3, let channels = Int(parts[2]), encoding != .opus, channels != 1 { return nil }
        self = encoding
    }
}

/// Settings of an opus stream as its fmtp line gives them (RFC 7587 section 6.1): wishes of the one who receives.
package struct OpusParameters: Sendable, Hashable {
    /// Bits a second at most, 6000 … 510000; nil: unlimited.
    package var mostBitsPerSecond: Int?
    package var wantsForwardErrorCorrection = false
    package var wantsDiscontinuousTransmission = false
    package var wantsStereo = false
    /// Hz; nil: 48000.
    package var highestPlaybackRate: Int?

    package init() {}

    package init(_ text: String) {
        for pair in text.split(separator: ";").prefix(16) {
            let parts = pair.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\t" } }
            guard parts.count == 2 else { continue }
            switch parts[0].lowercased() {
            case "maxaveragebitrate": mostBitsPerSecond = Int(parts[1]).map { min(max($0, 6_000), 510_000) }
            case "useinbandfec": wantsForwardErrorCorrection = parts[1] == "1"
            case "usedtx": wantsDiscontinuousTransmission = parts[1] == "1"
            case "stereo": wantsStereo = parts[1] == "1"
            case "maxplaybackrate": highestPlaybackRate = Int(parts[1]).map { min(max($0, 8_000), 48_000) }
            default: continue
            }
        }
    }
}
