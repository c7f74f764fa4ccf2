// SPDX-License-Identifier: Apache-2.0
// RFC 8866 sections 5 and 9. More tolerant than its grammar where phones are careless: any line end, missing o=, s= and t=,
// unknown lines and attributes, lines out of order within a section. Never traps; time and memory grow with the input only.

/// Reads session descriptions from the network.
package enum SDPParser {
    package static let mostBytes = 65_536
    package static let mostMedia = 32
    /// Lines of one section (the session's, or one medium's) that are looked at; the rest of that section is read over.
    package static let mostLines = 64
    package static let mostFormats = 64

    package static func parse(_ text: String) throws(SDPError) -> SDPDescription {
        try parse(bytes: Array(text.utf8.prefix(mostBytes + 1)))
    }

    /// - Throws: `SDPError` for a text that cannot be answered; everything that does not matter is ignored.
    package static func parse(bytes: [UInt8]) throws(SDPError) -> SDPDescription {
        guard bytes.count <= mostBytes else { throw .tooLong(bytes: bytes.count) }
        var description = SDPDescription()
        var medium: SDPMedia?
        var linesInSection = 0
        var number = 0
        var sawVersion = false
        let lineEnds: (UInt8) -> Bool = { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 == 0 }

        for line in bytes.split(omittingEmptySubsequences: true, whereSeparator: lineEnds) {
            number += 1
            let type = line[line.startIndex]
            guard line.count >= 2, line[line.startIndex + 1] == UInt8(ascii: "=") else {
                if !sawVersion { throw .noVersion }
                continue
            }
            let value = String(decoding: line.dropFirst(2), as: UTF8.self)
            if !sawVersion {
                guard type == UInt8(ascii: "v"), trimmed(value) == "0" else { throw .noVersion }
                sawVersion = true
                continue
            }
            if type == UInt8(ascii: "m") {
                if let medium { description.media.append(medium) }
                guard description.media.count < mostMedia else { throw .tooManyMedia }
                guard let next = self.medium(value) else { throw .malformed(line: number) }
                medium = next
                linesInSection = 0
                continue
            }
            linesInSection += 1
            guard linesInSection <= mostLines else { continue }
            switch type {
            case UInt8(ascii: "o"):
                if description.origin == nil { description.origin = origin(value) }
            case UInt8(ascii: "c"):
                let connection = connection(value)
                if medium == nil {
                    if description.connection == nil { description.connection = connection }
                } else if medium?.connection == nil {
                    medium?.connection = connection
                }
            case UInt8(ascii: "a"):
                let attribute = attribute(value)
                if medium == nil {
                    description.attributes.append(attribute)
                } else {
                    medium?.attributes.append(attribute)
                }
            default:
                continue
            }
        }
        guard sawVersion else { throw .noVersion }
        if let medium { description.media.append(medium) }
        return description
    }

    private static func words(_ text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: true) { $0 == " " || $0 == "\t" }
    }

    private static func trimmed(_ text: String) -> Substring { words(text).first ?? "" }

    private static func origin(_ text: String) -> SDPOrigin? {
        let words = words(text)
        guard words.count >= 6 else { return nil }
        return SDPOrigin(
            username: String(words[0]), sessionID: String(words[1]), version: String(words[2]),
            address: String(words[5]))
    }

    /// "IN IP4 192.0.2.1/127": the part behind the slash is for multicast and dropped.
    private static func connection(_ text: String) -> SDPConnection {
        let words = words(text)
        guard words.count >= 3, let address = words[2].split(separator: "/").first else {
            return SDPConnection(address: nil)
        }
        return SDPConnection(address: IPAddress(address))
    }

    private static func attribute(_ text: String) -> SDPAttribute {
        guard let colon = text.firstIndex(of: ":") else { return SDPAttribute(String(trimmed(text))) }
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        return SDPAttribute(String(trimmed(String(text[..<colon]))), String(value))
    }

    /// "audio 49170/2 RTP/AVP 0 8"
    private static func medium(_ text: String) -> SDPMedia? {
        let words = words(text)
        guard words.count >= 3, let portText = words[1].split(separator: "/").first, let port = UInt16(portText) else {
            return nil
        }
        return SDPMedia(
            kind: words[0].lowercased(), port: port, transport: words[2].uppercased(),
            formats: words[3...].prefix(mostFormats).map(String.init))
    }
}
