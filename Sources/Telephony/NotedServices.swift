// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a script asked of the web or the storage and was told, as far as a recording keeps it: without the script's own headers,
/// in which passwords stand.
package struct NotedAnswer: Sendable, Hashable, Codable {
    /// Its number is 0.
    package var request: ServiceRequest
    /// Its number is 0.
    package var reply: ServiceReply
    /// It was longer than this.
    package var isCut: Bool?

    /// Of one text, in bytes.
    static let mostText = 16 << 10

    package init(_ request: ServiceRequest, _ reply: ServiceReply) {
        self.request = Self.plain(request)
        self.reply = reply.numbered(0)
        switch self.reply {
        case .http(let id, var response) where response.body.utf8.count > Self.mostText:
            response.body =
                response.isBodyBase64 ? "" : String(decoding: response.body.utf8.prefix(Self.mostText), as: UTF8.self)
            self.reply = .http(id: id, response)
            isCut = true
        case .storageValue(let id, var value?) where value.value.utf8.count > Self.mostText:
            value.value = String(decoding: value.value.utf8.prefix(Self.mostText), as: UTF8.self)
            self.reply = .storageValue(id: id, value)
            isCut = true
        case .storageKeys(let id, let keys) where keys.reduce(0, { $0 + $1.utf8.count }) > Self.mostText:
            self.reply = .storageKeys(id: id, Array(keys.prefix(100)).map { String($0.prefix(100)) })
            isCut = true
        default: break
        }
    }

    /// By what a request is known again: what it asks for.
    package static func plain(_ request: ServiceRequest) -> ServiceRequest {
        switch request.numbered(0) {
        case .http(let id, var wish):
            wish.headers = []
            wish.body = String(decoding: wish.body.utf8.prefix(mostText), as: UTF8.self)
            return .http(id: id, wish)
        case .storagePut(let id, let key, let value, let ttl):
            let start = String(decoding: value.utf8.prefix(mostText), as: UTF8.self)
            return .storagePut(id: id, key: key, value: start, ttlSeconds: ttl)
        case let other: return other
        }
    }

    /// About so much memory it takes.
    var bytes: Int {
        let asked =
            switch request {
            case .http(_, let wish): wish.url.utf8.count + wish.body.utf8.count
            case .storagePut(_, let key, let value, _): key.utf8.count + value.utf8.count
            case .storageGet(_, let key), .storageRemove(_, let key): key.utf8.count
            case .storageKeys: 0
            }
        let told =
            switch reply {
            case .http(_, let response):
                response.headers.reduce(response.body.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
            case .storageValue(_, let value): (value?.key.utf8.count ?? 0) + (value?.value.utf8.count ?? 0)
            case .storageKeys(_, let keys): keys.reduce(0) { $0 + $1.utf8.count }
            case .storageFailed(_, let words): words.utf8.count
            }
        return asked + told
    }
}

/// The services of scripts, with every answer noted in the traces of its session before the script has it. Any thread.
package final class NotedServices: ScriptServices {
    private struct Place {
        weak var traces: SessionTraces?
    }

    private let services: any ScriptServices
    private let place = Mutex(Place())

    package init(_ services: any ScriptServices) { self.services = services }

    /// Until then nothing is noted.
    package func note(in traces: SessionTraces) { place.withLock { $0.traces = traces } }

    package func perform(
        _ request: ServiceRequest, of session: SessionID, reply: @escaping @Sendable (ServiceReply) -> Void
    ) {
        services.perform(request, of: session) { [weak self] answer in
            let traces = self?.place.withLock { $0.traces }
            traces?.answered(NotedAnswer(request, answer), to: session)
            reply(answer)
        }
    }

    package func ended(_ session: SessionID) { services.ended(session) }
}

extension ServiceRequest {
    package var id: UInt32 {
        switch self {
        case .http(let id, _), .storageGet(let id, _), .storagePut(let id, _, _, _), .storageRemove(let id, _),
            .storageKeys(let id):
            id
        }
    }

    package func numbered(_ id: UInt32) -> ServiceRequest {
        switch self {
        case .http(_, let request): .http(id: id, request)
        case .storageGet(_, let key): .storageGet(id: id, key: key)
        case .storagePut(_, let key, let value, let ttl): .storagePut(id: id, key: key, value: value, ttlSeconds: ttl)
        case .storageRemove(_, let key): .storageRemove(id: id, key: key)
        case .storageKeys: .storageKeys(id: id)
        }
    }
}

extension ServiceReply {
    package func numbered(_ id: UInt32) -> ServiceReply {
        switch self {
        case .http(_, let response): .http(id: id, response)
        case .storageValue(_, let value): .storageValue(id: id, value)
        case .storageKeys(_, let keys): .storageKeys(id: id, keys)
        case .storageFailed(_, let words): .storageFailed(id: id, words)
        }
    }
}
