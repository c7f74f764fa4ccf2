// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Logging
import Storage
import Telephony

/// Writes the call records, off every thread that may not wait.
final class CallBooks: Sendable {
    private let store: StateStore?
    private let queue = DispatchQueue(label: "call-records", qos: .utility)

    init(_ store: StateStore?) {
        self.store = store
        tidyDaily()
    }

    func add(_ record: CallRecord) {
        guard let store else { return }
        queue.async {
            do throws(StorageFault) {
                try store.add(record)
            } catch {
                Log.write(.error, "event=record.lost reason=\(Log.quoted("\(error)"))")
            }
        }
    }

    /// The newest first.
    func records(_ limit: Int) async -> [CallRecord] {
        guard let store else { return [] }
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: (try? store.records(limit: limit)) ?? []) }
        }
    }

    /// Waits until all are written.
    func finish() { queue.sync {} }

    private func tidyDaily() {
        queue.asyncAfter(deadline: .now() + 86_400) { [weak self] in
            try? self?.store?.tidy(now: Date().timeIntervalSince1970)
            self?.tidyDaily()
        }
    }
}
