// SPDX-License-Identifier: Apache-2.0

import SDP

/// The dialogs by token, and which there are with each address: asked for every datagram of a flood, so nothing is searched.
struct DialogTable {
    private var byToken: [UInt64: SIPDialog] = [:]
    /// With whoever called us, or a trunk.
    private var known: [IPAddress: Int] = [:]
    /// Tokens of those with whom we call.
    private var called: [IPAddress: Set<UInt64>] = [:]
    /// How many have that Call-ID.
    private var callIDs: [String: Int] = [:]

    var count: Int { byToken.count }
    var isEmpty: Bool { byToken.isEmpty }
    var values: Dictionary<UInt64, SIPDialog>.Values { byToken.values }

    subscript(token: UInt64) -> SIPDialog? { byToken[token] }

    /// Its trunk is known by now.
    mutating func insert(_ dialog: SIPDialog) {
        remove(dialog.token)
        byToken[dialog.token] = dialog
        if !dialog.callID.isEmpty { callIDs[dialog.callID, default: 0] += 1 }
        guard let source = dialog.source else { return }
        if dialog.isOfKnown { known[source, default: 0] += 1 }
        if !dialog.isIncoming { called[source, default: []].insert(dialog.token) }
    }

    mutating func remove(_ token: UInt64) {
        guard let dialog = byToken.removeValue(forKey: token) else { return }
        if !dialog.callID.isEmpty { Self.lower(&callIDs, dialog.callID) }
        guard let source = dialog.source else { return }
        if dialog.isOfKnown { Self.lower(&known, source) }
        if !dialog.isIncoming {
            called[source]?.remove(token)
            if called[source]?.isEmpty == true { called[source] = nil }
        }
    }

    /// Somebody there is in a call to us, or it is a trunk's call.
    func hasKnown(at source: IPAddress) -> Bool { known[source] != nil }
    /// We call somebody there.
    func hasCalled(_ source: IPAddress) -> Bool { called[source] != nil }
    /// Our calls to there.
    func calls(to source: IPAddress) -> [SIPDialog] { (called[source] ?? []).compactMap { byToken[$0] } }

    func has(callID: String) -> Bool { callIDs[callID] != nil }

    /// Of a call out, once the far end was heard.
    mutating func name(_ dialog: SIPDialog, _ callID: String) {
        guard dialog.callID != callID else { return }
        if byToken[dialog.token] != nil {
            if !dialog.callID.isEmpty { Self.lower(&callIDs, dialog.callID) }
            if !callID.isEmpty { callIDs[callID, default: 0] += 1 }
        }
        dialog.callID = callID
    }

    private static func lower<Key>(_ counts: inout [Key: Int], _ key: Key) {
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }
}

extension SIPDialog {
    /// Whoever calls us has shown that he may; whom we call has shown nothing.
    fileprivate var isOfKnown: Bool { isIncoming || trunk != nil }
}
