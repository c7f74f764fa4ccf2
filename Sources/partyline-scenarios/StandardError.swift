// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The worker's last resort: what cannot be told to the daemon in a message.
enum StandardError {
    static func write(_ text: String) {
        let line = "partyline-scenarios: \(text)\n"
        line.withCString { _ = Glibc.write(2, $0, strlen($0)) }
    }
}
