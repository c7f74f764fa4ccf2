// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import Synchronization
import Telephony
import Testing

@Suite struct EventFeedTests {
    @Test func `events come as they happen, in order, one object each`() async throws {
        try await Switchroom.open { room in
            let (lines, line) = AsyncStream<String>.makeStream()
            async let reading: Void = room.ask { client in
                var count = 0
                try client.events { event in
                    line.yield(event)
                    count += 1
                    return count < 50
                }
                line.finish()
            }
            await room.desk.hasListener()
            var iterator = lines.makeAsyncIterator()
            for number in 0..<50 {
                room.desk.tell(
                    ControlEvent(time: Double(number), event: "joined", fields: ["name": "Zoë \"\n\(number)"]))
                let text = try #require(await iterator.next())
                #expect(!text.contains("\n"))
                let event = try JSONDecoder().decode(ControlEvent.self, from: Data(text.utf8))
                #expect(
                    event == ControlEvent(time: Double(number), event: "joined", fields: ["name": "Zoë \"\n\(number)"]))
            }
            try await reading
        }
    }

    @Test func `streams are limited, and a reader that goes away gives its place back`() async throws {
        try await Switchroom.open { room in
            let request = "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n"
            var held: [RawConnection] = []
            for _ in 0..<32 {
                let (connection, answer) = try await room.raw(request)
                #expect(answer.hasPrefix("HTTP/1.1 200"))
                held.append(connection)
            }
            guard
                case .refused(let reason, _) = await room.fault({ client in
                    try client.events { _ in false }
                    return []
                })
            else { Issue.record("a 33rd stream was opened"); return }
            #expect(reason == "32 event streams are open already")
            held.removeLast(8)
            // The server notices the closed connections on its own thread, a moment later.
            let deadline = ContinuousClock.now + .seconds(5)
            var again = 0
            while again < 8, ContinuousClock.now < deadline {
                let (connection, answer) = try await room.raw(request)
                guard answer.hasPrefix("HTTP/1.1 200") else { continue }
                held.append(connection)
                again += 1
            }
            #expect(again == 8)
        }
    }

    @Test func `the server ends at once when cancelled, with readers and idle connections open`() async throws {
        let start = Mutex(ContinuousClock.now)
        let open = Mutex<[RawConnection]>([])
        try await Switchroom.open { room in
            let stream = try await room.raw("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n").connection
            let idle = try await room.raw("", awaitsAnswer: false).connection
            let half = try await room.raw(
                "POST /v1/rooms/1/say HTTP/1.1\r\nContent-Length: 100\r\n\r\n{", awaitsAnswer: false
            ).connection
            open.withLock { $0 = [stream, idle, half] }
            _ = try await room.ask { try $0.get("/v1/status") }
            start.withLock { $0 = .now }
        }
        // Beside all the other tests; who waited for a reader to go would wait for ever.
        #expect(ContinuousClock.now - start.withLock { $0 } < .seconds(10))
    }
}
