// SPDX-License-Identifier: Apache-2.0

import CSofia
import SDP
import Telephony

/// An event of the library as a value of ours. The handle is good until `forget`.
struct SIPEvent {
    var kind: csofia_kind
    var call: OpaquePointer?
    var token: UInt64
    var status: Int
    var method: String
    var listener: Int32
    var source: IPAddress?
    var sourcePort: UInt16
    var transport: String
    var requestURI: String
    var requestUser: String
    var fromURI: String
    var fromUser: String
    var fromDisplay: String
    var toURI: String
    var contentType: String
    var contentEncoding: String
    var body: [UInt8]
    var headers: [HeaderField]
    var hasTooManyHeaders: Bool
    var peerTakesUpdate: Bool
    var callID: String
    /// As it stands in the header; empty where there is no challenge.
    var realm: String
    var hasReplaces: Bool
    var replacesToken: UInt64
    var referEvent: String

    init(_ event: csofia_event) {
        func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
        kind = event.kind
        call = event.call
        token = event.token
        status = Int(event.status)
        method = text(event.method)
        listener = event.listener
        source = IPAddress(text(event.source_address))?.unmapped
        sourcePort = event.source_port
        transport = text(event.transport)
        requestURI = text(event.request_uri)
        requestUser = text(event.request_user)
        fromURI = text(event.from_uri)
        fromUser = text(event.from_user)
        fromDisplay = text(event.from_display)
        toURI = text(event.to_uri)
        contentType = text(event.content_type)
        contentEncoding = text(event.content_encoding)
        body =
            event.body.map { start in
                start.withMemoryRebound(to: UInt8.self, capacity: event.body_length) {
                    Array(UnsafeBufferPointer(start: $0, count: event.body_length))
                }
            } ?? []
        headers = UnsafeBufferPointer(start: event.headers, count: event.header_count).map {
            HeaderField(text($0.name), text($0.value))
        }
        hasTooManyHeaders = event.too_many_headers
        peerTakesUpdate = event.peer_takes_update
        callID = text(event.call_id)
        realm = text(event.realm)
        hasReplaces = event.has_replaces
        replacesToken = event.replaces_token
        referEvent = text(event.refer_event)
    }

    /// "192.0.2.7:5060" or "[2001:db8::1]:5060"
    var peer: String {
        guard let source else { return "unknown" }
        return source.family == .ipv6 ? "[\(source)]:\(sourcePort)" : "\(source):\(sourcePort)"
    }

    func value(of name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }

    /// Of the From or To header ("from", "to"); empty where it has none.
    func tag(_ name: String) -> String { value(of: name).flatMap { NameAddress($0) }?.parameters["tag"] ?? "" }
}
