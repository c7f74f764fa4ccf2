// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SDP
import SIP
import Settings
import Telephony

extension House {
    static func registrarOptions(_ settings: PartylineSettings) -> RegistrarOptions {
        let realm = settings.registrar.realm
        let phones = settings.phones.map { phone in
            var account = PhoneAccount(
                name: phone.name, extension: phone.extension, displayName: phone.displayName ?? "",
                secret: DigestSecret(password: phone.password ?? "", username: phone.name, realm: realm),
                mostContacts: phone.maxContacts,
                networks: phone.from.flatMap { try? AddressList($0.map(\.description)) },
                answersAtOnce: phone.autoAnswer,
                hashes: (phone.digest ?? settings.registrar.digest).compactMap(DigestAlgorithm.init(name:)))
            account.security = phone.srtp.flatMap(SecurityPolicy.init(rawValue:))
            account.takesForeignAudio = phone.foreignAudio
            account.isGateway = phone.isGateway
            return account
        }
        return RegistrarOptions(
            realm: realm, phones: phones, shortestExpiry: settings.registrar.minExpires,
            longestExpiry: max(settings.registrar.maxExpires, settings.registrar.minExpires),
            hashes: settings.registrar.digest.compactMap(DigestAlgorithm.init(name:)))
    }

    /// In their order. Prepares the folders in which the library looks for certificates.
    static func trunkAccounts(
        _ settings: PartylineSettings, state: String, configuration: String
    ) throws -> [TrunkAccount] {
        let sorted = settings.trunks.enumerated().sorted {
            ($0.element.order, $0.offset) < ($1.element.order, $1.offset)
        }
        return try sorted.map(\.element).map { trunk in
            let isBareIPv6 = trunk.server.contains(":") && !trunk.server.hasPrefix("[")
            var account = TrunkAccount(
                name: trunk.name, domain: trunk.domain ?? (isBareIPv6 ? "[\(trunk.server)]" : trunk.server),
                server: trunk.server,
                transport: trunk.transport, user: trunk.user, password: trunk.password ?? "")
            account.port = trunk.port.flatMap { UInt16(exactly: $0) }
            account.authenticationUser = trunk.authUser ?? trunk.user
            account.registers = trunk.registers
            account.expires = trunk.expires
            account.pingInterval = trunk.pingSeconds
            account.number = trunk.number ?? ""
            account.displayName = trunk.displayName ?? ""
            account.identity = TrunkAccount.Identity(rawValue: trunk.identity) ?? .from
            account.passesCallerID = trunk.passCallerID
            account.hidesCaller = trunk.hideCaller
            account.numberSource = TrunkAccount.NumberSource(rawValue: trunk.numberFrom) ?? .requestURI
            account.networks = trunk.from.flatMap { try? AddressList($0.map(\.description)) }
            account.mostCalls = trunk.maxCalls
            account.sessionInterval = trunk.sessionSeconds
            account.externalAddress = trunk.externalAddress.flatMap { IPAddress($0) }
            account.stunServer = trunk.stun ?? ""
            account.verifiesCertificate = trunk.verifyCertificate
            account.security = trunk.srtp.flatMap(SecurityPolicy.init(rawValue:))
            account.takesForeignAudio = trunk.foreignAudio
            account.isGateway = trunk.isGateway
            account.patience = trunk.signSeconds
            account.takesReliable = trunk.reliableResponses
            if trunk.transport == "tls" {
                let file = trunk.caFile.map { $0.hasPrefix("/") ? $0 : configuration + "/" + $0 }
                account.certificateFolder = try trust(file ?? systemTrust, of: trunk.name, state: state)
            }
            return account
        }
    }

    /// The folder with the certificate and the key of listeners with TLS, under the names that the library knows; empty where
    /// there is none. Only the daemon's user may read it.
    static func listenerCertificate(
        _ settings: PartylineSettings, state: String, configuration: String
    ) throws -> String {
        guard let certificate = settings.sip.tlsCertificate,
            settings.sip.listen.contains(where: { $0.transports.contains(.tls) })
        else { return "" }
        let files = [settings.sip.tlsKey, certificate].compactMap { $0 }
        let folder = state + "/tls/listen"
        var text = Data()
        for file in files {
            do {
                let path = file.hasPrefix("/") ? file : configuration + "/" + file
                text += try Data(contentsOf: URL(fileURLWithPath: path)) + Data("\n".utf8)
            } catch {
                throw DaemonFault(
                    words: "[sip] tls_certificate: \(file) can not be read: \(error.localizedDescription); let the "
                        + "daemon's user read it", exitCode: 75)
            }
        }
        for part in ["BEGIN CERTIFICATE", "PRIVATE KEY"] where text.firstRange(of: Data(part.utf8)) == nil {
            throw DaemonFault(
                words: "[sip] tls_certificate: there is no \(part == "PRIVATE KEY" ? "private key" : "certificate") in "
                    + files.joined(separator: " and ") + "; both are wanted, in PEM", exitCode: 75)
        }
        do {
            try makeFolder(folder, mode: 0o700)
            // The library shows the first certificate of the one file, and finds those above it in the other.
            for name in ["agent.pem", "cafile.pem"] {
                let path = folder + "/" + name
                try? FileManager.default.removeItem(atPath: path)
                guard
                    FileManager.default.createFile(
                        atPath: path, contents: text, attributes: [.posixPermissions: 0o600])
                else { throw CocoaError(.fileWriteUnknown) }
            }
        } catch {
            throw DaemonFault(words: "\(folder) can not be written: \(words(error))", exitCode: 75)
        }
        return folder
    }

    private static func words(_ error: any Error) -> String {
        (error as? SystemFault)?.description ?? error.localizedDescription
    }

    /// Whom Debian trusts (ca-certificates).
    private static let systemTrust = "/etc/ssl/certs/ca-certificates.crt"

    /// A folder with the certificates of those who are trusted, under the name that the library knows.
    private static func trust(_ file: String, of trunk: String, state: String) throws -> String {
        let folder = state + "/tls/" + trunk
        do throws(SystemFault) {
            try makeFolder(folder, mode: 0o700)
        } catch {
            throw DaemonFault(words: "\(folder) can not be made: \(error)", exitCode: 75)
        }
        do {
            let certificates = try Data(contentsOf: URL(fileURLWithPath: file))
            try certificates.write(to: URL(fileURLWithPath: folder + "/cafile.pem"), options: .atomic)
        } catch {
            throw DaemonFault(
                words: "trunk \(trunk): \(file) can not be read: \(error.localizedDescription); install "
                    + "ca-certificates or set another ca_file", exitCode: 75)
        }
        return folder
    }
}

extension House {
    static func fenceOptions(_ settings: PartylineSettings) -> FenceOptions {
        let outside = settings.outside
        // The user of a gateway's landline is a name of ours.
        let numbers = settings.trunks.flatMap { [$0.isGateway ? nil : $0.user, $0.number].compactMap(\.self) }
            .map(Fence.bare)
        return FenceOptions(
            allowed: outside.allow.map(DialledPattern.init), barred: outside.bar.map(DialledPattern.init),
            hosts: Set(outside.hosts), minutesPerDay: outside.minutesPerDay, mostCalls: outside.maxCalls,
            code: outside.code ?? "", ownNumbers: Set(numbers), ownHosts: ownHosts(settings))
    }

    /// Names of `[outside] hosts` are looked up by a thread that is started with them; addresses need none.
    static func namesWaiting(_ settings: PartylineSettings, _ fresh: PartylineSettings) -> [String] {
        func names(_ settings: PartylineSettings) -> Set<String> {
            Set(settings.outside.hosts.filter { IPAddress($0) == nil })
        }
        return names(fresh).isSubset(of: names(settings)) ? [] : ["[outside] hosts (names)"]
    }

    /// The addresses of this machine, as far as SIP is taken there.
    private static func ownHosts(_ settings: PartylineSettings) -> Set<String> {
        var hosts = Set(settings.sip.listen.map(\.host)).union(["localhost"])
        hosts.formUnion(settings.trunks.compactMap(\.externalAddress))
        guard !hosts.isDisjoint(with: ["0.0.0.0", "::"]) else { return hosts }
        return hosts.union(interfaceAddresses())
    }

    /// IPv4 addresses by which others reach this machine, as they are spoken.
    static func machineAddresses() -> [String] {
        interfaceAddresses().filter { !$0.contains(":") && !$0.hasPrefix("127.") }.sorted()
    }

    private static func interfaceAddresses() -> Set<String> {
        var hosts: Set<String> = []
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return hosts }
        defer { freeifaddrs(first) }
        var next = first
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let address = entry.pointee.ifa_addr else { continue }
            let isIPv4 = address.pointee.sa_family == sa_family_t(AF_INET)
            guard isIPv4 || address.pointee.sa_family == sa_family_t(AF_INET6) else { continue }
            var text = [CChar](repeating: 0, count: 64)
            let size = socklen_t(isIPv4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
            guard getnameinfo(address, size, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
                continue
            }
            let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            hosts.insert(String(name.prefix { $0 != "%" }))
        }
        return hosts
    }

    /// Days since 1970 by the clock on the wall.
    static func localDay() -> Int {
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        return (now + local.tm_gmtoff) / 86_400
    }
}
