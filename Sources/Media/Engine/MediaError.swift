// SPDX-License-Identifier: Apache-2.0

/// Why the media engine could not do something, for a person at three in the morning.
package enum MediaError: Error, Hashable, CustomStringConvertible {
    /// The mix thread could not be started.
    case noThread(name: String, code: Int32)
    /// As many ports are open as the engine has room for.
    case full(ports: Int)
    /// No codec of the negotiation can be sent.
    case noCodec
    /// The sound could not be prepared.
    case sound(String)

    package var description: String {
        switch self {
        case .noThread(let name, let code):
            "thread \(name) could not be started (error \(code)); check the limits on threads and memory of the service"
        case .full(let ports):
            "all \(ports) media ports are in use; hang up calls or raise the number of ports"
        case .noCodec: "no codec was negotiated that the mixer can send; allow G.711 on the other side"
        case .sound(let reason): reason
        }
    }
}
