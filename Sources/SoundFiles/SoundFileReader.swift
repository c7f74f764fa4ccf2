// SPDX-License-Identifier: Apache-2.0

import CSndFile
import CSpeexFile

/// Decodes a sound file of unknown origin into mono samples. Only for processes of their own: see partyline-decode.
package enum SoundFileReader {
    /// Hands out pieces of mono samples; `begin` gets the rate once, before the first. Throws when it goes on for more than
    /// `mostSeconds`.
    package static func decode(
        _ path: String, mostSeconds: Int, begin: (Int) throws -> Void, take: ([Int16]) throws -> Void
    ) throws {
        if partyline_is_speex(path) == 1 {
            return try decodeSpeex(path, mostSeconds: mostSeconds, begin: begin, take: take)
        }
        var info = SF_INFO()
        guard let file = sf_open(path, Int32(SFM_READ), &info) else {
            throw SoundFileError("it is no sound file that is known here: \(String(cString: sf_strerror(nil)))")
        }
        defer { sf_close(file) }
        let channels = Int(info.channels)
        let rate = Int(info.samplerate)
        guard (1...16).contains(channels), (4000...192_000).contains(rate) else {
            throw SoundFileError("\(channels) channels at \(rate) Hz are not taken")
        }
        try begin(rate)
        // Loud MP3 and Vorbis files go beyond full scale.
        sf_command(file, Int32(SFC_SET_CLIPPING), nil, 1)
        let most = 4096
        var buffer = [Int16](repeating: 0, count: most * channels)
        var rest = mostSeconds * rate
        while true {
            let count = Int(sf_readf_short(file, &buffer, sf_count_t(most)))
            guard count > 0, count <= most else { break }
            rest -= count
            guard rest >= 0 else { throw SoundFileError.tooLong(mostSeconds) }
            try take(
                (0..<count).map { frame in
                    let sum = (0..<channels).reduce(0) { $0 + Int(buffer[frame * channels + $1]) }
                    return Int16(clamping: sum / channels)
                })
        }
    }

    private static func decodeSpeex(
        _ path: String, mostSeconds: Int, begin: (Int) throws -> Void, take: ([Int16]) throws -> Void
    ) throws {
        var rate: Int32 = 0
        guard let file = partyline_speex_open(path, &rate) else { throw SoundFileError("its Speex header is broken") }
        defer { partyline_speex_close(file) }
        try begin(Int(rate))
        var buffer = [Int16](repeating: 0, count: Int(PARTYLINE_SPEEX_MOST))
        var rest = mostSeconds * Int(rate)
        while true {
            let count = Int(partyline_speex_read(file, &buffer))
            guard count > 0, count <= buffer.count else { break }
            rest -= count
            guard rest >= 0 else { throw SoundFileError.tooLong(mostSeconds) }
            try take(Array(buffer[0..<count]))
        }
    }
}
