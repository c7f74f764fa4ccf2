// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Telephony

/// The minutes to the outside that this day has used, kept over a restart: STATE/outside.json.
final class LedgerFile: Sendable {
    private let path: String
    private let queue = DispatchQueue(label: "ledger", qos: .utility)

    init(state: String) { path = state + "/outside.json" }

    /// Returns at once.
    func keep(_ ledger: FenceLedger) {
        queue.async { [path] in
            do {
                try JSONEncoder().encode(ledger).write(to: URL(fileURLWithPath: path), options: .atomic)
            } catch {
                Log.write(.warning, "event=outside.not-kept reason=\(Log.quoted(error.localizedDescription))")
            }
        }
    }

    /// What is not there or broken counts as nothing used; a broken file is told.
    func read() -> FenceLedger {
        guard let data = FileManager.default.contents(atPath: path) else { return FenceLedger() }
        guard let ledger = try? JSONDecoder().decode(FenceLedger.self, from: data), ledger.seconds >= 0 else {
            Log.write(.warning, "event=outside.unreadable file=\(Log.quoted(path))")
            return FenceLedger()
        }
        return ledger
    }

    /// Waits for what is being written.
    func close() { queue.sync {} }
}
