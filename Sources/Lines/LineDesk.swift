// SPDX-License-Identifier: Apache-2.0
import CLineCard
import CLinux
package import Logging
import Synchronization
package import Telephony

/// Everything that a desk of lines is made with.
package struct LineDeskOptions: Sendable {
    package var lines: [LineDescription]
    package var numbers: NumberSpace
    package var tones: TonePlan
    package var stations = StationCountry()
    /// What landlines need to know of the country.
    package var country = LandlineCountry()
    /// Where what landlines taught is kept; nil: nowhere.
    package var memory: String?
    /// Where is kept for whom messages wait; nil: nowhere.
    package var messages: String?
    package var interdigitMilliseconds: Int64
    /// The cards are manual virtual lines.
    package var isVirtualTime = false
    /// Nil: nothing is looked for among the USB devices.
    package var plug: PlugOptions?

    package init(lines: [LineDescription], numbers: NumberSpace, tones: TonePlan, interdigitMilliseconds: Int64) {
        self.lines = lines
        self.numbers = numbers
        self.tones = tones
        self.interdigitMilliseconds = interdigitMilliseconds
    }
}

/// The lines of this box: their stations on one thread (`lines`), and what the rest of the house may ask of them from any
/// thread. Nothing here blocks.
package final class LineDesk: LegDriver {
    private let mailbox: LineMailbox
    private let thread: LineThread
    private let directory = LineDirectory()
    private let sink: any LegSink
    private let ringback: [ToneSegment]
    private let ports: any CardPortProvider

    /// Descriptions with an unknown preset or a name that is taken are left out, with an error in the log.
    package convenience init(
        _ options: LineDeskOptions, media: any MediaControl, ports: any CardPortProvider, sink: any LegSink, log: Logger
    ) {
        // Here and not with the first card: the environment is not to be changed while other threads read it.
        line_card_prepare_process()
        let isVirtualTime = options.isVirtualTime
        let units = PluggedUnits()
        let settings = options.lines
        self.init(options, media: media, ports: ports, sink: sink, log: log, units: units) {
            line, profile throws(LineError) in
            let free = units.all.filter { line.mayOpen($0, beside: settings) }
            return try profile.open(
                LineHardware(line, profile: profile, units: free, isVirtualTime: isVirtualTime))
        }
    }

    init(
        _ options: LineDeskOptions, media: any MediaControl, ports: any CardPortProvider, sink: any LegSink,
        log: Logger, units: PluggedUnits = PluggedUnits(),
        open: @escaping @Sendable (LineDescription, LineProfile) throws(LineError) -> any StationDevice
    ) {
        let mailbox = LineMailbox()
        let house = StationHouse(
            media: media, ports: ports, sink: sink, tones: options.tones, country: options.stations, log: log,
            units: units, open: open, post: { mailbox.post($0, $1) })
        self.mailbox = mailbox
        self.ports = ports
        self.sink = sink
        ringback = house.tones.ringback
        let factory = LineFactory(house: house, options: options, directory: directory)
        var stations = options.lines.compactMap(factory.make)
        let plug = options.plug.map { PlugAndPlay($0, units: units, log: log) }
        let configured = stations.count
        let remembered = plug?.remembered(numbers: options.numbers, names: directory.names) { unit in
            options.lines.contains { $0.claims(unit) }
        }
        stations += (remembered ?? []).compactMap(factory.make)
        thread = LineThread(
            stations: stations, configured: configured, mailbox: mailbox, factory: factory, directory: directory,
            plug: plug)
    }

    /// Opens the lines and serves them until `stop`. Lines whose device is missing are looked for again every few seconds.
    package func start() throws(LineError) { try thread.start() }

    /// Silences the bells and ends every call of the lines; waits for the thread.
    package func stop() { thread.stop() }

    /// From the next call of each telephone on, these numbers can be dialled. The lines stay as they are.
    package func adopt(_ numbers: NumberSpace, interdigitMilliseconds: Int64) {
        mailbox.adopt(
            LineMailbox.NumberPlan(numbers: numbers, interdigitMilliseconds: interdigitMilliseconds))
    }

    /// Telephones only: a landline is reached by what is behind it.
    package func knows(_ destination: String) -> Bool { phone(destination) != nil }

    /// What is told to somebody who wants of a line what only a virtual telephone does (`action`: lift, dial, message …).
    package func refusal(of action: String, on line: String) -> ControlOutcome {
        guard let station = directory.find(line) else {
            return .notFound(Obstacle("no line \(line)", remedy: "see partyline lines"))
        }
        guard !directory.landlines.contains(where: { $0.number == station.number }) else {
            let questions = LandlineQuestion.allCases.map(\.rawValue).joined(separator: ", ")
            return .refused(Obstacle("line \(line) is a landline", remedy: "ask it for one of: \(questions)"))
        }
        let hand = action == "hangup" ? "hang it up" : "lift it"
        return .refused(Obstacle("line \(line) is a real telephone", remedy: "somebody has to \(hand) by hand"))
    }

    private func phone(_ name: String) -> (number: Int, tones: StationTones)? {
        guard let found = directory.find(name), !directory.landlines.contains(where: { $0.number == found.number })
        else {
            return nil
        }
        return found
    }

    package func dial(_ request: DialRequest) -> (any Leg)? {
        switch request.kind {
        case .inside: phone(request.destination).map { leg($0, request, outside: nil) }
        case .outside, .emergency: dialOutside(request)
        case .uri: nil
        }
    }

    package func hasWay(_ request: DialRequest) -> Bool {
        (request.kind == .outside || request.kind == .emergency) && !landlines(for: request).isEmpty
    }

    private func leg(
        _ station: (number: Int, tones: StationTones), _ request: DialRequest, outside report: LineReport?
    ) -> any Leg {
        let mailbox = mailbox
        let leg = LineLeg(
            id: sink.newLegID(), port: nil, tones: station.tones, ringback: ringback, outsideLine: report?.name,
            tellsOfKeys: report.flatMap { LineProfiles.named($0.preset) }?.tellsOfKeys ?? false
        ) {
            mailbox.post(station.number, $0)
        }
        mailbox.post(station.number, .call(leg, request))
        return leg
    }

    /// By the first landline; it dials without dial tone only where there is no other.
    private func dialOutside(_ request: DialRequest) -> (any Leg)? {
        let lines = landlines(for: request)
        guard let first = lines.first else { return nil }
        var request = request
        request.hasOtherWay = request.mayHunt && !request.isLastTry && (request.hasOtherWay || lines.count > 1)
        return leg((first.number, first.tones), request, outside: first.report)
    }

    /// The landlines to be tried, in this order: those that are free, and for an emergency those that are in a call of ours, and
    /// where there are none those that another phone has. The reports lag behind: a landline that is taken meanwhile refuses, and the next is tried.
    private func landlines(for request: DialRequest) -> [(number: Int, tones: StationTones, report: LineReport)] {
        let reports = mailbox.reports
        let all = directory.landlines.compactMap { station in
            station.number < reports.count
                ? (number: station.number, tones: station.tones, report: reports[station.number].report) : nil
        }
        let left = all.filter { !request.triedLines.contains($0.report.name) }
        if request.isLastTry { return left }
        let free = left.filter { $0.report.state == LandlineStation.idleWord }
        guard request.kind == .emergency else { return free }
        let own = free + left.filter { LandlineStation.ownWords.contains($0.report.state) }
        // Not before the others have failed: they dial blindly first.
        return own.isEmpty ? left.filter { $0.report.state == LandlineStation.inUseWord } : own
    }

    /// What can be asked of a line; nil when there is none of that name, or when it is a telephone that is to be hung up.
    package func ask(_ name: String, _ question: LandlineQuestion) async -> ControlOutcome? {
        guard let station = directory.find(name),
            question != .hangUp || directory.landlines.contains(where: { $0.number == station.number })
        else { return nil }
        let answer = AsyncStream<ControlOutcome>.makeStream(bufferingPolicy: .bufferingNewest(1))
        mailbox.post(
            station.number,
            .question(question) { outcome in
                answer.continuation.yield(outcome)
                answer.continuation.finish()
            })
        for await outcome in answer.stream { return outcome }
        return .refused(Obstacle("the line did not answer", remedy: "see the log"))
    }

    /// Messages wait for a telephone (stutter dial tone, lamp), or no more. False: there is no telephone of that name.
    package func setMessageWaiting(_ name: String, _ waits: Bool) -> Bool {
        guard let station = phone(name) else { return false }
        mailbox.post(station.number, .messageWaiting(waits))
        return true
    }

    /// Every event of the media engine, so that stations hear the digits that are dialled and learn of failed cards.
    package func media(_ event: MediaEvent) {
        switch event {
        case .digit(let port, let digit, _): mailbox.postToAll(.digit(port, digit))
        case .portFailed(let port, let reason): mailbox.postToAll(.portFailed(port, reason))
        default: break
        }
    }

    package func reports() -> [LineReport] {
        mailbox.reports.map { entry in
            var report = entry.report
            if let statistics = entry.port.flatMap(ports.cardStatistics) {
                report.driftPPM = statistics.driftPPM
                report.underruns = max(report.underruns, statistics.underruns)
                report.overruns = max(report.overruns, statistics.overruns)
            }
            return report
        }
    }
}
