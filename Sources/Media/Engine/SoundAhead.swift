// SPDX-License-Identifier: Apache-2.0
import Telephony

/// A sound that was prepared to see whether it can be, for whoever plays it within some seconds.
final class SoundAhead: Sendable {
    /// The file may be another one later.
    static let lasts = Duration.seconds(5)

    let sound: Sound
    let playable: PlayableSound

    init(_ sound: Sound, _ playable: PlayableSound) {
        self.sound = sound
        self.playable = playable
    }
}
