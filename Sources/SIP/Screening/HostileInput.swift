// SPDX-License-Identifier: Apache-2.0

import CSofia
package import SDP
import Telephony

/// Everything in this room that reads bytes of strangers, one door each, for the fuzzer. Whatever comes in, these return.
package enum HostileInput {
    /// The library's parser, and our reading of what it made.
    package static func library(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBufferPointer { csofia_try($0.baseAddress, $0.count) }
    }

    /// The screen, and the answer to what it refuses. What passes goes on to the library, as in the exchange.
    package static func screen(_ bytes: [UInt8], from source: IPAddress) {
        let message = RawMessage(bytes)
        for isDatagram in [true, false] {
            switch SIPScreen.judge(message, isDatagram: isDatagram) {
            case .drop: continue
            case .pass: library(bytes)
            case .refuse(let refusal):
                let answer = refusal.response(to: message, source: source, port: 5060, tag: "1")
                _ = StatelessAnswer.returnPort(of: message, source: 5060)
                // No header of ours is started by what came from outside.
                precondition(!answer.starts(with: [0x0D]))
            }
        }
    }

    package static func digest(_ text: String) {
        if let challenge = DigestChallenge(text) {
            _ = DigestChallenge(challenge.text)
            _ = challenge.answer(username: text, password: text, method: text, uri: text, count: 1, clientNonce: text)
        }
        guard let credentials = DigestCredentials(text) else { return }
        _ = credentials.isRight(DigestSecret(password: "a", username: "b", realm: "c"), method: "INVITE")
        if let address = IPAddress("192.0.2.1") {
            _ = StatelessNonce(key: [1]).check(credentials.nonce, from: address, at: 0)
        }
    }

    package static func addresses(_ text: String) {
        if let uri = SIPURI(text) { _ = SIPURI.escaped(uri.user) }
        _ = NameAddress(text)
        _ = NameAddress.list(text)
        _ = SIPText.unescaped(text, most: 128)
        _ = SIPText.displayName(text, most: 128)
        _ = SIPText.logWord(text, most: 64)
        _ = SIPText.headerLines([HeaderField(text, text)])
        _ = IPAddress(text)
        _ = SIPCore.replaces(in: text)
    }

    /// A name server's answer, read as one to each question that is asked.
    package static func names(_ bytes: [UInt8]) {
        for isOn in [false, true] {
            _ = SystemNames.services(in: bytes, isPointer: isOn)
            _ = SystemNames.addresses(in: bytes, isIPv6: isOn)
        }
    }

    /// An answer of a STUN server, to the question that it says it answers and to another one.
    package static func stun(_ bytes: [UInt8]) {
        let own = bytes.count >= 20 ? Array(bytes[8..<20]) : []
        if let found = STUNMessage.mappedAddress(in: bytes, transaction: own) { _ = IPAddress(found.description) }
        _ = STUNMessage.mappedAddress(in: bytes, transaction: [UInt8](repeating: 0, count: 12))
    }

    /// - Parameter bytes: a content type up to the first zero, then the body.
    package static func body(_ bytes: [UInt8]) {
        let type = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        let body = Array(bytes.drop { $0 != 0 }.dropFirst())
        _ = MessageBody.description(type: type, encoding: "", body: body)
        _ = MessageBody.digit(type: type, body: body)
    }
}
