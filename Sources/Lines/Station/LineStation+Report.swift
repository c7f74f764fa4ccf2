// SPDX-License-Identifier: Apache-2.0
import Telephony

extension LineStation {
    var report: LineReport {
        var report = LineReport()
        report.name = line.name
        report.preset = line.preset
        report.extension = line.extension ?? ""
        report.device = deviceWords
        report.sampleRate = device?.sampleRate ?? line.sampleRate ?? profile.sampleRate
        report.periodMilliseconds = device?.periodMilliseconds ?? line.periodMilliseconds ?? profile.periodMilliseconds
        report.underruns = device?.xruns.underruns ?? 0
        report.overruns = device?.xruns.overruns ?? 0
        report.state =
            switch machine.state {
            case .gone: "gone"
            case .onHook: hook?.isIgnoring == true ? "off-hook" : "on-hook"
            case .opening(.dialling), .opening(.recall), .dialTone: "dial tone"
            case .dialling: "dialling"
            case .ringing: "ringing"
            case .opening(.answer), .inCall: flash.state == .conferring ? "three-way" : "in call"
            case .opening(.closingTone), .closingTone, .parked: "off-hook"
            }
        report.isMessageWaiting = isMessageWaiting
        report.otherCall =
            switch flash.state {
            case .alone, .ringingBack, .conferring: ""
            case .waiting: "waiting"
            case .consulting, .alternating: "on hold"
            }
        return report
    }
}
