// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Telephony

/// The addresses under which scripts are told of their recordings (`RecordStarted.url`): what a script asks of such a one comes
/// from the folder of recordings, not from the web, where "localhost" is forbidden to scripts.
struct RecordingAddress: Sendable {
    /// The file's name follows.
    let url: String
    let folder: String

    /// Nil: the request is for the web.
    func name(in wish: ScriptHTTPRequest) -> String? {
        let method = wish.method.uppercased()
        guard method.isEmpty || method == "GET" || method == "HEAD", wish.url.hasPrefix(url) else { return nil }
        return String(wish.url.dropFirst(url.count).prefix { $0 != "?" && $0 != "#" })
    }

    /// Reads the file; may wait for the disk.
    func response(_ name: String, _ wish: ScriptHTTPRequest) -> ScriptHTTPResponse {
        var response = ScriptHTTPResponse()
        guard Self.isPlain(name), let (bytes, length) = read(name) else {
            response.code = 404
            response.body = "there is no recording \(name.prefix(128))"
            return response
        }
        response.code = 200
        response.headers = [HeaderField("Content-Length", "\(length)")]
        guard wish.method.uppercased() != "HEAD" else { return response }
        guard length <= ScriptOffice.mostAnswerBytes else {
            return Self.tooLarge("has more than \(ScriptOffice.mostAnswerBytes >> 10) kB")
        }
        response.body = wish.wantsBytes ? Data(bytes).base64EncodedString() : String(decoding: bytes, as: UTF8.self)
        response.isBodyBase64 = wish.wantsBytes
        // Sound that is taken for text grows: most of it is no UTF-8, and what is comes escaped.
        return ScriptOffice.fits(response) ? response : Self.tooLarge("is too large as a text; ask for its bytes")
    }

    private static func tooLarge(_ words: String) -> ScriptHTTPResponse {
        var response = ScriptHTTPResponse()
        response.code = 7
        response.error = "the recording \(words), or fetch it with `partyline recordings`"
        return response
    }

    /// A file of the folder itself, neither hidden nor unfinished.
    private static func isPlain(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count) && name.first != "." && !name.hasSuffix(".part")
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || [45, 46, 95].contains($0)
            }
    }

    /// The file's length, and as much of it as a script may have.
    private func read(_ name: String) -> ([UInt8], length: Int)? {
        let descriptor = open(folder + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let length = Int(lseek(descriptor, 0, SEEK_END))
        guard length >= 0, lseek(descriptor, 0, SEEK_SET) == 0 else { return nil }
        // Of an empty file as well: a folder is known by its error only.
        let most = min(max(length, 1), ScriptOffice.mostAnswerBytes)
        var bytes = [UInt8](repeating: 0, count: most)
        var count = 0
        while count < most {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, most - count)
            }
            if got < 0, errno == EINTR { continue }
            // No file, a folder for instance.
            guard got >= 0 else { return nil }
            if got == 0 { break }
            count += got
        }
        // It may have become shorter meanwhile.
        return (Array(bytes[..<count]), count < min(most, length) ? count : length)
    }
}
