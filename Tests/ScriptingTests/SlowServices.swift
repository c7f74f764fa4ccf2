// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Telephony

/// Web and storage that answer when the test says so.
final class SlowServices: ScriptServices {
    private let open = Mutex<[@Sendable () -> Void]>([])

    var waiting: Int { open.withLock { $0.count } }

    func perform(
        _ request: ServiceRequest, of session: SessionID, reply: @escaping @Sendable (ServiceReply) -> Void
    ) {
        open.withLock { open in
            open.append {
                guard case .http(let id, _) = request else { return }
                var response = ScriptHTTPResponse()
                response.code = 200
                response.body = "late"
                reply(.http(id: id, response))
            }
        }
    }

    func ended(_ session: SessionID) {}

    func answer() {
        let all = open.withLock { open in
            defer { open = [] }
            return open
        }
        for reply in all { reply() }
    }
}
