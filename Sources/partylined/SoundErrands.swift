// SPDX-License-Identifier: Apache-2.0

import Media
import WebFetch

/// Gets sounds over the same fence as scripts get theirs.
struct SoundErrands: SoundFetcher {
    let web: WebFetcher

    init(_ web: WebFetcher) { self.web = web }

    func fetch(_ url: String, etag: String?, modified: String?, mostBytes: Int) async throws -> FetchedSound {
        var request = WebRequest(url: url)
        request.seconds = 20
        request.mostBytes = mostBytes
        request.headers =
            (etag.map { [("If-None-Match", $0)] } ?? []) + (modified.map { [("If-Modified-Since", $0)] } ?? [])
        let answer = try await web.fetch(request)
        return FetchedSound(
            status: answer.status, bytes: answer.body, etag: answer.header("etag"),
            modified: answer.header("last-modified"), cacheControl: answer.header("cache-control"))
    }
}
