// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lines
import Logging
import Media
import Patterns
import RTP
import SDP
import SIP
import Scripting
import Settings
import Signals
import Telephony
import WebFetch

/// From settings to what each part of the house is told. One function a part.
enum House {
    static func engine(
        _ settings: PartylineSettings, state: String, configuration: String, fetcher: WebFetcher?
    ) throws -> MediaEngine {
        var options = MixOptions()
        options.ports = settings.mix.maxPorts
        options.mixes = settings.mix.maxPorts * 2
        options.players = settings.mix.maxPorts
        options.cardTick8 = Int(settings.mix.localPeriodMilliseconds * 8)
        // With one wake-up in ten thousand a few milliseconds late, less than 5 ms runs dry some times an hour; at periods of
        // 2.5 ms it is the low delay that was asked for.
        options.cardFill = settings.mix.localPeriodMilliseconds < 5 ? 3_000_000 : 5_000_000
        options.isSteered = settings.mix.isSteering
        options.opus.bitsPerSecond = settings.rtp.opusKilobitsPerSecond * 1000
        options.opus.discontinuous = settings.rtp.opusSavesSilence
        options.mediaTimeout = Int64(settings.rtp.timeoutSeconds) * 1_000_000_000
        let range = UInt16(clamping: settings.rtp.portMin)...UInt16(clamping: settings.rtp.portMax)
        let network = MediaNetwork(
            ports: range, dscp: settings.rtp.dscp,
            workspace: RTPWorkspace(spareBuffers: max(256, settings.mix.maxPorts)))
        let sounds = PromptStore(
            promptOptions(settings, state: state, configuration: configuration),
            fetcher: fetcher.map(SoundErrands.init))
        let recordings = RecordingDesk(recordingOptions(settings, state: state))
        return MediaEngine(options: options, network: network, sounds: sounds, recordings: recordings)
    }

    static func recordingOptions(_ settings: PartylineSettings, state: String) -> RecordingOptions {
        var options = RecordingOptions(folder: state + "/recordings")
        options.most = settings.recordings.most
        options.mostSeconds = settings.recordings.maxMinutes * 60
        options.keepFreeBytes = settings.recordings.keepFreeMegabytes << 20
        options.keepDays = settings.recordings.keepDays
        return options
    }

    static func promptOptions(
        _ settings: PartylineSettings, state: String, configuration: String
    ) -> PromptStore.Options {
        var options = PromptStore.Options(
            promptsFolder: configuration + "/prompts", cacheFolder: state + "/prompts-cache")
        options.otherFolders = [state + "/recordings"]
        options.speechCommand = settings.speech.command
        options.voice = settings.speech.voice
        options.decoder = ScenarioWorkerOptions.programBesideThisOne("partyline-decode")
        options.mostCacheBytes = settings.speech.cacheMegabytes << 20
        return options
    }

    static func webFetcher(_ settings: PartylineSettings) -> WebFetcher? {
        var options = WebFetcher.Options()
        options.fence = AddressFence(
            allowed: settings.fetch.allowNetworks.compactMap { AddressFence.Block($0.bytes, prefix: $0.prefix) })
        options.authorities = settings.fetch.authorities
        return WebFetcher(options)
    }

    static func sipOptions(_ settings: PartylineSettings) throws -> SIPOptions {
        let listen = settings.sip.listen.compactMap { address -> SIPListenAddress? in
            guard let host = IPAddress(address.host), let port = UInt16(exactly: address.port) else { return nil }
            let transports: SIPListenAddress.Transports =
                address.transports.count > 1
                ? .both
                : address.transports.first.flatMap { SIPListenAddress.Transports(rawValue: $0.rawValue) } ?? .udp
            return SIPListenAddress(address: host, port: port, transports: transports)
        }
        let allowed: AddressList
        do {
            allowed = try AddressList(settings.sip.allowWithoutPassword.map(\.description))
        } catch {
            throw DaemonFault(words: "\(error)", exitCode: 1)
        }
        let order = settings.sip.codecs.compactMap { name in
            AudioEncoding.allCases.first { $0.rawValue.lowercased() == name }
        }
        let security = SecurityPolicy(rawValue: settings.sip.srtp) ?? .off
        var options = SIPOptions(
            listen: listen, allowed: allowed, mostCalls: settings.sip.maxCalls,
            audio: AudioPreferences(
                encodings: order, packetTime: settings.rtp.packetMilliseconds,
                comfortNoise: settings.rtp.isComfortNoise, security: security),
            product: "Partyline/\(Version.text)")
        options.registrar = registrarOptions(settings)
        options.emergencyCalls = 8
        options.probeSeconds = settings.rtp.timeoutSeconds
        options.takesKeysInClear = settings.sip.srtpWithoutTLS
        return options
    }

    static func scenarioWorkers(
        _ settings: PartylineSettings, _ configuration: String, _ mail: Mail, _ services: any ScriptServices
    ) throws -> ScenarioWorkers {
        var options = ScenarioWorkerOptions(
            executable: ScenarioWorkerOptions.executableBesideThisProgram(),
            scenarioFolder: configuration + "/scenarios",
            workers: settings.scenarios.workers, memoryCapBytes: UInt64(settings.scenarios.memoryMegabytes) << 20,
            services: services)
        options.readyMachines =
            settings.scenarios.ready > 0
            ? settings.scenarios.ready
            : ScenarioWorkerOptions.readyMachines(
                memoryBytes: UInt64(max(sysconf(Int32(_SC_PHYS_PAGES)), 0))
                    * UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 0)),
                workers: options.workers)
        do {
            return try ScenarioWorkers(options: options, sink: mail, log: Logger(label: "scenarios"))
        } catch {
            throw DaemonFault(words: "scenario workers: \(error)", exitCode: 75)
        }
    }

    static func exchangeOptions(_ settings: PartylineSettings, state: String) -> ExchangeOptions {
        let rules = settings.rules.compactMap { rule in
            rule.pattern.map { pattern in
                RoutingRule(
                    name: rule.name, pattern: DialledPattern(pattern), origins: rule.origins, scenarios: rule.scenarios)
            }
        }
        var plan = DialPlan(
            emergencyNumbers: settings.emergencyNumbers,
            roomNumbers: settings.dialling.roomPattern.map(DialledPattern.init))
        plan.outsidePrefix = settings.outside.prefix ?? ""
        plan.testNumbers = settings.dialling.testNumbers
        var options = ExchangeOptions(
            rules: RoutingRules(rules), dialPlan: plan, maxCalls: settings.sip.maxCalls + settings.lines.count,
            voice: settings.speech.voice)
        options.recordingsFolder = state + "/recordings"
        options.mediaTimeoutSeconds = settings.rtp.timeoutSeconds
        let listen = settings.control.accessListen.map { address in
            "http://" + (address.isIPv6 ? "[\(address.host)]" : address.host) + ":\(address.port)"
        }
        options.accessURL = (settings.control.accessURL ?? listen ?? "http://localhost") + "/sessions/"
        options.recordingName = { what in
            var now = time(nil)
            var parts = tm()
            localtime_r(&now, &parts)
            var text = [CChar](repeating: 0, count: 32)
            let count = strftime(&text, text.count, "%Y%m%d-%H%M%S", &parts)
            return what + "-" + String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        options.fence = fenceOptions(settings)
        options.progressPlan = progressPlan(settings)
        // ITU-T O.6: 1020 Hz; North America measures at 1004 Hz.
        options.milliwattHz = ["us", "ca", "mx"].contains(settings.dialling.country) ? 1_004 : 1_020
        options.ownAddresses = { machineAddresses() }
        options.day = { localDay() }
        return options
    }
}

extension House {
    /// The tones of `[dialling] country`, for scripts that listen for them.
    static func progressPlan(_ settings: PartylineSettings) -> ProgressPlan {
        let country = landlineCountry(settings)
        var plan = ProgressPlan()
        plan.dial = country.dial
        plan.ringback = country.ringback
        plan.busy = country.busy
        plan.congestion = country.congestion
        plan.specialInformation = country.specialInformation
        return plan
    }
}

/// A pattern of the settings as the switchboard asks for it.
struct DialledPattern: DestinationPattern {
    private let pattern: Pattern

    init(_ pattern: Pattern) { self.pattern = pattern }

    /// A pattern that gives up at its limits does not match.
    func matchesWhole(_ destination: String) -> Bool { (try? pattern.matches(destination)) ?? false }
    func canGoOn(from digits: String) -> Bool { pattern.canGoOn(from: digits) }
    var catchesEverything: Bool { pattern.catchesEverything }
}
