// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import FoundationEssentials
import Telephony

struct TraceCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Shows the messages of a call and writes its packets into a capture file.",
        discussion: """
            The file is for tshark and Wireshark; it lies in the state folder of the daemon, under traces. Of a call that is \
            over, the messages are shown as long as they are remembered.
            """)
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @Argument(help: "The call, as \"partyline calls\" numbers them.") var call: String
    @Option(help: "Seconds of audio to write along, up to 60.") var seconds = 5

    func validate() throws {
        guard (0...60).contains(seconds) else { throw ValidationError("--seconds wants 0 to 60.") }
    }

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.show("/v1/calls/\(ControlClient.escaped(call))/trace/\(seconds)", as: TraceReport.self) {
            Self.ladder($0)
        }
    }

    /// Who said what, top down; the far end is on the left.
    static func ladder(_ report: TraceReport) -> String {
        var lines: [String] = []
        let start = report.steps.first?.time ?? 0
        var peer = ""
        for step in report.steps {
            if step.peer != peer {
                peer = step.peer
                lines.append("           \(peer)".padded(to: 50) + "partyline")
            }
            let time = "\(Roster.figure(step.time - start, 3)) s".leftPadded(to: 10)
            let arrow = step.isIncoming ? "──────────▶" : "◀──────────"
            lines.append("\(time) \(arrow) \(step.line)")
            if !step.note.isEmpty { lines.append("           │          │   \(step.note)") }
        }
        if report.steps.isEmpty { lines.append("no messages of this call are remembered") }
        lines.append("")
        lines.append(
            "\(report.mediaPackets) packets of audio, \(report.reportPackets) of reports; all in \(report.file)")
        return lines.map(\.printable).joined(separator: "\n") + "\n"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self + " "
    }

    fileprivate func leftPadded(to width: Int) -> String {
        count < width ? String(repeating: " ", count: width - count) + self : self
    }
}
