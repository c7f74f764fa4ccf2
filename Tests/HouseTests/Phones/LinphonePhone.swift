// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit

/// linphone's console, with sound files for a card.
final class LinphonePhone: DeskPhone {
    private let settings: DeskPhoneSettings
    private let tool: RunningTool
    private let input = Pipe()

    init(_ settings: DeskPhoneSettings) throws {
        self.settings = settings
        // It may be gone when it is told something.
        signal(SIGPIPE, SIG_IGN)
        try settings.makeFolder()
        let folder = settings.folder
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent(".local/share/linphone"), withIntermediateDirectories: true)
        let ports = ["udp", "tcp", "tls"].map {
            "sip_\($0 == "udp" ? "" : "\($0)_")port=\($0 == settings.transport ? Int(settings.port) : 0)"
        }
        // Without a network that it would call one, it has to be told not to wait for it.
        try """
        [sip]
        \(ports.joined(separator: "\n"))
        use_ipv6=0
        guess_hostname=0
        register_only_when_network_is_up=0
        auto_net_state_mon=0
        media_encryption=\(settings.isSecured ? "srtp" : "none")
        root_ca=\(settings.authority)
        contact="\(settings.name)" <sip:\(settings.name)@127.0.0.1>
        [net]
        mtu=1300
        [rtp]
        audio_rtp_port=\(settings.port + 4)
        [sound]
        echocancellation=0
        \(Self.codecs(settings.codec))

        """.write(to: folder.appendingPathComponent("rc"), atomically: true, encoding: .utf8)
        tool = try Tool.start(
            Tool.linphone, ["-c", folder.appendingPathComponent("rc").path] + (settings.answersAtOnce ? ["-a"] : []),
            output: folder.appendingPathComponent("log"), folder: folder, input: input)
        // It starts slowly.
        usleep(1_500_000)
        order("soundcard use files")
        order("play \(folder.path)/says.wav")
        order("record \(folder.path)/heard.wav")
        let transport = settings.transport == "udp" ? "" : ";transport=\(settings.transport)"
        order(
            "register sip:\(settings.name)@127.0.0.1:\(settings.serverPort) "
                + "sip:127.0.0.1:\(settings.serverPort)\(transport) \(settings.password)")
    }

    /// All that it has, so that none is added by itself; the wanted one alone is on.
    private static func codecs(_ wanted: String) -> String {
        let all = [
            ("opus", 48_000, 2), ("speex", 16_000, 1), ("speex", 8_000, 1), ("PCMU", 8_000, 1), ("PCMA", 8_000, 1),
            ("GSM", 8_000, 1), ("G722", 8_000, 1),
        ]
        return all.enumerated().map { index, codec in
            "[audio_codec_\(index)]\nmime=\(codec.0)\nrate=\(codec.1)\nchannels=\(codec.2)\n"
                + "enabled=\(codec.0.lowercased() == wanted ? 1 : 0)"
        }.joined(separator: "\n")
    }

    var log: String {
        (try? String(contentsOf: settings.folder.appendingPathComponent("log"), encoding: .utf8)) ?? ""
    }

    func call(_ number: String) { order("call sip:\(number)@127.0.0.1:\(settings.serverPort)") }
    func hold() { order("pause") }
    func resume() { order("resume") }
    func transfer(to number: String) { order("transfer sip:\(number)@127.0.0.1:\(settings.serverPort)") }
    /// Its first call goes to whom the second one is with.
    func transferFirstToSecond() { order("transfer 1 --to-call 2") }

    func end() {
        guard tool.isRunning else { return }
        order("quit")
        for _ in 0..<40 where tool.isRunning { usleep(50_000) }
        tool.end()
    }

    func heard() -> [Int16] {
        guard let file = WaveFile.read(settings.folder.appendingPathComponent("heard.wav")) else { return [] }
        return AudioAnalysis.atTelephoneRate(file.samples, from: file.rate)
    }

    private func order(_ line: String) {
        try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
        // It reads its terminal between other things, one line at a time.
        usleep(300_000)
    }
}
