// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
package import Telephony

/// The addresses of scenario sessions ("/sessions/TOKEN/…") on a port of their own, for programs that are not on this box.
/// Nothing else is answered here: whoever knows a session's token may ask it, and that is all.
package struct SessionServer: Sendable {
    private let desk: any ControlDesk
    private let host: String
    private let port: Int
    private let logger: Logger

    package init(desk: any ControlDesk, host: String, port: Int, logger: Logger) {
        self.desk = desk
        self.host = host
        self.port = port
        self.logger = logger
    }

    /// Serves until its task is cancelled. Throws when the port can not be had.
    package func run(onReady: @escaping @Sendable () -> Void = {}) async throws {
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
        quiet.logLevel = max(logger.logLevel, .warning)
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 64)
        let application = Application(
            responder: SessionResponder(desk: desk),
            server: .http1(configuration: .init(idleTimeout: .seconds(15), httpDecoderConfiguration: decoder)),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: nil, backlog: 64,
                availableConnectionsDelegate: MaximumAvailableConnections(128)),
            onServerRunning: { _ in onReady() },
            eventLoopGroupProvider: .shared(group),
            logger: quiet)
        do {
            try await withTaskCancellationHandler {
                try await application.run()
            } onCancel: {
                ending.begin()
            }
        } catch  where Task.isCancelled {
            // That is how it ends.
        } catch let failure as IOError {
            throw SessionServerFault(
                description: "cannot listen on \(host):\(port) for sessions (error \(failure.errnoCode)); change "
                    + "[control] access_listen")
        }
    }
}

package struct SessionServerFault: Error, CustomStringConvertible {
    package var description: String
}

/// Answers questions to sessions, and nothing else.
private struct SessionResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let desk: any ControlDesk
    private let streams = EventStreamCount(maximum: 0)

    init(desk: any ControlDesk) { self.desk = desk }

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let hasBody = request.method != .get && request.method != .head
        do {
            let body: [UInt8]
            do {
                body = hasBody ? Array(buffer: try await request.body.collect(upTo: ControlCall.maximumBodyBytes)) : []
            } catch is NIOTooManyBytesError {
                throw ControlFailure(error: "the body is larger than 64 KiB", remedy: "send less", status: 413)
            }
            // With a body of nothing: what starts a session is not read here.
            guard
                let call = try? SessionCall(
                    method: request.method.rawValue, path: request.uri.path, query: request.uri.query, body: []),
                case .ask = call
            else {
                throw ControlFailure(error: "there is nothing here", remedy: "use a session's accessURL", status: 404)
            }
            return try await SessionDesk(desk: desk, streams: streams).response(to: call, request, body: body)
        } catch let failure as ControlFailure {
            return .failure(failure)
        }
    }
}
