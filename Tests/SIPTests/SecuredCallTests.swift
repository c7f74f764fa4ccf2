// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Testing

extension Conversations {
    /// Keys in session descriptions, through the whole of SIP.
    @Suite struct SecuredCallTests {
        static func offer(_ transport: String, _ phone: TestPhone) -> String {
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio \(phone.port) \(transport) 8\r\n"
                + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\(String(repeating: "A", count: 40))\r\n"
        }

        @Test(arguments: [
            (SecurityPolicy.off, true, 488), (.optional, true, 200), (.required, true, 200),
            // Keys over UDP, which is not allowed.
            (.off, false, 488), (.optional, false, 488), (.required, false, 488),
        ])
        func `a call with keys over UDP`(_ policy: SecurityPolicy, _ inClear: Bool, _ status: Int) async throws {
            let exchange = try Exchange(security: policy, takesKeysInClear: inClear)
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", body: Self.offer("RTP/SAVP", phone))
            let final = phone.finalResponse("INVITE")
            #expect(final.status == status)
            let configured = exchange.ports.configurations
            #expect(configured.allSatisfy { $0.security?.suite == .aes128CounterSHA80 })
            #expect(configured.isEmpty == (status != 200))
        }

        @Test func `a call in clear is refused where it must be secured`() async throws {
            let exchange = try Exchange(security: .required, takesKeysInClear: true)
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", body: phone.offer())
            #expect(phone.finalResponse("INVITE").status == 488)
            #expect(exchange.log.all.contains { $0.hasSuffix("reason=clear-only") })
        }
    }
}
