// SPDX-License-Identifier: Apache-2.0

import Telephony

/// Why a sound cannot be played. The description is for a person and says what to do.
package enum PromptError: Error, Sendable, Hashable, CustomStringConvertible {
    case notFound(path: String)
    case outsideFolder(path: String)
    case unreadable(path: String, reason: String)
    case tooLarge(path: String, bytes: Int, most: Int)
    case soundTooLong(name: String, mostSeconds: Int)
    case noRoom(name: String, bytes: Int, most: Int)
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

    package var description: String { obstacle.description }

    var obstacle: Obstacle {
        switch self {
        case .notFound(let path): Obstacle("\(path): no such file", remedy: "put it into the folder of prompts")
        case .outsideFolder(let path):
            Obstacle("\(path) leads out of the folder of prompts", remedy: "name a file inside it")
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .tooLarge(let path, let bytes, let most):
            Obstacle("\(path) has \(bytes) bytes", remedy: "shorten it to \(most) or fewer")
        case .soundTooLong(let name, let most):
            Obstacle("\(name) is longer than \(most / 60) minutes", remedy: "cut it into pieces, and play them in turn")
        case .noRoom(let name, let bytes, let most):
            Obstacle(
                "\(name) needs \(Self.megabytes(bytes)) MB of memory, and all sounds together have \(most >> 20)",
                remedy: "play fewer or shorter sounds at a time")
        case .notAWAVFile(let path, let error):
            Obstacle("\(path): \(error.obstacle.reason)", remedy: error.obstacle.remedy)
        case .notDecoded(let path, let reason):
            Obstacle(
                "\(path) can not be played: \(reason)",
                remedy: "use wav, mp3, flac, or ogg with Vorbis, Opus or Speex")
        case .notFetched(let url, let reason): "\(String(url.prefix(200))) can not be fetched: \(reason)"
        case .emptyText: Obstacle("there is nothing to say", remedy: "give a text")
        case .textTooLong(let characters, let most):
            Obstacle("the text has \(characters) characters", remedy: "split it into pieces of at most \(most)")
        case .badVoice(let voice):
            Obstacle(
                "\"\(voice.prefix(40))\" is no name of a voice",
                remedy: "use letters, digits, '-', '+', '_', '.', '/'")
        case .noSpeechCommand: Obstacle("no speech command is set", remedy: "set speech.command")
        case .speechCommandMissing(let program):
            Obstacle("\(program) is not to be found", remedy: "install it or change speech.command")
        case .speechCommandFailed(let program, let reason): "\(program) failed: \(reason)"
        case .speechTooSlow(let program, let seconds):
            Obstacle(
                "\(program) was not ready after \(seconds) s and was ended",
                remedy: "shorten the text or change speech.command")
        case .tooBusy(let waiting): Obstacle("\(waiting) texts wait to be spoken already", remedy: "try again later")
        case .noTones: Obstacle("there is no tone in it", remedy: "give at least one segment")
        case .tonesTooLong(let seconds, let most):
            Obstacle("\(seconds) s of tones are too long", remedy: "use at most \(most) s and repeat them")
        }
    }

    private static func megabytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
}
