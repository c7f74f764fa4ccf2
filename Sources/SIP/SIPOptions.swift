// SPDX-License-Identifier: Apache-2.0

package import SDP

/// Where the server listens.
package struct SIPListenAddress: Sendable, Hashable, CustomStringConvertible {
    package enum Transports: String, Sendable, Hashable {
        case udp, tcp, tls
        case both = "udp,tcp"
    }

    /// Numeric; 0.0.0.0 or :: for every address of that family.
    package var address: IPAddress
    package var port: UInt16
    package var transports: Transports

    package init(address: IPAddress, port: UInt16, transports: Transports) {
        self.address = address
        self.port = port
        self.transports = transports
    }

    package var description: String {
        (address.family == .ipv6 ? "[\(address)]:\(port)" : "\(address):\(port)") + " (\(transports.rawValue))"
    }
}

/// What the SIP server is told when it starts. Values come from Settings; none has a default here.
package struct SIPOptions: Sendable {
    /// At most eight.
    package var listen: [SIPListenAddress]
    /// Who may call without a password.
    package var allowed: AddressList
    /// Calls at a time, in and out; the next one gets 503.
    package var mostCalls: Int
    /// So many more are let in, for the switchboard to refuse those that are no emergencies.
    package var emergencyCalls = 0
    package var audio: AudioPreferences
    /// Shortest session interval that a caller may ask for, in seconds. RFC 4028 section 5 has 90; tests want less.
    package var leastSessionSeconds = 90
    /// A far end that sends no audio (hold) is asked so often whether it is still there.
    package var probeSeconds = 60
    /// The User-Agent header.
    package var product: String
    /// The phones of the house.
    package var registrar = RegistrarOptions.none
    /// The folder with agent.pem, our certificate and its key, for listeners with TLS.
    package var certificateFolder = ""
    /// Keys of secured audio may travel by UDP and TCP, where everybody on the way can read them.
    package var takesKeysInClear = false
    /// The providers' accounts, the preferred one first.
    package var trunks: [TrunkAccount] = []
    /// Names that SIP addresses may have; looked up ahead.
    package var hosts: [String] = []
    package var names = SystemNames()
    /// What is looked up holds at least for so long, in seconds, whatever the name server says; tests want less.
    package var leastNameSeconds = 30
    /// A stranger's connection that says nothing ends after this time; tests want less.
    package var silentStreamEnds = Duration.seconds(10)

    package init(
        listen: [SIPListenAddress], allowed: AddressList, mostCalls: Int, audio: AudioPreferences, product: String
    ) {
        self.listen = listen
        self.allowed = allowed
        self.mostCalls = mostCalls
        self.audio = audio
        self.product = product
    }
}

/// Why the server cannot run.
package enum SIPError: Error, Sendable, Hashable, CustomStringConvertible {
    case portInUse(SIPListenAddress)
    case noSuchAddress(SIPListenAddress)
    case notPermitted(SIPListenAddress)
    case cannotListen(SIPListenAddress, errno: Int32)
    /// The library does not say more.
    case noCertificate(SIPListenAddress)
    case noResources(String)
    case addressList(String)
    case alreadyStarted

    package var description: String {
        switch self {
        case .portInUse(let address):
            "SIP cannot listen on \(address): another program has that port. "
                + "Stop it (ss -lunpt shows who it is) or set another port under [sip] listen"
        case .noSuchAddress(let address):
            "SIP cannot listen on \(address): this machine has no such address. Correct [sip] listen"
        case .notPermitted(let address):
            "SIP cannot listen on \(address): not permitted. Choose a port above 1023 under [sip] listen"
        case .cannotListen(let address, let number): "SIP cannot listen on \(address): error \(number)"
        case .noCertificate(let address):
            "SIP cannot listen on \(address): its certificate is of no use. Look at [sip] tls_certificate and tls_key "
                + "(openssl x509 -in FILE -noout -text; the key must belong to it and have no password)"
        case .noResources(let what): "SIP cannot start: \(what)"
        case .addressList(let text): "\"\(text)\" is no network; write an address or a network such as 192.0.2.0/24"
        case .alreadyStarted: "the SIP server has been started already"
        }
    }
}
