// SPDX-License-Identifier: Apache-2.0
// RFC 7616 section 3.4.

import CSofia
import Glibc

/// Computes the answers to digest challenges for the library's requests.
enum DigestAnswer {
    /// Once, before the first stack. False: the library takes no scheme of ours.
    static func install() -> Bool { csofia_set_digest(answer) }

    private static let answer: csofia_answer_challenge = {
        challenge, user, password, method, uri, count, text, size in
        guard let challenge, let user, let password, let method, let uri, let text,
            let read = DigestChallenge(String(cString: challenge))
        else { return false }
        let credentials = read.answer(
            username: String(cString: user), password: String(cString: password), method: String(cString: method),
            uri: String(cString: uri), count: count, clientNonce: clientNonce())
        let bytes = Array(credentials.text.utf8)
        guard bytes.count < size else { return false }
        for (index, byte) in bytes.enumerated() { text[index] = CChar(bitPattern: byte) }
        text[bytes.count] = 0
        return true
    }

    private static func clientNonce() -> String {
        DigestAlgorithm.hex((0..<8).map { _ in UInt8.random(in: 0...255) })
    }
}
