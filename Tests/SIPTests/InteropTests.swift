// SPDX-License-Identifier: Apache-2.0

import Foundation
import SDP
import SIP
import Synchronization
import Telephony
import Testing

extension Conversations {
    /// A real phone program calls.
    @Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/baresip"), "baresip is not installed"))
    struct InteropTests {
        @Test(
            arguments: [("opus/48000/2,pcma", AudioEncoding.opus), ("G722/16000/1,pcmu", .g722), ("pcmu", .pcmu)],
            ["udp", "tcp"])
        func `baresip calls, is answered and hung up`(_ codecs: (String, AudioEncoding), _ transport: String)
            async throws
        {
            let exchange = try Exchange(encodings: [.opus, .g722, .pcma, .pcmu])
            let local = Exchange.lastPort.add(2, ordering: .relaxed).newValue
            let home = FileManager.default.temporaryDirectory.appendingPathComponent("partyline-baresip-\(local)")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: home) }
            let modules = ["stdio", "opus", "g722", "g711", "aubridge"].map { "module \($0).so\n" }.joined()
            let config =
                "sip_listen 127.0.0.1:\(local)\nmodule_path /usr/lib/baresip/modules\naudio_player aubridge,x\n"
                + "audio_source aubridge,x\naudio_alert aubridge,x\n\(modules)module_tmp account.so\nmodule_app menu.so\n"
                + "rtp_ports 32900-32960\n"
            try config.write(to: home.appendingPathComponent("config"), atomically: true, encoding: .utf8)
            try "<sip:alice@127.0.0.1>;regint=0;audio_codecs=\(codecs.0)\n"
                .write(to: home.appendingPathComponent("accounts"), atomically: true, encoding: .utf8)
            try "".write(to: home.appendingPathComponent("contacts"), atomically: true, encoding: .utf8)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/baresip")
            process.arguments = [
                "-f", home.path, "-t", "6", "-e", "/dial sip:4711%23@127.0.0.1:\(exchange.port);transport=\(transport)",
            ]
            let input = Pipe()
            process.standardInput = input
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            defer { process.terminate() }
            #expect(await exchange.switchboard.waits(for: "answered", seconds: 5))
            let audio = try #require(exchange.ports.configurations.first)
            #expect(audio.sending.encoding == codecs.1)
            #expect(audio.sendingEvents?.clockRate == 8_000)
            #expect(exchange.switchboard.offers.first?.destination == "4711#")
            try exchange.leg.hangUp(.normalClearing, [])
            #expect(await exchange.switchboard.waits(for: "hung up normalClearing"))
        }
    }
}
