// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A SIP phone of a few lines over UDP: the test writes the messages, this sends them and waits for answers.
final class TestPhone {
    let port: UInt16
    /// Its own address, one of loopback's.
    let host: String
    private let socket: Int32
    private var target: UInt16
    let callID: String
    private var sequence = 0
    private var last: [UInt8] = []
    /// Tag of the other side, from its last response.
    var toTag = ""
    var user = "alice"
    /// Behind the request line's address.
    var parameters = ""
    /// Of the To header; nil: as the request line.
    var recipient: String?
    static let lastPort = Atomic<UInt16>(32_399)

    /// - Parameter target: the server's port on 127.0.0.1.
    init(target: UInt16, host: String = "127.0.0.1") {
        self.target = target
        self.host = host
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var number = UInt16(0)
        repeat {
            number = Self.lastPort.add(1, ordering: .relaxed).newValue
        } while !Self.bind(descriptor, host, number) && number < 32_998
        var wait = timeval(tv_sec: 3, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        socket = descriptor
        port = number
        callID = "\(number)-\(UInt32.random(in: 0 ... .max))"
    }

    deinit { close(socket) }

    /// At a server that is made after the phone.
    func aim(at port: UInt16) { target = port }

    private static func bind(_ descriptor: Int32, _ host: String, _ port: UInt16) -> Bool {
        var address = loopback(port)
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        sockaddr_in(
            sin_family: sa_family_t(AF_INET), sin_port: port.bigEndian,
            sin_addr: in_addr(s_addr: UInt32(0x7F00_0001).bigEndian), sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
    }

    func send(raw bytes: [UInt8]) {
        var address = Self.loopback(target)
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(socket, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Sends a request of this phone's dialog. The sequence number grows, except for ACK and CANCEL.
    @discardableResult
    func send(
        _ method: String, to user: String = "4711", body: String = "", type: String = "application/sdp",
        headers: [String] = [], branch: String? = nil
    ) -> String {
        if method != "ACK" && method != "CANCEL" { sequence += 1 }
        let branch = branch ?? "z9hG4bK\(port)\(method)\(sequence)"
        let tag = toTag.isEmpty || method == "CANCEL" ? "" : ";tag=\(toTag)"
        var lines = [
            "\(method) \(uri(user))\(parameters) SIP/2.0",
            "Via: SIP/2.0/UDP 127.0.0.1:\(port);branch=\(branch);rport",
            "From: \"Alice \\\"A\\\"\" <sip:\(self.user)@127.0.0.1:\(port)>;tag=from\(port)",
            "To: <\(uri(recipient ?? user))>\(tag)",
            "Call-ID: \(callID)", "CSeq: \(sequence) \(method)", "Max-Forwards: 70",
        ]
        if !headers.contains(where: { $0.hasPrefix("Contact:") }) {
            lines.append("Contact: <sip:alice@127.0.0.1:\(port)>")
        }
        lines += headers
        if !body.isEmpty { lines.append("Content-Type: \(type)") }
        lines.append("Content-Length: \(body.utf8.count)")
        last = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
        send(raw: last)
        return branch
    }

    /// As a phone does that was not answered.
    func repeatLast() { send(raw: last) }

    /// What the request line says.
    func uri(_ user: String) -> String { "sip:\(user)\(user.isEmpty ? "" : "@")127.0.0.1:\(target)" }

    func respond(_ status: String, to request: String, headers: [String] = [], body: String = "") {
        var lines = ["SIP/2.0 \(status)"]
        for line in request.split(separator: "\r\n") {
            let name = line.split(separator: ":").first?.lowercased() ?? ""
            if ["via", "from", "call-id", "cseq", "record-route"].contains(name) { lines.append(String(line)) }
            if name == "to" { lines.append(line.contains("tag=") ? String(line) : "\(line);tag=callee\(port)") }
        }
        lines += headers + ["Contact: <sip:bob@127.0.0.1:\(port)>"]
        if !body.isEmpty { lines.append("Content-Type: application/sdp") }
        lines.append("Content-Length: \(body.utf8.count)")
        send(raw: Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
    }

    /// The next message, nil after three seconds.
    func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        return String(decoding: buffer[0..<count], as: UTF8.self)
    }

    /// The next message that begins so; others are passed over. Nil after three seconds without any.
    func receive(_ start: String) -> String? {
        for _ in 0..<50 {
            guard let message = receive() else { return nil }
            if message.hasPrefix(start) {
                if message.hasPrefix("SIP/2.0"), let to = Self.header("To", of: message),
                    let tag = to.components(after: "tag=")
                {
                    toTag = tag
                }
                return message
            }
        }
        return nil
    }

    /// The final response to the last request of that method, which is acknowledged where it is an INVITE.
    func finalResponse(_ method: String, acknowledge: Bool = true, body: String = "") -> (status: Int, text: String) {
        for _ in 0..<50 {
            guard let message = receive("") else { return (0, "") }
            guard message.hasPrefix("SIP/2.0"), Self.header("CSeq", of: message)?.hasSuffix(method) ?? false,
                let status = Int(message.dropFirst(8).prefix(3)), status >= 200
            else { continue }
            if method == "INVITE", acknowledge {
                if status < 300 {
                    send("ACK", body: body)
                } else {
                    send("ACK", branch: "z9hG4bK\(port)INVITE\(sequence)")
                    toTag = dialogTag
                }
            } else if status >= 300 {
                toTag = dialogTag
            }
            if status < 300 { dialogTag = toTag }
            return (status, message)
        }
        return (0, "")
    }

    private var dialogTag = ""

    static func header(_ name: String, of message: String) -> String? {
        for line in message.split(separator: "\r\n", omittingEmptySubsequences: false) {
            if line.isEmpty { return nil }
            if line.lowercased().hasPrefix(name.lowercased() + ":") {
                return String(line.dropFirst(name.count + 1).drop { $0 == " " })
            }
        }
        return nil
    }

    static func body(of message: String) -> String {
        guard let range = message.firstRange(of: "\r\n\r\n") else { return "" }
        return String(message[range.upperBound...])
    }

    /// An offer of this phone.
    func offer(
        _ formats: String = "0 8 101", direction: String = "sendrecv", address: String = "127.0.0.1", version: Int = 1,
        extra: [String] = []
    ) -> String {
        ([
            "v=0", "o=alice 1 \(version) IN IP4 127.0.0.1", "s=call", "c=IN IP4 \(address)", "t=0 0",
            "m=audio 41000 RTP/AVP \(formats)", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15",
            "a=\(direction)",
        ] + extra).map { $0 + "\r\n" }.joined()
    }
}

extension String {
    func components(after mark: String) -> String? {
        guard let range = firstRange(of: mark) else { return nil }
        return String(self[range.upperBound...].prefix { $0 != ";" && $0 != ">" && $0 != " " })
    }
}
