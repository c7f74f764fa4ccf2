// SPDX-License-Identifier: Apache-2.0
// RFC 3325 (P-Asserted-Identity), RFC 3323 (Privacy), RFC 7315 section 4.2 (P-Called-Party-ID).

import CSofia
import Glibc
import SDP
import Telephony

/// Calls by trunks, out and in.
extension SIPCore {
    /// Opens a listener for each trunk that speaks TLS: each has its own idea of whom to trust.
    func listenForTrunks() -> Result<Void, SIPError> {
        for trunk in trunks where trunk.account.transport == "tls" {
            guard let stack else { break }
            let account = trunk.account
            let family = IPAddress(account.server)?.family ?? .ipv4
            guard
                let address = options.listen.first(where: { $0.address.family == family })?.address
                    ?? IPAddress("0.0.0.0")
            else { continue }
            let number = csofia_listen_tls(
                stack, address.description, 0, account.certificateFolder, account.verifiesCertificate,
                UInt32(clamping: options.leastSessionSeconds))
            guard number >= 0 else {
                return .failure(
                    .noResources(
                        "TLS for the trunk \(account.name) cannot be set up (error \(errno)); look at its ca_file"))
            }
            secureListeners[account.name] = number
            furtherListens[number] = SIPListenAddress(
                address: address, port: csofia_listener_port(stack, number), transports: .tls)
        }
        return .success(())
    }

    func trunk(of dialog: SIPDialog) -> SIPTrunk? {
        dialog.trunk.flatMap { name in trunks.first { $0.account.name == name } }
    }

    /// A group for each trunk that can be used, in their order. An emergency tries the others, too.
    func trunkTargets(_ number: String, isEmergency: Bool) -> [[OutgoingTarget]] {
        let usable = trunks.filter { $0.isUsable && (isEmergency || $0.callCount < $0.account.mostCalls) }
        let others = isEmergency ? trunks.filter { !$0.isUsable && $0.listener != nil } : []
        return (usable + others).compactMap { trunk in
            guard let address = trunk.address else { return nil }
            let user = SIPURI.escaped(number)
            return [trunk.target(uri: "sip:\(user)@\(trunk.account.domain)", address)]
        }
    }

    /// From, and the lines that tell who calls.
    func identity(_ call: OutgoingCall, by trunk: SIPTrunk) -> (from: String, lines: [String]) {
        let account = trunk.account
        let passes = account.passesCallerID && !call.callerNumber.isEmpty
        let number = SIPURI.escaped(passes ? call.callerNumber : account.shownNumber)
        let text = passes && !call.callerName.isEmpty ? call.callerName : account.displayName
        let name = SIPText.cleaned(text.filter { $0 != "\"" && $0 != "\\" }, most: 64)
        let quoted = name.isEmpty ? "" : "\"\(name)\" "
        let shown = "\(quoted)<sip:\(number)@\(account.domain)>"
        var lines: [String] = []
        switch account.identity {
        case .from: break
        case .asserted: lines.append("P-Asserted-Identity: \(shown)")
        case .preferred: lines.append("P-Preferred-Identity: \(shown)")
        case .remoteParty:
            let privacy = account.hidesCaller ? "full" : "off"
            lines.append("Remote-Party-ID: \(shown);party=calling;privacy=\(privacy)")
        }
        if account.hidesCaller {
            return ("\"Anonymous\" <sip:anonymous@anonymous.invalid>", lines + ["Privacy: id"])
        }
        let own = account.identity == .from ? number : SIPURI.escaped(account.user)
        return ("\(quoted)<sip:\(own)@\(account.domain)>", lines)
    }

    /// A 401 or 407 to an INVITE of ours. True: it goes on with the account's password. Only a trunk gets one.
    func authenticates(_ event: SIPEvent, _ dialog: SIPDialog) -> Bool {
        guard event.status == 401 || event.status == 407, !dialog.hasAuthenticated, !event.realm.isEmpty,
            let trunk = trunk(of: dialog), !trunk.account.password.isEmpty, let call = dialog.call
        else { return false }
        dialog.hasAuthenticated = true
        return csofia_authenticate(call, event.realm, trunk.account.authenticationUser, trunk.account.password)
    }

    /// The trunk whose registration's address this is: only its registrar was told the mark in it.
    func trunk(registeredAs uri: String) -> SIPTrunk? {
        guard !trunks.isEmpty, let mark = uri.firstRange(of: ";line=") else { return nil }
        let line = uri[mark.upperBound...].prefix { $0 != ";" && $0 != "?" && $0 != ">" }
        return trunks.first { $0.line == line }
    }

    /// The trunk by which a call comes: the registration that it was sent to, or where it comes from.
    func trunk(of event: SIPEvent, _ source: IPAddress) -> SIPTrunk? {
        guard !trunks.isEmpty else { return nil }
        if let trunk = trunk(registeredAs: event.requestURI) { return trunk }
        // A gateway's telephone comes from its landline's address: what calls itself by its name has to show its password.
        let caller = SIPText.unescaped(event.fromUser, most: 128)
        let peers = trunks.filter {
            $0.isPeer(source, event.sourcePort, event.transport) && !($0.account.isGateway && $0.account.name == caller)
        }
        guard peers.count > 1 else { return peers.first }
        // Several accounts with one provider.
        let called = SIPText.unescaped(event.requestUser, most: 128)
        let to = NameAddress(event.toURI).flatMap { SIPURI($0.uri) }
        return peers.first { [$0.account.user, $0.account.number].contains(called) }
            ?? peers.first { [$0.account.user, $0.account.number].contains(to?.user ?? "") }
            ?? peers.first { $0.account.domain == to?.host } ?? peers.first
    }

    /// What a call by a trunk is about.
    func complete(_ offer: inout CallOffer, _ event: SIPEvent, _ trunk: SIPTrunk) {
        offer.origin = .trunks
        offer.isOutside = true
        offer.account = trunk.account.name
        offer.peer = "trunk \(trunk.account.name) \(event.peer)"
        let called: NameAddress? =
            switch trunk.account.numberSource {
            case .requestURI: nil
            case .to: NameAddress(event.toURI)
            case .calledParty: event.value(of: "p-called-party-id").flatMap(NameAddress.init)
            }
        if let user = called.flatMap({ user(of: $0.uri) }) { offer.destination = user }
        // The provider vouches for this one; From is what the caller says.
        if let asserted = event.value(of: "p-asserted-identity").flatMap({ NameAddress.list($0)?.first }),
            let number = user(of: asserted.uri)
        {
            offer.callerNumber = number
            if !asserted.displayName.isEmpty { offer.callerName = asserted.displayName }
        }
        let hides = event.value(of: "privacy")?.lowercased() ?? ""
        if hides.contains("id") || hides.contains("user") || hides.contains("full") {
            offer.callerNumber = ""
            offer.callerName = ""
        }
    }

    private func user(of uri: String) -> String? {
        if uri.lowercased().hasPrefix("tel:") {
            return SIPText.unescaped(String(uri.dropFirst(4).prefix { $0 != ";" }), most: 128)
        }
        guard let user = SIPURI(uri)?.user, !user.isEmpty else { return nil }
        return String(user.prefix { $0 != ";" })
    }
}
