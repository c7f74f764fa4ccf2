// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Passes log lines on until the server is told to end: the library reports its own cancellation as an error, which
/// at every stop of the daemon would send somebody looking for one.
struct EndingLog: LogHandler {
    /// Set once, from whatever thread cancels.
    final class Ending: Sendable {
        private let hasBegun = Atomic<Bool>(false)

        func begin() { hasBegun.store(true, ordering: .relaxed) }
        var isUnderWay: Bool { hasBegun.load(ordering: .relaxed) }
    }

    private var inner: any LogHandler
    private let ending: Ending

    init(_ inner: any LogHandler, ending: Ending) {
        self.inner = inner
        self.ending = ending
    }

    var logLevel: Logger.Level {
        get { inner.logLevel }
        set { inner.logLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        if !ending.isUnderWay { inner.log(event: event) }
    }
}
