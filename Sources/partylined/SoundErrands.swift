// SPDX-License-Identifier: Apache-2.0

import Media
import Telephony
import WebFetch

/// Gets sounds over the same fence as scripts get theirs.
struct SoundErrands: SoundFetcher {
    let web: WebFetcher

    init(_ web: WebFetcher) { self.web = web }

    func fetch(_ sound: SoundRequest, etag: String?, modified: String?, mostBytes: Int) async throws -> FetchedSound {
        var request = WebRequest(url: sound.url)
        request.method = sound.method
        request.body = Array(sound.body.utf8)
        request.seconds = 20
        request.mostBytes = mostBytes
        var headers = sound.headers.map { (name: $0.name, value: $0.value) }
        if let etag { headers.append((name: "If-None-Match", value: etag)) }
        if let modified { headers.append((name: "If-Modified-Since", value: modified)) }
        request.headers = headers
        let answer = try await web.fetch(request)
        return FetchedSound(
            status: answer.status, bytes: answer.body, etag: answer.header("etag"),
            modified: answer.header("last-modified"), cacheControl: answer.header("cache-control"))
    }
}
