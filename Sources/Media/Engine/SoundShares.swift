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
        var held = sessions[session] ?? [:]
        for part in parts {
            guard let one = held[part] else { continue }
            held[part] = one.uses > 1 ? Held(bytes: one.bytes, uses: one.uses - 1) : nil
        }
        sessions[session] = held.isEmpty ? nil : held
    }
}
