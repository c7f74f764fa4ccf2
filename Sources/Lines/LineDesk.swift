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
    package var interdigitMilliseconds: Int64
    /// The cards are manual virtual lines.
    package var isVirtualTime = false

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
    private let makeLegs: [@Sendable () -> LineLeg]
    /// Names and extensions.
    private let directory: [String: Int]
    private let ports: any CardPortProvider

    /// Descriptions with an unknown preset or a name that is taken are left out, with an error in the log.
    package convenience init(
        _ options: LineDeskOptions, media: any MediaControl, ports: any CardPortProvider, sink: any LegSink, log: Logger
    ) {
        // Here and not with the first card: the environment is not to be changed while other threads read it.
        line_card_prepare_process()
        let isVirtualTime = options.isVirtualTime
        self.init(options, media: media, ports: ports, sink: sink, log: log) { line, profile throws(LineError) in
            try ALSAStationDevice(line, profile: profile, isVirtualTime: isVirtualTime)
        }
    }

    init(
        _ options: LineDeskOptions, media: any MediaControl, ports: any CardPortProvider, sink: any LegSink,
        log: Logger,
        open: @escaping @Sendable (LineDescription, LineProfile) throws(LineError) -> any StationDevice
    ) {
        let mailbox = LineMailbox()
        let house = StationHouse(
            media: media, ports: ports, sink: sink, tones: options.tones, log: log, open: open,
            post: { mailbox.post($0, $1) })
        var directory: [String: Int] = [:]
        var stations: [LineStation] = []
        var rooms: [String: UInt32] = [:]
        for line in options.lines {
            guard let profile = LineProfiles.named(line.preset) else {
                let known = LineProfiles.all.map(\.name).joined(separator: ", ")
                log.error("line \(line.name): there is no preset \"\(line.preset)\"; write one of: \(known)")
                continue
            }
            let keys = Set([line.name] + [line.extension].compactMap { $0 })
            guard keys.allSatisfy({ directory[$0] == nil }) else {
                log.error("line \(line.name): its name or extension is another line's; give it one of its own")
                continue
            }
            var plan = StationStateMachine.Plan(numbers: options.numbers, route: line.route)
            plan.interdigitMilliseconds = options.interdigitMilliseconds
            plan.ringMilliseconds = profile.ringMilliseconds
            plan.pauseMilliseconds = profile.pauseMilliseconds
            var neighbourhood: UInt32 = 0
            if let room = line.sameRoom {
                neighbourhood = rooms[room] ?? UInt32(rooms.count + 1)
                rooms[room] = neighbourhood
            }
            for key in keys { directory[key] = stations.count }
            stations.append(
                LineStation(
                    number: stations.count, line: line, profile: profile, plan: plan, neighbourhood: neighbourhood,
                    house: house))
        }
        self.mailbox = mailbox
        self.directory = directory
        self.ports = ports
        // A leg shares only what any thread may touch of its station.
        makeLegs = stations.map { station in
            let (tones, number) = (station.tones, station.number)
            return {
                LineLeg(id: sink.newLegID(), port: nil, tones: tones, ringback: house.tones.ringback) {
                    mailbox.post(number, $0)
                }
            }
        }
        thread = LineThread(stations: stations, mailbox: mailbox)
    }

    /// Opens the lines and serves them until `stop`. Lines whose device is missing are looked for again every few seconds.
    package func start() throws(LineError) { try thread.start() }

    /// Silences the bells and ends every call of the lines; waits for the thread.
    package func stop() { thread.stop() }

    package func knows(_ destination: String) -> Bool { directory[destination] != nil }

    package func dial(_ request: DialRequest) -> (any Leg)? {
        guard request.kind == .inside, let number = directory[request.destination] else { return nil }
        let leg = makeLegs[number]()
        mailbox.post(number, .call(leg, request))
        return leg
    }

    /// Every event of the media engine, so that stations hear the digits that are dialled and learn of failed cards.
    package func media(_ event: MediaEvent) {
        switch event {
        case .digit(let port, let digit, _): mailbox.postToAll(.digit(port, digit))
        case .portFailed(let port, let reason): mailbox.postToAll(.portFailed(port, reason))
        case .talking, .firstAudio, .mediaTimeout, .playerStarted, .playerFinished, .eventsLost: break
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
