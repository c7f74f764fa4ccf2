// SPDX-License-Identifier: Apache-2.0

/// Why a sound cannot be played. The description is for a person and says what to do.
package enum PromptError: Error, Sendable, Hashable, CustomStringConvertible {
    case notFound(path: String)
    case outsideFolder(path: String)
    case unreadable(path: String, reason: String)
    case tooLarge(path: String, bytes: Int, most: Int)
    case notAWAVFile(path: String, WAVError)
    case notDecoded(path: String, String)
    case notFetched(url: String, String)
    case emptyText
    case textTooLong(characters: Int, most: Int)
    case badVoice(String)
    case noSpeechCommand
    case speechCommandMissing(String)
    case speechCommandFailed(String, reason: String)
    case speechTooSlow(String, seconds: Double)
    case tooBusy(waiting: Int)
    case noTones
    case tonesTooLong(seconds: Int, most: Int)

    package var description: String {
        switch self {
        case .notFound(let path): "\(path): no such file; put it into the folder of prompts"
        case .outsideFolder(let path): "\(path) leads out of the folder of prompts; name a file inside it"
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .tooLarge(let path, let bytes, let most):
            "\(path) has \(bytes) bytes; shorten it to \(most) or fewer"
        case .notAWAVFile(let path, let error): "\(path): \(error)"
        case .notDecoded(let path, let reason):
            "\(path) can not be played: \(reason); use wav, mp3, flac, or ogg with Vorbis, Opus or Speex"
        case .notFetched(let url, let reason): "\(url.prefix(200)) can not be fetched: \(reason)"
        case .emptyText: "there is nothing to say; give a text"
        case .textTooLong(let characters, let most):
            "the text has \(characters) characters; split it into pieces of at most \(most)"
        case .badVoice(let voice):
            "\"\(voice.prefix(40))\" is no name of a voice; use letters, digits, '-', '+', '_', '.', '/'"
        case .noSpeechCommand: "no speech command is set; set speech.command"
        case .speechCommandMissing(let program): "\(program) is not to be found; install it or change speech.command"
        case .speechCommandFailed(let program, let reason): "\(program) failed: \(reason)"
        case .speechTooSlow(let program, let seconds):
            "\(program) was not ready after \(seconds) s and was ended; shorten the text or change speech.command"
        case .tooBusy(let waiting): "\(waiting) texts wait to be spoken already; try again later"
        case .noTones: "there is no tone in it; give at least one segment"
        case .tonesTooLong(let seconds, let most):
            "\(seconds) s of tones are too long; use at most \(most) s and repeat them"
        }
    }
}
