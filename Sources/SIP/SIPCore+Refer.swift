// SPDX-License-Identifier: Apache-2.0
// RFC 3515 (REFER), RFC 3891 (Replaces), RFC 5589 (transfer).

import CSofia
import Logging
import Telephony

/// Transfers: what a phone asks for, and how it is told what became of it.
extension SIPCore {
    func takeRefer(_ event: SIPEvent, _ dialog: SIPDialog) {
        guard dialog.machine.state == .confirmed, !dialog.hasReleased else { return respondNow(event, 481) }
        guard let target = event.value(of: "refer-to").flatMap({ NameAddress($0) }), target.uri.utf8.count <= 1_024
        else { return respondNow(event, 400) }
        // A phone that transfers is one of the house; a provider's REFER would let the world dial with our lines.
        guard dialog.trunk == nil else { return respondNow(event, 603) }
        let parts = target.uri.split(separator: "?", maxSplits: 1)
        guard let address = parts.first.map(String.init) else { return respondNow(event, 400) }
        var request = TransferRequest(target: address, replaces: nil)
        if parts.count > 1, let replaces = Self.replaces(in: String(parts[1])) {
            guard let stack, let other = replaces.withCString({ dialogs[csofia_replaced(stack, $0)] }) else {
                return respondNow(event, 481)
            }
            request.replaces = other.leg
        }
        dialog.referEvent = event.referEvent
        respondNow(event, 202)
        tell(.transferRequested(request), from: dialog)
    }

    /// The value of the Replaces header within the headers of a URI ("Replaces=a%40b%3Bto-tag%3D1…").
    static func replaces(in headers: String) -> String? {
        for part in headers.split(separator: "&").prefix(16) {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].lowercased() == "replaces" else { continue }
            return SIPText.unescaped(String(pair[1]), most: 512)
        }
        return nil
    }

    func tellTransfer(_ status: Int, isLast: Bool, _ dialog: SIPDialog) {
        guard let call = dialog.call, !dialog.referEvent.isEmpty else { return }
        let words = [100: "Trying", 180: "Ringing", 200: "OK"][status] ?? "Failed"
        csofia_notify(call, dialog.referEvent, "SIP/2.0 \(status) \(words)\r\n", isLast)
        if isLast { dialog.referEvent = "" }
    }
}
