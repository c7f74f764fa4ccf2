// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lines
import Logging
import Media
import Patterns
import Settings
import Telephony

/// The lines of this box, and behind those that are virtual ("vline:NAME") the card and the people with their telephones.
final class LineOffice: LineOperator {
    let desk: LineDesk
    private let card: VirtualCard?
    private let phones: [String: VirtualPhone]
    private let exchanges: [String: VirtualExchange]

    /// Before other threads run: the virtual card sets ALSA_CONFIG_PATH.
    init(_ settings: PartylineSettings, state: String, engine: MediaEngine, mail: Mail) throws {
        var phones: [String: VirtualPhone] = [:]
        var exchanges: [String: VirtualExchange] = [:]
        let country = House.landlineCountry(settings)
        let flash = House.stationCountry(settings).flashMilliseconds
        let virtual = settings.lines.filter { $0.pcm.hasPrefix(Self.virtualPrefix) }
        do {
            let card = virtual.isEmpty ? nil : try VirtualCard(folder: state + "/virtual", plugins: nil)
            for line in virtual {
                let name = String(line.pcm.dropFirst(Self.virtualPrefix.count))
                guard phones[line.name] == nil, exchanges[line.name] == nil, let card else { continue }
                let made = try card.addLine(named: name, sampleRate: line.sampleRate ?? 16_000, isManual: false)
                if let profile = LineProfiles.named(line.preset), profile.side == .landline {
                    let hasDetector = profile.tellsOfRings && line.ringControl == LineSettings().ringControl
                    exchanges[line.name] = VirtualExchange(
                        made, country: country, echoDB: 12, tellsOfBell: hasDetector)
                } else {
                    phones[line.name] = VirtualPhone(
                        made, flashMilliseconds: Int(flash.lowerBound + flash.upperBound) / 3)
                }
            }
            try card?.adopt()
            self.card = card
        } catch {
            throw DaemonFault(words: "\(error)", exitCode: 75)
        }
        self.phones = phones
        self.exchanges = exchanges
        desk = LineDesk(
            House.lineOptions(settings, state: state), media: engine, ports: CardPorts(engine: engine), sink: mail,
            log: Logger(label: "lines"))
    }

    /// The virtual exchanges begin to serve their lines.
    func start() async {
        for exchange in exchanges.values { await exchange.start() }
    }

    private static let virtualPrefix = "vline:"

    func lineReports() -> [LineReport] { desk.reports() }

    func operate(line: String, action: String, digits: String) async -> ControlOutcome {
        if action == "message" {
            return desk.setMessageWaiting(line, digits == "on")
                ? .done : desk.refusal(of: action, on: line)
        }
        let question = LandlineQuestion(rawValue: action)
        if let phone = phones[line], question == nil || question == .hangUp {
            return await phone.perform(action, digits: digits)
        }
        if let exchange = exchanges[line], let outcome = await exchange.perform(action, digits: digits) {
            return outcome
        }
        if let question, let outcome = await desk.ask(line, question) {
            return outcome
        }
        return desk.refusal(of: action, on: line)
    }
}

/// What Lines needs of the media engine.
struct CardPorts: CardPortProvider {
    let engine: MediaEngine

    func openCardPort(_ card: CardFunctions, onRelease: @escaping @Sendable () -> Void) -> PortID? {
        engine.openCardPort(card, onRelease: onRelease)
    }

    func resumeCardPort(_ port: PortID) { engine.resumeCardPort(port) }

    func closeCardPort(_ port: PortID) { engine.closeCardPort(port) }

    func cardStatistics(_ port: PortID) -> CardStatistics? {
        engine.cardReport(port).map { report in
            CardStatistics(
                driftPPM: report.driftPPM, underruns: Int(report.counters.underruns),
                overruns: Int(report.counters.overruns))
        }
    }
}

extension House {
    static func lineOptions(_ settings: PartylineSettings, state: String) -> LineDeskOptions {
        let places = zip(settings.linePlaces, settings.lineKeyPlaces)
        let lines = zip(settings.lines, places).map { line, places in
            var description = LineDescription(name: line.name, preset: line.preset, pcm: line.pcm, ctl: line.ctl)
            description.place = places.0
            description.devicePlaces = devicePlaces(line, places.1)
            if line.usb != nil || line.serial != nil || line.usbPort != nil {
                description.match = USBMatch(
                    id: line.usb.flatMap { USBID($0) }, serial: line.serial, port: line.usbPort)
            }
            description.hid = line.hid
            description.event = line.event
            description.tty = line.tty
            description.gpio = gpio(line)
            description.modem.country = line.modemCountry
            description.extension = line.extension
            description.sampleRate = line.sampleRate
            description.periodMilliseconds = line.periodMilliseconds ?? settings.mix.localPeriodMilliseconds
            description.route = line.route
            description.landline = landlinePlan(line)
            // Japan's way is the only one in which a landline has to do something to be told.
            let way = line.callerID ?? settings.tonePlan?.callerID
            description.landline.seizesForCallerID = way == "v23-jp"
            description.echoTailMilliseconds = line.echoTailMilliseconds
            description.rxGainDB = line.rxGainDB
            description.txGainDB = line.txGainDB
            description.sameRoom = line.sameRoom
            description.hasPulseDial = line.hasPulseDial
            description.takesWaitingCalls = line.takesWaitingCalls
            description.callerID = line.callerID
            // Its default is that of the presets, which have their own where it differs.
            description.offHookControl = line.offHookControl
            description.ringControl = line.ringControl
            return description
        }
        let tones = settings.tonePlan.map {
            var tones = TonePlan(dial: $0.dial, busy: $0.busy, ringback: $0.ringback, reorder: $0.reorder)
            tones.recall = $0.recall
            tones.messageWaiting = $0.messageWaiting
            tones.callWaiting = $0.callWaiting
            return tones
        }
        var options = LineDeskOptions(
            lines: lines, numbers: numberSpace(settings), tones: tones ?? .standard,
            interdigitMilliseconds: Int64(settings.dialling.interdigitSeconds * 1000))
        options.stations = stationCountry(settings)
        options.country = landlineCountry(settings)
        options.memory = state + "/landlines.json"
        options.messages = state + "/messages.json"
        var plug = PlugOptions()
        plug.isOn = settings.plugAndPlay.isOn
        plug.firstExtension = settings.plugAndPlay.firstExtension
        plug.register = state + "/lines.json"
        options.plug = plug
        return options
    }

    /// What can be dialled on the lines.
    static func numberSpace(_ settings: PartylineSettings) -> NumberSpace {
        let fence = fenceOptions(settings)
        let isClosed = settings.outside.allow.isEmpty
        var numbers = NumberSpace(
            emergencyNumbers: settings.emergencyNumbers,
            extensions: Set(settings.lines.compactMap(\.extension) + settings.phones.compactMap(\.extension)),
            roomNumbers: settings.dialling.roomPattern.map(DialledPattern.init),
            outsideNumbers: isClosed && settings.outside.prefix == nil
                ? nil : OutsideNumbers(prefix: settings.outside.prefix ?? "", fence: fence))
        numbers.others = Set(settings.dialling.testNumbers.keys)
        numbers.routes = settings.rules.filter { $0.origins.isEmpty || $0.origins.contains(.lines) }
            .compactMap(\.pattern).filter { !$0.catchesEverything }.map(DialledPattern.init)
        numbers.services = settings.rules
            .filter { $0.origins.isEmpty || $0.origins.contains(.lines) || $0.origins.contains(.phones) }
            .compactMap(\.pattern).filter { !$0.takesAnyNumber }.map(DialledPattern.init)
        numbers.reserved = Set(settings.phones.map(\.name) + settings.lines.map(\.name))
        return numbers
    }

    /// By what errors call the devices.
    private static func devicePlaces(_ line: LineSettings, _ keys: [String: String]) -> [String: String] {
        let nodes: [(String, String?)] = [
            ("ctl", line.ctl), ("pcm", line.pcm), ("hid", line.hid), ("event", line.event), ("tty", line.tty),
        ]
        let pins: [(String, String?)] = [
            ("gpio_hook", line.gpioHook), ("gpio_ring_mode", line.gpioRingMode), ("gpio_reverse", line.gpioReverse),
            ("gpio_seize", line.gpioSeize), ("gpio_ring", line.gpioRing), ("gpio_loop", line.gpioLoop),
            ("gpio_polarity", line.gpioPolarity), ("gpio_in_use", line.gpioInUse),
        ]
        var places: [String: String] = [:]
        for case (let key, let device?) in nodes where !device.isEmpty { places[device] = keys[key] }
        // '!' is not part of the name.
        for case (let key, let name?) in pins { places["GPIO line \(name.drop { $0 == "!" })"] = keys[key] }
        return places
    }

    private static func gpio(_ line: LineSettings) -> GPIOLines {
        var lines = GPIOLines()
        lines.hook = line.gpioHook
        lines.ringMode = line.gpioRingMode
        lines.reverse = line.gpioReverse
        lines.ringHertz = line.ringHertz
        lines.seize = line.gpioSeize
        lines.ring = line.gpioRing
        lines.loop = line.gpioLoop
        lines.polarity = line.gpioPolarity
        lines.inUse = line.gpioInUse
        return lines
    }

    private static func landlinePlan(_ line: LineSettings) -> LandlinePlan {
        var plan = LandlinePlan()
        plan.answerAfterRings = line.answerAfterRings
        plan.dialling = LandlinePlan.Dialling(rawValue: line.dialling) ?? .dtmf
        plan.needsDialTone = line.needsDialTone
        plan.polarityReleases = line.polarityReleases
        plan.silence = Int64(line.silenceSeconds) * 1_000
        plan.longestCall = Int64(line.longestCallMinutes) * 60_000
        return plan
    }

    /// By the tone plan of `[dialling] country`.
    static func landlineCountry(_ settings: PartylineSettings) -> LandlineCountry {
        guard let plan = settings.tonePlan else { return LandlineCountry() }
        var country = LandlineCountry(
            dial: plan.dial, ringback: plan.ringback, busy: plan.busy, congestion: plan.reorder,
            specialInformation: plan.specialInformation)
        country.redialPauseMilliseconds = Int64(plan.redialPauseSeconds * 1000)
        country.redialAttempts = plan.redialAttempts
        country.redialRestMilliseconds = Int64(plan.redialRestMinutes) * 60_000
        country.bell = plan.ringMilliseconds
        country.bells = Dictionary(
            settings.tonePlans.map { ($0.country, $0.ringMilliseconds) }, uniquingKeysWith: { first, _ in first })
        return country
    }
}
