// SPDX-License-Identifier: Apache-2.0

import SDP
import Telephony

/// One place that is called.
struct OutgoingTarget: Sendable {
    /// The request line.
    var uri: String
    var address: IPAddress
    var port: UInt16
    /// "udp", "tcp" or "tls"
    var transport: String
    /// The name that a certificate must have.
    var serverName: String?
    /// From which listener; nil: the first that fits.
    var listener: Int32?
    /// Route headers, the first one first.
    var route: [String] = []
    var answersAtOnce = false
    /// Whether audio is secured; nil: as for everybody.
    var security: SecurityPolicy?
    /// Its audio may come from a host that nobody named.
    var takesForeignAudio = false
    /// The trunk by whose account it goes.
    var trunk: String?

    /// "sip:192.0.2.1:5060;transport=udp"; with a name that is to be verified, "sip:NAME:5061;transport=tls;maddr=192.0.2.1".
    var nextHop: String {
        if let serverName { return "sip:\(serverName):\(port);transport=\(transport);maddr=\(address.bracketed)" }
        return "sip:\(address.bracketed):\(port);transport=\(transport)"
    }
}

/// A call out, as `SIPDriver` hands it to the SIP thread.
struct OutgoingCall: Sendable {
    enum Destination: Sendable {
        /// Groups, each called at once, one after the other.
        case targets([[OutgoingTarget]])
        /// By the trunks, in their order.
        case trunks(number: String, isEmergency: Bool)
    }

    var leg: SIPLeg
    var destination: Destination
    /// What is told when there is nobody to call.
    var failure: HangupCause
    var callerNumber: String
    var callerName: String
    var headers: [HeaderField]
    /// The value of a Replaces header.
    var replaces: String?
}
