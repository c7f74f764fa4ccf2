// SPDX-License-Identifier: Apache-2.0
// Server-sent events: WHATWG HTML Living Standard, section 9.2.

import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization
import Telephony

/// How many event streams are open; each holds a connection and a buffer for as long as somebody looks.
final class EventStreamCount: Sendable {
    private let open = Atomic<Int>(0)
    let maximum: Int

    /// A place among the open streams; given back when nobody holds it any more, whatever became of the connection.
    final class Place: Sendable {
        private let count: EventStreamCount

        fileprivate init(_ count: EventStreamCount) { self.count = count }

        deinit { count.open.subtract(1, ordering: .relaxed) }
    }

    init(maximum: Int) { self.maximum = maximum }

    /// Nil when there are too many.
    func enter() -> Place? {
        let place = Place(self)
        return open.add(1, ordering: .relaxed).newValue <= maximum ? place : nil
    }
}

/// `GET /v1/events`: each event of the desk as one `data:` line with a JSON object, until one of both sides has enough.
/// A comment every 15 s keeps the connection from being taken for dead and finds out when it is.
struct EventFeed {
    let desk: any ControlDesk
    let streams: EventStreamCount

    private static let pause = Duration.seconds(15)

    private enum Item: Sendable {
        case event(ControlEvent)
        case stillHere
    }

    func response(to request: Request) async throws(ControlFailure) -> Response {
        guard let place = streams.enter() else {
            throw ControlFailure(
                error: "\(streams.maximum) event streams are open already", remedy: "close one", status: 503)
        }
        let events = await desk.events()
        let body = ResponseBody { writer in
            defer { withExtendedLifetime(place) {} }
            try await writer.write(ByteBuffer(string: ": partyline events\n\n"))
            do {
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    for await item in Self.merged(events) {
                        try await writer.write(Self.text(item))
                    }
                }
            } catch is CancellationError {
                // The reader went away.
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: Response.headers("text/event-stream"), body: body)
    }

    /// The events, with a sign of life whenever 15 s have passed. Ends with the events.
    private static func merged(_ events: AsyncStream<ControlEvent>) -> AsyncStream<Item> {
        // The desk's stream is bounded already; this one holds little more than what is being written.
        AsyncStream(bufferingPolicy: .bufferingNewest(256)) { continuation in
            let task = Task {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for await event in events { continuation.yield(.event(event)) }
                        continuation.finish()
                    }
                    group.addTask {
                        while (try? await Task.sleep(for: pause)) != nil { continuation.yield(.stillHere) }
                    }
                    await group.next()
                    group.cancelAll()
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private static func text(_ item: Item) -> ByteBuffer {
        guard case .event(let event) = item, var json = try? Response.encoded(event) else {
            return ByteBuffer(string: ": still here\n\n")
        }
        var line = ByteBuffer(string: "data: ")
        line.writeBuffer(&json)
        line.writeString("\n\n")
        return line
    }
}
