// SPDX-License-Identifier: Apache-2.0

/// Why a request to the daemon came to nothing.
package enum ControlFault: Error, Hashable, CustomStringConvertible {
    /// Nobody listens, or may be spoken to, at the socket.
    case notReachable(path: String, reason: String)
    /// This user may not. `who` may, as far as that can be seen: "root or the group partyline".
    case notAllowed(path: String, who: String)
    /// The daemon said no; with what to do, or empty.
    case refused(String, remedy: String)
    /// The connection broke off, or took too long.
    case lost(String)
    /// The answer is no HTTP, or no document of this version.
    case notUnderstood(String)

    package var description: String {
        switch self {
        case .notReachable(let path, let reason):
            "no daemon answers at \(path): \(reason); start partylined, or name its socket with --socket"
        case .notAllowed(let path, let who):
            "\(path) may not be opened by this user; be \(who) (sudo does that, or usermod -aG for good)"
        case .refused(let reason, let remedy): remedy.isEmpty ? reason : "\(reason); \(remedy)"
        case .lost(let reason): "the connection to the daemon broke off: \(reason)"
        case .notUnderstood(let reason): "the daemon's answer was not understood: \(reason)"
        }
    }
}
