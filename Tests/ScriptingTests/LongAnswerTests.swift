// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// What a service of the box has found may be longer than a message to the worker: the script is told so, and does not wait.
@Suite(.serialized) struct LongAnswerTests {
    private static let script = """
        VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
            const page = await Net.httpRequestAsync('http://example.com/');
            Logger.write('page', page.code, page.error);
            for (const [name, ask] of Object.entries({
                get: () => ApplicationStorage.get('a'), keys: () => ApplicationStorage.keys(),
            })) await ask().then(() => Logger.write(name, 'came'), (e) => Logger.write(name, e.message));
            call.answer();
        });
        """

    @Test func `an answer that fits no message is an error in the script`() async throws {
        let box = try ScriptedBox(["long.js": Self.script], services: LongServices())
        let session = box.start(1, ["long.js"])
        box.ring(session)
        #expect(try await box.exchange.next(session) == .answer(.caller, headers: []))
        for words in ["page 7 the answer is longer", "get ApplicationStorage: the answer is longer", "keys Appl"] {
            _ = try await box.logLine(words)
        }
    }
}

/// All that they have is longer than a message.
private struct LongServices: ScriptServices {
    private static let words = String(repeating: "long ", count: 300_000)

    func perform(
        _ request: ServiceRequest, of session: SessionID, reply: @escaping @Sendable (ServiceReply) -> Void
    ) {
        switch request {
        case .http(let id, _):
            var response = ScriptHTTPResponse()
            response.code = 200
            response.body = Self.words
            reply(.http(id: id, response))
        case .storageGet(let id, let key), .storagePut(let id, let key, _, _), .storageRemove(let id, let key):
            reply(.storageValue(id: id, StoredValue(key: key, value: Self.words, expires: nil)))
        case .storageKeys(let id): reply(.storageKeys(id: id, [Self.words]))
        }
    }

    func ended(_ session: SessionID) {}
}
