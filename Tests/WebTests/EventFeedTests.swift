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
            while room.desk.listenerCount == 0 { await Task.yield() }
            var iterator = lines.makeAsyncIterator()
            for number in 0..<50 {
                room.desk.tell(ControlEvent(time: Double(number), event: "joined", fields: ["name": "Zoë \"\n\(number)"]))
                let text = try #require(await iterator.next())
                #expect(!text.contains("\n"))
                let event = try JSONDecoder().decode(ControlEvent.self, from: Data(text.utf8))
                #expect(event == ControlEvent(time: Double(number), event: "joined", fields: ["name": "Zoë \"\n\(number)"]))
            }
            try await reading
        }
    }

    @Test func `streams are limited, and a reader that goes away gives its place back`() async throws {
        try await Switchroom.open { room in
            var held: [RawConnection] = []
            for _ in 0..<32 {
                let raw = try RawConnection(room.path)
                raw.send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(raw.read().hasPrefix("HTTP/1.1 200"))
                held.append(raw)
            }
            guard case .refused(let reason, _) = await room.fault({ client in
                try client.events { _ in false }
                return []
            }) else { Issue.record("a 33rd stream was opened"); return }
            #expect(reason == "32 event streams are open already")
            held.removeLast(8)
            // The server notices the closed connections on its own thread, a moment later.
            let deadline = ContinuousClock.now + .seconds(5)
            var again: [RawConnection] = []
            while again.count < 8, ContinuousClock.now < deadline {
                let raw = try RawConnection(room.path)
                raw.send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
                if raw.read().hasPrefix("HTTP/1.1 200") { again.append(raw) }
            }
            #expect(again.count == 8)
        }
    }

    @Test func `the server ends at once when cancelled, with readers and idle connections open`() async throws {
        let start = Mutex(ContinuousClock.now)
        let open = Mutex<[RawConnection]>([])
        try await Switchroom.open { room in
            let stream = try RawConnection(room.path)
            stream.send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = stream.read()
            let idle = try RawConnection(room.path)
            let half = try RawConnection(room.path)
            half.send("POST /v1/rooms/1/say HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
            open.withLock { $0 = [stream, idle, half] }
            _ = try await room.ask { try $0.get("/v1/status") }
            start.withLock { $0 = .now }
        }
        #expect(ContinuousClock.now - start.withLock { $0 } < .seconds(1))
    }
}
