// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import PartylineTestKit

/// baresip, with a sound file for a mouth, another for an ear, and its control port for fingers.
final class BaresipPhone: DeskPhone {
    private let settings: DeskPhoneSettings
    private let tool: RunningTool

    init(_ settings: DeskPhoneSettings) throws {
        self.settings = settings
        try settings.makeFolder()
        let (folder, port) = (settings.folder, settings.port)
        let modules = ["g711", "opus", "aufile", "aubridge", "sndfile", "srtp"].map { "module \($0).so\n" }.joined()
        // Beside the port for SIP it takes the next one for TLS.
        try """
        sip_listen 127.0.0.1:\(port)
        \(settings.authority.isEmpty ? "" : "sip_cafile \(settings.authority)\nsip_verify_server yes")
        net_interface 127.0.0.1
        module_path /usr/lib/baresip/modules
        audio_source aufile,\(folder.path)/says.wav
        audio_player aubridge,nobody
        audio_alert aubridge,nobody
        ausrc_srate \(settings.rate)
        ausrc_channels 1
        auplay_srate \(settings.rate)
        auplay_channels 1
        snd_path \(folder.path)
        rtp_ports \(port + 4)-\(port + 9)
        \(modules)module_tmp account.so
        module_app menu.so
        module_app ctrl_tcp.so
        ctrl_tcp_listen 127.0.0.1:\(port + 2)

        """.write(to: folder.appendingPathComponent("config"), atomically: true, encoding: .utf8)
        try
            ("<sip:\(settings.name)@127.0.0.1:\(settings.serverPort);transport=\(settings.transport)>"
            + ";auth_user=\(settings.name);auth_pass=\(settings.password);regint=60"
            + ";answermode=\(settings.answersAtOnce ? "auto" : "manual")"
            + ";audio_codecs=\(settings.codec == "opus" ? "opus/48000/2" : "pcmu")"
            + "\(settings.isSecured ? ";mediaenc=srtp-mand" : "")\n")
            .write(to: folder.appendingPathComponent("accounts"), atomically: true, encoding: .utf8)
        try "".write(to: folder.appendingPathComponent("contacts"), atomically: true, encoding: .utf8)
        tool = try Tool.start(
            Tool.baresip, ["-f", folder.path, "-t", "\(settings.seconds)"],
            output: folder.appendingPathComponent("log"))
    }

    var log: String {
        (try? String(contentsOf: settings.folder.appendingPathComponent("log"), encoding: .utf8)) ?? ""
    }

    private func address(_ number: String) -> String {
        "sip:\(number)@127.0.0.1:\(settings.serverPort)\(settings.transport == "udp" ? "" : ";transport=\(settings.transport)")"
    }

    func call(_ number: String) { order("dial", address(number)) }
    func hold() { order("hold") }
    func resume() { order("resume") }
    func transfer(to number: String) { order("transfer", address(number)) }
    func end() {
        guard tool.isRunning else { return }
        // It says BYE only when there is time for it.
        order("hangup")
        usleep(300_000)
        tool.end()
    }

    /// The longest of them: after a transfer there are several.
    func heard() -> [Int16] { recordings().max { $0.count < $1.count } ?? [] }

    /// Of each call, at 8 kHz; after `end`.
    func recordings() -> [[Int16]] {
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: settings.folder.path)) ?? []).sorted()
        return files.filter { $0.hasSuffix("-dec.wav") }
            .compactMap { WaveFile.read(settings.folder.appendingPathComponent($0)) }
            .map { AudioAnalysis.atTelephoneRate($0.samples, from: $0.rate) }
    }

    /// Waits until it has written that.
    func logs(_ words: String, within seconds: Double = 6) async -> Bool {
        for _ in 0..<Int(seconds * 20) {
            if log.contains(words) { return true }
            try? await Task.sleep(nanoseconds: 50_000_000)
        }
        return false
    }

    /// A netstring of JSON over TCP, as its module ctrl_tcp wants it.
    private func order(_ command: String, _ parameters: String = "") {
        let text = #"{"command":"\#(command)","params":"\#(parameters)"}"#
        let bytes = Array("\(text.utf8.count):\(text),".utf8)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = (settings.port + 2).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &target.sin_addr)
        let isConnected = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return }
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        // It answers when it has done it.
        var wait = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var answer = [UInt8](repeating: 0, count: 4_096)
        for _ in 0..<8 {
            let count = recv(descriptor, &answer, answer.count, 0)
            guard count > 0 else { return }
            if String(decoding: answer.prefix(count), as: UTF8.self).contains("\"response\":true") { return }
        }
    }
}

extension DeskPhoneSettings {
    /// Of the house: TLS is on the next one.
    var serverPort: UInt16 { transport == "tls" ? house + 1 : house }
}
