// SPDX-License-Identifier: Apache-2.0

package import SDP

/// A provider's account, by which calls leave the house and come in.
package struct TrunkAccount: Sendable, Hashable {
    /// Where the number that was called stands.
    package enum NumberSource: String, Sendable, Hashable, CaseIterable {
        case requestURI = "request-uri"
        case to
        case calledParty = "p-called-party-id"
    }

    /// Where the number of whoever calls stands.
    package enum Identity: String, Sendable, Hashable, CaseIterable {
        /// In From alone.
        case from
        case asserted = "p-asserted-identity"
        case preferred = "p-preferred-identity"
        case remoteParty = "remote-party-id"
    }

    package var name: String
    /// The provider's domain: request lines, From and To.
    package var domain: String
    /// Where messages go: a name that is looked up, or a numeric address.
    package var server: String
    /// Nil: what the name server says, otherwise 5060 or 5061.
    package var port: UInt16?
    /// "udp", "tcp" or "tls"
    package var transport: String
    package var user: String
    /// For the digest.
    package var authenticationUser: String
    package var password: String
    package var registers: Bool
    /// Seconds.
    package var expires: Int
    /// Seconds after which it is asked whether it is there, by REGISTER where we register, otherwise by OPTIONS; 0: never.
    package var pingInterval: Int
    /// What those who are called see; empty: `user`.
    package var number: String
    package var displayName: String
    package var identity: Identity
    /// A script's or a phone's own number is shown rather than `number`.
    package var passesCallerID: Bool
    package var hidesCaller: Bool
    package var numberSource: NumberSource
    /// From where calls of this trunk come, besides the server's own addresses.
    package var networks: AddressList?
    package var mostCalls: Int
    /// Seconds of a session, asked for in calls out; 0: only where the far end asks.
    package var sessionInterval: Int
    package var externalAddress: IPAddress?
    /// "host:port" of a STUN server; empty: none is asked.
    package var stunServer: String
    /// The folder with cafile.pem, where `transport` is "tls".
    package var certificateFolder: String
    package var verifiesCertificate: Bool
    /// Whether audio is secured; nil: as for everybody.
    package var security: SecurityPolicy?
    /// Audio may come from a host that neither the session description nor the signalling has named.
    package var takesForeignAudio = false
    /// The landline socket of a gateway, which is shown among the lines.
    package var isGateway = false
    /// Seconds without any answer to an INVITE before the next trunk is tried.
    package var patience: Int
    /// Provisional responses to calls out may be sent reliably (RFC 3262).
    package var takesReliable = true

    package init(name: String, domain: String, server: String, transport: String, user: String, password: String) {
        self.name = name
        self.domain = domain
        self.server = server
        self.transport = transport
        self.user = user
        self.password = password
        authenticationUser = user
        registers = true
        expires = 300
        pingInterval = 4
        number = ""
        displayName = ""
        identity = .from
        passesCallerID = false
        hidesCaller = false
        numberSource = .requestURI
        mostCalls = 10
        sessionInterval = 0
        stunServer = ""
        certificateFolder = ""
        verifiesCertificate = true
        patience = 5
    }

    var defaultPort: UInt16 { port ?? (transport == "tls" ? 5061 : 5060) }

    /// What others see and call.
    var shownNumber: String { number.isEmpty ? user : number }
}

/// Where a trunk's server is, as its name was looked up.
package struct TrunkAddress: Sendable, Hashable {
    package var address: IPAddress
    package var port: UInt16

    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }
}
