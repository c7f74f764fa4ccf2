// SPDX-License-Identifier: Apache-2.0

/// The sounds that were used last, up to a number of bytes.
struct SoundMemory {
    private let mostBytes: Int
    private var sounds: [String: (audio: WAVAudio, used: UInt64)] = [:]
    private var bytes = 0
    private var clock: UInt64 = 0

    init(mostBytes: Int) { self.mostBytes = mostBytes }

    mutating func find(_ key: String) -> WAVAudio? {
        guard let found = sounds[key] else { return nil }
        clock += 1
        sounds[key]?.used = clock
        return found.audio
    }

    mutating func keep(_ audio: WAVAudio, key: String) {
        drop(key)
        let size = audio.samples.count * 2
        guard size <= mostBytes / 2 else { return }
        clock += 1
        sounds[key] = (audio, clock)
        bytes += size
        while bytes > mostBytes, let oldest = sounds.min(by: { $0.value.used < $1.value.used })?.key { drop(oldest) }
    }

    private mutating func drop(_ key: String) {
        if let gone = sounds.removeValue(forKey: key) { bytes -= gone.audio.samples.count * 2 }
    }
}
