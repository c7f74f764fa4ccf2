// SPDX-License-Identifier: Apache-2.0

/// Bounds that both sides keep.
package enum ScenarioLimits {
    /// JSON of one message.
    package static let messageBytes = 1 << 20
    /// Of one script, in UTF-16 code units, as JavaScript counts characters.
    package static let scriptCharacters = 256 * 1024
    package static let tooLongScript =
        "longer than \(scriptCharacters) characters; split it into several scenarios of the rule"
    /// Of the text in one `script` message: with the longest escapes it stays below `messageBytes`.
    package static let partCharacters = 64 * 1024
    package static let scriptsPerSession = 32
    package static let timersPerSession = 100
    /// Requests over HTTP that one session may have on their way and waiting; the next one is an error in the script.
    package static let activeRequests = 3
    package static let queuedRequests = 32
    /// How long a session that ends waits for them.
    package static let lastRequestSeconds = 90
    package static let storageRequests = 100
    package static let playersPerSession = 10
    package static let listenersPerEvent = 1000
    /// Of what one callback may ask for and write to the log.
    package static let commandsPerCallback = 2000
    package static let logLinesPerCallback = 200
    package static let logTextCharacters = 2000
    /// Heap of one session's machine.
    package static let sessionHeapBytes: UInt64 = 64 << 20
    /// Events that may wait for a session whose script is slow.
    package static let waitingEvents = 10_000
    /// CPU of one callback; what the engine cannot stop by then ends with its worker at the second figure.
    package static let callbackSeconds = 1.0
    package static let unstoppableSeconds = 1.25

    /// Resident memory at which a worker is killed: an ordinary machine takes about 1.4 MB, which must not be held against a
    /// worker that has many of them: with sessions, waiting for some, and as many engines kept of sessions that have ended.
    package static func memoryLimit(cap: UInt64, sessions: Int, ready: Int) -> UInt64 {
        let machines = UInt64(max(sessions, 0)) + 2 * UInt64(max(ready, 0))
        let (limit, overflow) = cap.addingReportingOverflow(machines << 21)
        return overflow ? .max : limit
    }
}
