// SPDX-License-Identifier: Apache-2.0

/// A recorder of the media engine: one file that is being written. The generation makes a late command harmless.
package struct RecorderID: Hashable, Sendable, BitwiseCopyable {
    package let slot: UInt32
    package let generation: UInt32

    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// What a recorder shall write.
package struct RecordingOrder: Hashable, Sendable {
    /// A wish; the box makes it safe and unique. Empty: the box names it by date and time.
    package var name = ""
    package var format = SessionRecording.Format.wav
    /// 1 or 2; of two the first is the left one.
    package var channels = 1
    /// 8000, 16000 or 48000.
    package var sampleRate = 8000
    /// 0: as the settings say.
    package var expiresAfterDays = 0

    package init() {}

    package init(_ wish: SessionRecording) {
        name = wish.name
        format = wish.format
        channels = wish.isStereo ? 2 : 1
        expiresAfterDays = wish.expiresAfterDays
        sampleRate = wish.isHighDefinition ? 16_000 : 8000
    }
}

package enum RecorderMode: Sendable, Hashable {
    case on
    /// Time goes on in silence.
    case silent
    /// Time stands still: what happens meanwhile is not in the file.
    case paused
}
