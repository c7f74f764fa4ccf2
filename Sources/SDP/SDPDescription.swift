// SPDX-License-Identifier: Apache-2.0
// RFC 8866 (which replaces RFC 4566). Only what offer and answer need is kept: bandwidths, times, keys and information
// lines are read over.

/// A session description as it came or will go: values only, nothing interpreted.
package struct SDPDescription: Sendable, Hashable {
    package var origin: SDPOrigin?
    package var connection: SDPConnection?
    package var attributes: [SDPAttribute] = []
    package var media: [SDPMedia] = []

    package init() {}
}

/// The o= line.
package struct SDPOrigin: Sendable, Hashable {
    package var username: String
    package var sessionID: String
    package var version: String
    package var address: String

    package init(username: String, sessionID: String, version: String, address: String) {
        self.username = username
        self.sessionID = sessionID
        self.version = version
        self.address = address
    }
}

/// A c= line. The address is nil where it is no numeric unicast address: such a stream cannot be sent to.
package struct SDPConnection: Sendable, Hashable {
    package var address: IPAddress?

    package init(address: IPAddress?) { self.address = address }
}

/// An a= line, "name" or "name:value".
package struct SDPAttribute: Sendable, Hashable {
    package var name: String
    package var value: String?

    package init(_ name: String, _ value: String? = nil) {
        self.name = name
        self.value = value
    }
}

/// An m= line and what belongs to it.
package struct SDPMedia: Sendable, Hashable {
    package var kind: String
    package var port: UInt16
    package var transport: String
    package var formats: [String]
    package var connection: SDPConnection?
    package var attributes: [SDPAttribute] = []

    package init(kind: String, port: UInt16, transport: String, formats: [String]) {
        self.kind = kind
        self.port = port
        self.transport = transport
        self.formats = formats
    }

    /// The value of the first attribute of that name; "" for one without a value.
    package func value(of name: String) -> String? {
        attributes.first { $0.name == name }.map { $0.value ?? "" }
    }
}

/// Why a text is no session description. `line` counts from 1.
package enum SDPError: Error, Sendable, Hashable, CustomStringConvertible {
    case tooLong(bytes: Int)
    case noVersion
    case malformed(line: Int)
    case tooManyMedia

    package var description: String {
        switch self {
        case .tooLong(let bytes): "session description of \(bytes) bytes; at most \(SDPParser.mostBytes) are taken"
        case .noVersion: "session description does not begin with v=0"
        case .malformed(let line): "line \(line) of the session description is malformed"
        case .tooManyMedia: "session description with more than \(SDPParser.mostMedia) media"
        }
    }
}
