// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Telephony

/// A sound that was prepared to see whether it can be, for whoever plays it within some seconds. Frees it when nobody does.
final class SoundAhead: Sendable {
    /// The file may be another one later.
    static let lasts = Duration.seconds(5)

    let sound: Sound
    private let playable: PlayableSound
    private let isTaken = Atomic(false)

    init(_ sound: Sound, _ playable: PlayableSound) {
        self.sound = sound
        self.playable = playable
    }

    deinit { if !isTaken.load(ordering: .relaxed) { playable.samples.deallocate() } }

    /// Nil the second time. Its samples are the receiver's from then on.
    func take() -> PlayableSound? {
        isTaken.exchange(true, ordering: .relaxed) ? nil : playable
    }
}
