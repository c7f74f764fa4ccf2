// SPDX-License-Identifier: Apache-2.0

/// A port of the media engine: what one leg sends to us and hears from us. The generation makes a late command harmless.
package struct PortID: Hashable, Sendable, BitwiseCopyable {
    package let slot: UInt32
    package let generation: UInt32

    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// A mix of the media engine: some sources that are heard together, each listener without its own voice.
package struct MixID: Hashable, Sendable, BitwiseCopyable {
    package let slot: UInt32
    package let generation: UInt32

    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// A player of the media engine: one prompt, speech or tone that is being heard, or is about to be.
package struct PlayerID: Hashable, Sendable, BitwiseCopyable {
    package let slot: UInt32
    package let generation: UInt32

    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// One leg of an adapter: a SIP dialog, a line that is in use, a browser. Never used again within a run.
package struct LegID: Hashable, Sendable {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }
}

/// A scenario session. Never used again within a run.
package struct SessionID: Hashable, Sendable, Codable, CustomStringConvertible {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    package var description: String { "s\(number)" }
}

/// What a script can connect within its session: a call, a player, a conference.
/// The daemon numbers incoming calls upwards from 1; the scenario worker numbers what scripts create downwards from -1,
/// so neither ever waits for the other.
package struct UnitID: Hashable, Sendable, Codable, CustomStringConvertible {
    package let number: Int32

    package init(_ number: Int32) { self.number = number }

    package var description: String { "u\(number)" }
}

/// A header of a call (SIP header, or its like on another leg); the name keeps the case in which it came.
package struct HeaderField: Hashable, Sendable, Codable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
