// SPDX-License-Identifier: Apache-2.0
import Telephony

/// What the players of each session hold of samples; a sound that several of them play counts once. Under the engine's lock.
struct SoundShares {
    /// A session's part: half of what all have, so one alone can not take everything.
    static let mostBytes = 64 << 20

    private struct Held {
        var bytes: Int
        var uses: Int
    }
    private var sessions: [SessionID: [ObjectIdentifier: Held]] = [:]

    func bytes(of session: SessionID) -> Int { sessions[session]?.values.reduce(0) { $0 + $1.bytes } ?? 0 }

    /// All of them, or none; false: it would be too much. They live until `give`.
    mutating func take(_ parts: [SoundSamples], for session: SessionID) -> Bool {
        var held = sessions[session] ?? [:]
        for part in parts { held[ObjectIdentifier(part), default: Held(bytes: part.bytes, uses: 0)].uses += 1 }
        guard held.values.reduce(0, { $0 + $1.bytes }) <= Self.mostBytes else { return false }
        if !held.isEmpty { sessions[session] = held }
        return true
    }

    mutating func give(_ parts: [ObjectIdentifier], of session: SessionID) {
        for part in parts {
            guard let uses = sessions[session]?[part]?.uses else { continue }
            sessions[session]?[part] =
                uses > 1 ? Held(bytes: sessions[session]?[part]?.bytes ?? 0, uses: uses - 1) : nil
        }
        if sessions[session]?.isEmpty == true { sessions[session] = nil }
    }
}
