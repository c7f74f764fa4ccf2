// SPDX-License-Identifier: Apache-2.0

/// What a script asks of the box beside telephony. It goes around the exchange: the worker's host hands it to the services and
/// the reply back to the session, so a slow web server holds up nobody's call. `id` is the script's own number for it.
package enum ServiceRequest: Sendable, Hashable, Codable {
    case http(id: UInt32, ScriptHTTPRequest)
    /// The script's storage, one for all scripts of the box. Values are strings; `ttlSeconds` 0: for ever.
    case storageGet(id: UInt32, key: String)
    case storagePut(id: UInt32, key: String, value: String, ttlSeconds: Int)
    case storageRemove(id: UInt32, key: String)
    case storageKeys(id: UInt32)
}

package enum ServiceReply: Sendable, Hashable, Codable {
    case http(id: UInt32, ScriptHTTPResponse)
    /// Of get, put and remove: the value (of put: the new one; of remove: what it was), nil when there is none.
    case storageValue(id: UInt32, StoredValue?)
    case storageKeys(id: UInt32, [String])
    case storageFailed(id: UInt32, String)
}

package struct StoredValue: Sendable, Hashable, Codable {
    package var key: String
    package var value: String
    /// Seconds since 1970 at which it goes; nil: never.
    package var expires: Double?

    package init(key: String, value: String, expires: Double?) {
        self.key = key
        self.value = value
        self.expires = expires
    }
}

package struct ScriptHTTPRequest: Sendable, Hashable, Codable {
    package var method = "GET"
    package var url: String
    package var headers: [HeaderField] = []
    /// Text, or bytes in base 64.
    package var body = ""
    package var isBodyBase64 = false
    /// Of the whole, and until the connection stands; at most 90 each.
    package var timeoutSeconds = 90.0
    package var connectionTimeoutSeconds = 6.0
    /// The answer as bytes (base 64 in `body`), not as text.
    package var wantsBytes = false

    package init(url: String) { self.url = url }
}

package struct ScriptHTTPResponse: Sendable, Hashable, Codable {
    /// The HTTP status, or below 100 when there was no answer, then with `error`: 0 refused by the settings, 1 malformed address, 2 address not found,
    /// 3 no connection, 4 no valid certificate, 6 no answer in time, 7 answer too large, 8 other.
    package var code = 0
    package var headers: [HeaderField] = []
    package var body = ""
    package var isBodyBase64 = false
    package var error: String?

    package init() {}
}

/// Serves scripts. Methods return at once; `reply` is called once, from any thread.
package protocol ScriptServices: Sendable {
    func perform(
        _ request: ServiceRequest, of session: SessionID, reply: @escaping @Sendable (ServiceReply) -> Void)
    /// What the session still waits for is of no use any more.
    func ended(_ session: SessionID)
}

/// A box without web and storage: every request is refused with a reason.
package struct NoScriptServices: ScriptServices {
    package init() {}

    package func perform(
        _ request: ServiceRequest, of session: SessionID, reply: @escaping @Sendable (ServiceReply) -> Void
    ) {
        let reason = "this box has no storage and no web access for scripts"
        switch request {
        case .http(let id, _):
            var response = ScriptHTTPResponse()
            response.error = reason
            reply(.http(id: id, response))
        case .storageGet(let id, _), .storagePut(let id, _, _, _), .storageRemove(let id, _), .storageKeys(let id):
            reply(.storageFailed(id: id, reason))
        }
    }

    package func ended(_ session: SessionID) {}
}
