// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The sounds that were used last, up to a number of bytes, and those that somebody plays. Any thread.
final class SoundMemory: Sendable {
    private struct Shelf {
        var kept: [String: (sound: SoundSamples, used: UInt64)] = [:]
        var played: [String: Weak] = [:]
        var bytes = 0
        var clock: UInt64 = 0
        var tidyAt = 64

        mutating func drop(_ key: String) -> SoundSamples? {
            guard let gone = kept.removeValue(forKey: key) else { return nil }
            bytes -= gone.sound.bytes
            return gone.sound
        }

        var oldest: String? { kept.min { $0.value.used < $1.value.used }?.key }
    }

    private struct Weak {
        weak var sound: SoundSamples?
    }

    private let mostBytes: Int
    private let shelf = Mutex(Shelf())

    init(mostBytes: Int) { self.mostBytes = mostBytes }

    func find(_ key: String) -> SoundSamples? {
        shelf.withLock { shelf in
            shelf.clock += 1
            if let found = shelf.kept[key] {
                shelf.kept[key]?.used = shelf.clock
                return found.sound
            }
            return shelf.played[key]?.sound
        }
    }

    func keep(_ sound: SoundSamples, key: String) {
        shelf.withLock { shelf in
            _ = shelf.drop(key)
            shelf.played[key] = Weak(sound: sound)
            if shelf.played.count >= shelf.tidyAt {
                shelf.played = shelf.played.filter { $0.value.sound != nil }
                shelf.tidyAt = max(64, shelf.played.count * 2)
            }
            guard sound.bytes <= mostBytes / 2 else { return }
            shelf.clock += 1
            shelf.kept[key] = (sound, shelf.clock)
            shelf.bytes += sound.bytes
            while shelf.bytes > mostBytes, let oldest = shelf.oldest { _ = shelf.drop(oldest) }
        }
    }

    /// Gives up the sound that was not used for longest; false: none is kept.
    func dropOldest() -> Bool {
        shelf.withLock { shelf in
            guard let oldest = shelf.oldest else { return false }
            return shelf.drop(oldest) != nil
        }
    }
}
