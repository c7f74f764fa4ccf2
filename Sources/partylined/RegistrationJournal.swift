// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import SIP
import Synchronization

/// Where the phones are registered, kept over a restart: STATE/registrations.json. Written by a queue of its own, at most
/// every second, by way of a second file, so that a power cut leaves the old or the new one.
final class RegistrationJournal: Sendable {
    private let path: String
    private let queue = DispatchQueue(label: "registrations", qos: .utility)
    private let waiting = Mutex<[String: [Binding]]?>(nil)
    private let now: @Sendable () -> Int64

    private static let mostBytes = 4 << 20

    /// - Parameter now: milliseconds of the clock by which bindings expire.
    init(state: String, now: @escaping @Sendable () -> Int64) {
        path = state + "/registrations.json"
        self.now = now
    }

    /// Returns at once.
    func keep(_ bindings: [String: [Binding]]) {
        let isFirst = waiting.withLock { waiting in
            defer { waiting = bindings }
            return waiting == nil
        }
        if isFirst { queue.asyncAfter(deadline: .now() + 1) { self.write() } }
    }

    /// Writes what still waits.
    func close() { queue.sync { write() } }

    private func write() {
        guard
            let bindings = waiting.withLock({ waiting in
                defer { waiting = nil }
                return waiting
            })
        else { return }
        let shift = Int64(Date().timeIntervalSince1970 * 1_000) - now()
        do {
            let data = try JSONEncoder().encode(bindings.mapValues { $0.map { moved($0, by: shift) } })
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            Log.write(.warning, "event=registrations.not-kept reason=\(Log.quoted(error.localizedDescription))")
        }
    }

    /// What was kept and still holds. A phone that came by TCP or TLS has lost its connection and comes again by itself.
    func read() -> [String: [Binding]] {
        guard let data = FileManager.default.contents(atPath: path), data.count <= Self.mostBytes,
            let kept = try? JSONDecoder().decode([String: [Binding]].self, from: data)
        else { return [:] }
        let shift = now() - Int64(Date().timeIntervalSince1970 * 1_000)
        let time = now()
        return kept.mapValues { bindings in
            bindings.filter { $0.transport == "udp" }.map { moved($0, by: shift) }
                .filter { $0.expires > time && $0.expires < time + 86_400_000 }
        }
    }

    private func moved(_ binding: Binding, by shift: Int64) -> Binding {
        var moved = binding
        moved.expires = binding.expires.addingReportingOverflow(shift).partialValue
        moved.since = binding.since.addingReportingOverflow(shift).partialValue
        return moved
    }
}
