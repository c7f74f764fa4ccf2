// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
package import Telephony

/// The HTTP API of a running exchange on a Unix socket, as the command line uses it. One event loop thread of its
/// own; all answers come from the `ControlDesk`. Whoever may open the socket may do everything, so its mode is the
/// fence.
package struct WebServer: Sendable {
    private let desk: any ControlDesk
    private let socket: ControlSocket
    private let recordings: FileShelf
    private let history: @Sendable (Int) async -> [CallRecord]
    private let logger: Logger

    /// - Parameters:
    ///   - socketPath: STATE/control.sock.
    ///   - recordings: the folder whose files are given out; empty: none.
    ///   - history: the newest call records, so many.
    package init(
        desk: any ControlDesk, socketPath: String, recordings: String = "",
        history: @escaping @Sendable (Int) async -> [CallRecord] = { _ in [] }, logger: Logger
    ) {
        self.history = history
        self.desk = desk
        self.recordings = FileShelf(folder: recordings)
        self.socket = ControlSocket(path: socketPath)
        self.logger = logger
    }

    /// Serves until its task is cancelled; then it closes all connections, removes the socket and returns.
    /// - Parameter onReady: called once the socket takes connections.
    /// - Throws: `ControlSocketFault` when the socket cannot be had.
    package func run(onReady: @escaping @Sendable () -> Void = {}) async throws {
        try socket.makeWay()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await serve(on: group, onReady)
            try? await group.shutdownGracefully()
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func serve(on group: MultiThreadedEventLoopGroup, _ onReady: @escaping @Sendable () -> Void) async throws {
        let ending = EndingLog.Ending()
        var quiet = Logger(label: logger.label) { _ in EndingLog(logger.handler, ending: ending) }
        // The library tells of each start and request; what concerns this house it tells at "warning" and above.
        quiet.logLevel = max(logger.logLevel, .warning)
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 64)
        let application = Application(
            responder: ControlResponder(
                desk: desk, streams: EventStreamCount(maximum: 32), recordings: recordings,
                history: history),
            server: .http1(configuration: .init(idleTimeout: .seconds(30), httpDecoderConfiguration: decoder)),
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: socket.path), serverName: nil, backlog: 32,
                availableConnectionsDelegate: MaximumAvailableConnections(64)),
            onServerRunning: { [socket, logger] _ in
                do {
                    try socket.open()
                    onReady()
                } catch {
                    logger.error("\(error)")
                }
            },
            eventLoopGroupProvider: .shared(group),
            logger: quiet)
        defer { socket.remove() }
        do {
            try await withTaskCancellationHandler {
                try await application.run()
            } onCancel: {
                ending.begin()
            }
        } catch  where Task.isCancelled {
            // That is how it ends.
        } catch let failure as IOError {
            throw ControlSocketFault.cannotListen(socket.path, errno: failure.errnoCode)
        }
    }
}
