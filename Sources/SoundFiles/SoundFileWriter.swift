// SPDX-License-Identifier: Apache-2.0

import CSndFile
import Glibc

/// What a sound file is written as; the raw value is the ending of its name.
package enum SoundFileFormat: String, Sendable, Hashable, CaseIterable {
    case wav, mp3, flac, ogg

    /// libsndfile's number: 16 bits where samples are kept as they are, Vorbis in Ogg.
    fileprivate var code: Int32 {
        switch self {
        case .wav: Int32(SF_FORMAT_WAV) | Int32(SF_FORMAT_PCM_16)
        case .flac: Int32(SF_FORMAT_FLAC) | Int32(SF_FORMAT_PCM_16)
        case .ogg: Int32(SF_FORMAT_OGG) | Int32(SF_FORMAT_VORBIS)
        case .mp3: Int32(SF_FORMAT_MPEG) | Int32(SF_FORMAT_MPEG_LAYER_III)
        }
    }

    package var contentType: String {
        switch self {
        case .wav: "audio/wav"
        case .mp3: "audio/mpeg"
        case .flac: "audio/flac"
        case .ogg: "audio/ogg"
        }
    }
}

/// Why a sound file can not be read or written, for a person.
package struct SoundFileError: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String

    package var isTooLong = false

    package init(_ description: String) { self.description = description }

    static func tooLong(_ seconds: Int) -> SoundFileError {
        var error = SoundFileError("it goes on for more than \(seconds / 60) minutes")
        error.isTooLong = true
        return error
    }
}

/// A sound file that is being written. One thread at a time; may wait for the disk.
package final class SoundFileWriter {
    private var file: OpaquePointer?
    package let channels: Int
    package let sampleRate: Int
    /// Samples of each channel so far.
    package private(set) var frames = 0

    /// Takes over the descriptor, which is empty and open for reading and writing; it is closed in every case.
    package init(
        descriptor: Int32, format: SoundFileFormat, sampleRate: Int, channels: Int
    ) throws(SoundFileError) {
        self.channels = channels
        self.sampleRate = sampleRate
        var info = SF_INFO()
        info.samplerate = Int32(clamping: sampleRate)
        info.channels = Int32(clamping: channels)
        info.format = format.code
        guard sf_format_check(&info) != 0 else {
            close(descriptor)
            throw SoundFileError("\(format.rawValue) at \(sampleRate) Hz can not be written by this libsndfile")
        }
        // Closes the descriptor by itself when it fails.
        guard let opened = sf_open_fd(descriptor, Int32(SFM_WRITE), &info, 1) else {
            throw SoundFileError(String(cString: sf_strerror(nil)))
        }
        file = opened
        // Whatever happens to this process, what is written can be played. (Ogg would get a header in the midst of it.)
        if format == .wav { sf_command(opened, Int32(SFC_SET_UPDATE_HEADER_AUTO), nil, 1) }
    }

    deinit { if let file { sf_close(file) } }

    /// Interleaved samples; `count` of each channel. Throws when not all of them found room.
    package func write(_ samples: UnsafePointer<Int16>, count: Int) throws(SoundFileError) {
        guard let file, count > 0 else { return }
        errno = 0
        let written = sf_writef_short(file, samples, sf_count_t(count))
        frames += max(0, Int(written))
        guard Int(written) == count else {
            let reason = errno == 0 ? String(cString: sf_strerror(file)) : String(cString: strerror(errno))
            throw SoundFileError(reason)
        }
    }

    /// Completes the file.
    package func finish() throws(SoundFileError) {
        guard let file else { return }
        self.file = nil
        guard sf_close(file) == 0 else { throw SoundFileError("the end of the file could not be written") }
    }
}
