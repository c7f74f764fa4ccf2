// SPDX-License-Identifier: Apache-2.0

/// A sound that is asked for over http by more than its address: createURLPlayer of {url, method, headers, body}.
package struct SoundRequest: Sendable, Hashable, Codable {
    /// Capital letters.
    package var method: String
    package var url: String
    package var headers: [HeaderField]
    package var body: String

    package init(method: String = "GET", url: String, headers: [HeaderField] = [], body: String = "") {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Whether a copy may be kept and heard again (RFC 9110 section 9.2.3): what is asked by another method, or with a body, is
    /// an answer to that one question.
    package var isKept: Bool { method == "GET" && body.isEmpty }
}
