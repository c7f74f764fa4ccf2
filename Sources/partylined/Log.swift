// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Telephony

/// One line an event on standard error: priority for the journal, then key=value. Values are quoted where needed, so that
/// nothing from outside can make a second line or another key.
enum Log {
    static func plain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    static func event(_ event: ControlEvent) {
        let level: Logger.Level = loud.contains(event.event) ? .warning : quiet.contains(event.event) ? .debug : .info
        let fields = event.fields.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }
        write(level, "event=\(event.event)" + fields.map { " \($0.key)=\(quoted($0.value))" }.joined())
    }

    static func write(_ level: Logger.Level, _ line: String) {
        guard level >= minimum.level else { return }
        plain("<\(priority(level))>\(line)")
    }

    static func quoted(_ value: String) -> String {
        let clean = value.unicodeScalars.map { scalar in
            scalar.value < 32 || scalar.value == 127 || scalar == "\"" || scalar == "\\" ? "_" : String(scalar)
        }.joined()
        return clean.contains { $0 == " " || $0 == "=" } || clean.isEmpty ? "\"\(clean)\"" : clean
    }

    /// Set once at start, before there is a second thread.
    final class Minimum: Sendable {
        let level: Logger.Level
        init(_ level: Logger.Level) { self.level = level }
    }
    nonisolated(unsafe) static var minimum = Minimum(.info)

    private static let loud: Set<String> = [
        "call.emergency", "call.rerouted", "port.failed", "media.events-lost", "room.failed", "player.failed",
        "recording.failed",
        "worker.lost",
    ]
    private static let quiet: Set<String> = ["room.joined", "room.left", "session.started", "session.ended"]

    /// syslog(3).
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}

/// swift-log's lines in the same form.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    let label: String

    init(label: String) {
        self.label = label
        logLevel = Log.minimum.level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let fields = all.sorted { $0.key < $1.key }.map { " \($0.key)=\(Log.quoted("\($0.value)"))" }.joined()
        let text = String("\(event.message)".map { $0.isNewline ? " " : $0 })
        Log.write(event.level, text + fields)
    }
}
