// SPDX-License-Identifier: Apache-2.0
// RFC 3261 sections 18.2 and 20.42, RFC 3581 (rport).

import SDP

/// The topmost Via of a request: where the answer goes.
struct RawVia {
    /// nil: 5060.
    var port: UInt16?
    /// rport without a value: answer to the port that it came from.
    var asksForSourcePort: Bool
    /// Where it names the transport.
    var transport: Range<Int>

    /// Nil when it is no well-formed Via.
    init?(_ value: ArraySlice<UInt8>) {
        guard let top = RawAddress.elements(value).first else { return nil }
        // SIP / 2.0 / UDP host:port;parameters, with spaces nearly everywhere.
        let slash = UInt8(ascii: "/")
        let parts = top.split(separator: slash, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, Self.isToken(parts[0]), Self.isToken(parts[1]) else { return nil }
        var rest = RawAddress.skippingSpaces(parts[2])
        let transport = rest.prefix(while: \.isTokenCharacter)
        rest = rest[transport.endIndex...]
        self.transport = transport.startIndex..<transport.endIndex
        guard !transport.isEmpty, rest.first?.isLinearSpace ?? false else { return nil }
        let sentBy = rest.prefix { $0 != .semicolon }.filter { !$0.isLinearSpace }
        guard RawURI.isHostAndPort(sentBy[...]) else { return nil }
        let parameters = rest.drop { $0 != .semicolon }
        guard RawAddress.areParameters(parameters) else { return nil }
        let behindHost = sentBy.lastIndex(of: UInt8(ascii: "]")).map { sentBy[($0 + 1)...] } ?? sentBy[...]
        port = behindHost.lastIndex(of: .colon).flatMap {
            UInt16(String(decoding: behindHost[($0 + 1)...], as: UTF8.self))
        }
        asksForSourcePort = Self.words(parameters).contains { $0 == "rport" || $0.hasPrefix("rport=") }
    }

    /// The value with what the receiver adds to it: received and rport.
    static func completed(_ value: String, source: IPAddress, port: UInt16) -> String {
        // By bytes: this is done for every challenge of a flood.
        let bytes = Array(value.utf8)
        let end = RawAddress.elements(bytes[...]).first?.endIndex ?? bytes.count
        var result: [UInt8] = []
        for part in bytes[..<end].split(separator: .semicolon, omittingEmptySubsequences: false) {
            let range = RawMessage.trimmed(bytes, part.startIndex..<part.endIndex)
            let word = bytes[range].map { (65...90).contains($0) ? $0 | 32 : $0 }
            if word.starts(with: "received=".utf8) { continue }
            if part.startIndex > bytes.startIndex { result.append(.semicolon) }
            result += word.elementsEqual("rport".utf8) ? Array("rport=\(port)".utf8)[...] : part
        }
        result += ";received=\(source)".utf8
        result += bytes[end...]
        return String(decoding: result, as: UTF8.self)
    }

    private static func isToken(_ part: ArraySlice<UInt8>) -> Bool {
        let word = part.filter { !$0.isLinearSpace }
        return !word.isEmpty && word.allSatisfy(\.isTokenCharacter)
    }

    private static func words(_ parameters: ArraySlice<UInt8>) -> [String] {
        parameters.split(separator: .semicolon).prefix(32).map {
            String(decoding: $0.filter { !$0.isLinearSpace }, as: UTF8.self).lowercased()
        }
    }
}
