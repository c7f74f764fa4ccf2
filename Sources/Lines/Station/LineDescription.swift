// SPDX-License-Identifier: Apache-2.0

/// A line as the settings describe it. Nil: as the preset has it.
package struct LineDescription: Sendable, Hashable {
    package var name: String
    package var preset: String
    package var pcm: String
    package var ctl: String
    package var `extension`: String?
    package var sampleRate: Int?
    package var periodMilliseconds: Double?
    /// Dialled by lifting (hot line).
    package var route: String?
    /// Lines with the same word do not hear each other.
    package var sameRoom: String?
    package var offHookControl: String?
    package var ringControl: String?

    package init(name: String, preset: String, pcm: String, ctl: String) {
        self.name = name
        self.preset = preset
        self.pcm = pcm
        self.ctl = ctl
    }
}
