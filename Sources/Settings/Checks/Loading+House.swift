// SPDX-License-Identifier: Apache-2.0

extension Loading {
    /// What single values do not show: ranges, ports and capacities that do not go together.
    mutating func checkHouse() {
        let rtp = settings.rtp
        if rtp.portMin >= rtp.portMax {
            note(places.main("rtp", "port_max")) {
                $0.error(
                    $1, "port_max (\(rtp.portMax)) is not above port_min (\(rtp.portMin))",
                    "write a number above \(rtp.portMin)")
            }
        } else {
            let calls = (rtp.portMax + 1 - (rtp.portMin + 1) / 2 * 2) / 2
            if calls < settings.sip.maxCalls {
                let needed = settings.sip.maxCalls
                note(places.main("rtp", "port_max")) {
                    $0.warning(
                        $1,
                        "the ports \(rtp.portMin) to \(rtp.portMax) carry \(calls) calls, and [sip] max_calls is "
                            + "\(needed)",
                        "take more ports or fewer calls")
                }
            }
            checkAudioPorts(rtp.portMin...rtp.portMax)
        }
        checkListen()
        checkSecureListen()
        if settings.mix.maxPorts < settings.sip.maxCalls + settings.lines.count {
            let needed = settings.sip.maxCalls + settings.lines.count
            note(places.main("mix", "max_ports")) {
                $0.warning(
                    $1, "max_ports is less than [sip] max_calls and all lines together", "write at least \(needed)")
            }
        }
        for block in settings.sip.allowWithoutPassword where block.prefix == 0 {
            note(places.main("sip", "allow_without_password")) {
                $0.warning(
                    $1, "\(block) lets the whole world call without a password",
                    "write the addresses of your own network")
            }
        }
    }

    /// A port is told once, however many addresses have it, and where somebody wrote something.
    private mutating func checkAudioPorts(_ range: ClosedRange<Int>) {
        let isWritten = places.main["sip.listen"] != nil
        let place =
            isWritten
            ? places.main("sip", "listen")
            : places.main("rtp", places.main["rtp.port_min"] == nil ? "port_max" : "port_min")
        let ports = settings.sip.listen.filter { $0.transports.contains(.udp) && range.contains($0.port) }.map(\.port)
        for port in Set(ports).sorted() {
            note(place) {
                $0.error(
                    $1, "port \(port) is one of those for audio (\(range.lowerBound) to \(range.upperBound))",
                    isWritten ? "write a port outside of these" : "SIP is spoken there; leave it out")
            }
        }
    }

    private mutating func checkSecureListen() {
        let sip = settings.sip
        let isSecure = sip.listen.contains { $0.transports.contains(.tls) }
        if isSecure, sip.tlsCertificate == nil {
            note(places.main("sip", "listen")) {
                $0.error(
                    $1, "SIP by TLS needs a certificate",
                    "write tls_certificate = \"/etc/partyline/tls/box.pem\", and tls_key where the key is in another file"
                )
            }
        } else if !isSecure, sip.tlsCertificate != nil || sip.tlsKey != nil {
            note(places.main("sip", sip.tlsCertificate == nil ? "tls_key" : "tls_certificate")) {
                $0.warning(
                    $1, "this means nothing without a listener with TLS", "add \"0.0.0.0:5061 tls\" to [sip] listen")
            }
        } else if isSecure, sip.srtp == "off" {
            note(places.main("sip", "srtp")) {
                $0.warning(
                    $1, "calls by TLS are made in secret, and their audio is not", "leave it out, or write \"required\""
                )
            }
        }
    }

    private mutating func checkListen() {
        var seen: [String: Set<ListenAddress.Transport>] = [:]
        for address in settings.sip.listen {
            let key = "\(address.host) \(address.port)"
            // TLS takes the same port as TCP.
            let taken = Set(address.transports.map { $0 == .tls ? .tcp : $0 })
            if !seen[key, default: []].isDisjoint(with: taken) {
                note(places.main("sip", "listen")) {
                    $0.error($1, "\(address) is listened on twice", "keep one of them")
                }
            }
            seen[key, default: []].formUnion(taken)
        }
    }
}
