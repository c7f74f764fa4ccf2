// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Telephony

/// Web and storage of a rehearsal: pages that the plan has, and a storage that is forgotten afterwards.
struct RehearsedServices {
    let pages: [(address: String, status: Int, body: String)]
    private var values: [String: StoredValue] = [:]

    init(pages: [(address: String, status: Int, body: String)]) { self.pages = pages }

    /// The reply, and words for the transcript. `seconds`: since 1970.
    mutating func perform(_ request: ServiceRequest, seconds: Double) -> (reply: ServiceReply, words: String) {
        values = values.filter { $0.value.expires.map { $0 > seconds } ?? true }
        switch request {
        case .http(let id, let request):
            let page = pages.first { request.url.hasPrefix($0.address) }
            var response = ScriptHTTPResponse()
            if let page {
                response.code = page.status
                let body = Data(page.body.utf8)
                response.body = request.wantsBytes ? body.base64EncodedString() : page.body
                response.isBodyBase64 = request.wantsBytes
            } else {
                response.code = 3
                response.error = "a rehearsal has no web: give --page ADDRESS=TEXT"
            }
            return (.http(id: id, response), "asks \(request.method) \(request.url): \(response.code)")
        case .storageGet(let id, let key):
            return (.storageValue(id: id, values[key]), "looks up \(key): \(values[key]?.value ?? "nothing")")
        case .storagePut(let id, let key, let value, let ttl):
            let stored = StoredValue(key: key, value: value, expires: ttl > 0 ? seconds + Double(ttl) : nil)
            guard values.count < 1000 || values[key] != nil else {
                return (.storageFailed(id: id, "the storage is full"), "can not keep \(key)")
            }
            values[key] = stored
            return (.storageValue(id: id, stored), "keeps \(key) = \(value)")
        case .storageRemove(let id, let key):
            return (.storageValue(id: id, values.removeValue(forKey: key)), "removes \(key)")
        case .storageKeys(let id):
            return (.storageKeys(id: id, values.keys.sorted()), "lists the storage")
        }
    }
}
