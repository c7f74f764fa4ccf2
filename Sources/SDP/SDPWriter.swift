// SPDX-License-Identifier: Apache-2.0
// RFC 8866 section 5.

/// Writes session descriptions.
package enum SDPWriter {
    /// The text with CR LF line ends. Line breaks inside values are dropped: nothing that came from outside can start a line.
    package static func text(_ description: SDPDescription) -> String {
        var lines = ["v=0"]
        let origin = description.origin ?? SDPOrigin(username: "-", sessionID: "0", version: "0", address: "127.0.0.1")
        let family = origin.address.contains(":") ? "IP6" : "IP4"
        lines.append("o=\(origin.username) \(origin.sessionID) \(origin.version) IN \(family) \(origin.address)")
        lines.append("s=-")
        if let connection = description.connection { lines.append(line(connection)) }
        lines.append("t=0 0")
        lines += description.attributes.map(line)
        for medium in description.media {
            lines.append("m=\(medium.kind) \(medium.port) \(medium.transport) \(medium.formats.joined(separator: " "))")
            if let connection = medium.connection { lines.append(line(connection)) }
            lines += medium.attributes.map(line)
        }
        return lines.map { $0.filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" } + "\r\n" }.joined()
    }

    private static func line(_ connection: SDPConnection) -> String {
        let address = connection.address?.description ?? "0.0.0.0"
        return "c=IN \(address.contains(":") ? "IP6" : "IP4") \(address)"
    }

    private static func line(_ attribute: SDPAttribute) -> String {
        attribute.value.map { "a=\(attribute.name):\($0)" } ?? "a=\(attribute.name)"
    }
}
