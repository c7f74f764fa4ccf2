// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Telephony

/// The one tone that a station hears from us, in a mix of its own. May be called from any thread: the exchange's thread
/// must be able to end a ringback tone in the very call that gives the port something else to hear, so that no late order
/// of ours takes the port away from it again.
final class StationTones: Sendable {
    private struct Playing {
        var mix: MixID
        var player: PlayerID
    }

    private let media: any MediaControl
    private let playing = Mutex<Playing?>(nil)

    init(media: any MediaControl) { self.media = media }

    /// Replaces what is being heard.
    func play(_ segments: [ToneSegment], on port: PortID) { play(.tones(segments, repeats: true), on: port) }

    func play(_ sound: Sound, on port: PortID) {
        playing.withLock { playing in
            Self.stop(&playing, media)
            guard let mix = media.openMix() else { return }
            guard let player = media.play(sound, loop: false, delayMilliseconds: 0) else {
                return media.closeMix(mix)
            }
            media.add(.player(player), to: mix)
            media.listen(port, to: mix)
            playing = Playing(mix: mix, player: player)
        }
    }

    /// The port hears nothing of us any more; what else it has been given to hear stays.
    func stop() {
        playing.withLock { playing in Self.stop(&playing, media) }
    }

    private static func stop(_ playing: inout Playing?, _ media: any MediaControl) {
        guard let old = playing else { return }
        media.stop(old.player)
        media.closeMix(old.mix)
        playing = nil
    }
}
