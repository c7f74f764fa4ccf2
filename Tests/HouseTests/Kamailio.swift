// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Somebody else's SIP server as a provider: account 4930 with a password, numbers 2… behind it: those that have registered
/// (without a password), the others at a port of this machine. Whoever came by a connection is called on it.
final class Kamailio {
    let folder: URL
    let port: Int
    private var tool: RunningTool?

    /// UDP and TCP on `port`, TLS on the next one with a certificate for "localhost", and on the one after it with one for
    /// another name.
    init(port: Int) throws {
        self.port = port
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("partyline-kamailio-\(port)")
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try certificates()
        try """
        [server:default]
        method = TLSv1.2+
        verify_certificate = no
        require_certificate = no
        private_key = \(folder.path)/localhost.key
        certificate = \(folder.path)/localhost.pem
        [server:127.0.0.1:\(port + 2)]
        method = TLSv1.2+
        private_key = \(folder.path)/elsewhere.key
        certificate = \(folder.path)/elsewhere.pem
        [client:default]
        verify_certificate = no

        """.write(to: folder.appendingPathComponent("tls.cfg"), atomically: true, encoding: .utf8)
    }

    var authority: String { folder.appendingPathComponent("ca.pem").path }
    var stranger: String { folder.appendingPathComponent("stranger.pem").path }

    /// - Parameter retryAfter: REGISTER is answered with 503 and this; nil: as it should be.
    func start(retryAfter: Int? = nil) throws {
        let config = folder.appendingPathComponent("kamailio.cfg")
        try text(retryAfter).write(to: config, atomically: true, encoding: .utf8)
        tool = try Tool.start(
            Tool.kamailio,
            [
                "-DD", "-E", "-f", config.path, "-P", folder.path + "/pid", "-Y", folder.path, "-m", "32", "-M", "8",
            ], output: folder.appendingPathComponent("log"))
    }

    func stop() {
        tool?.endAll()
        tool = nil
    }

    func remove() {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    private func text(_ retryAfter: Int?) -> String {
        let modules = [
            "tls", "tm", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar", "textops", "siputils", "auth", "nathelper",
        ]
        let busy =
            retryAfter.map {
                "if (is_method(\"REGISTER\")) { append_to_reply(\"Retry-After: \($0)\\r\\n\"); "
                    + "sl_send_reply(\"503\", \"Busy\"); exit; }"
            } ?? ""
        return """
            #!KAMAILIO
            debug=0
            log_stderror=yes
            children=1
            tcp_children=1
            auto_aliases=no
            dns=off
            rev_dns=off
            enable_tls=yes
            listen=udp:127.0.0.1:\(port)
            listen=tcp:127.0.0.1:\(port)
            listen=tls:127.0.0.1:\(port + 1)
            listen=tls:127.0.0.1:\(port + 2)
            mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
            \(modules.map { "loadmodule \"\($0).so\"" }.joined(separator: "\n"))
            modparam("tls", "config", "\(folder.path)/tls.cfg")
            modparam("registrar|nathelper", "received_avp", "$avp(received)")
            request_route {
              if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
              if (is_method("OPTIONS") && $rU == $null) { sl_send_reply("200", "OK"); exit; }
              if (has_totag()) {
                if (loose_route()) { handle_ruri_alias(); t_relay(); exit; }
                if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
                sl_send_reply("404", "Not here"); exit;
              }
              if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
              \(busy)
              if ($fU == "4930") {
                if (!pv_auth_check("example.com", "secret77", "0", "0")) { auth_challenge("example.com", "1"); exit; }
                consume_credentials();
              }
              if (is_method("REGISTER")) {
                if ($pr != "udp") fix_nated_register();
                if (!save("location")) sl_reply_error();
                exit;
              }
              if (is_method("INVITE")) {
                record_route();
                if ($pr != "udp") add_contact_alias();
                t_on_reply("ANSWERS");
              }
              if ($rU == "4930") {
                if (!lookup("location")) { sl_send_reply("480", "Gone"); exit; }
                t_relay(); exit;
              }
              if ($rU =~ "^2" && lookup("location")) { t_relay(); exit; }
              if ($rU =~ "^2") { t_relay_to_udp("127.0.0.1", "\(port + 10)"); exit; }
              sl_send_reply("404", "Not found");
            }
            onreply_route[ANSWERS] {
              if ($pr != "udp") add_contact_alias();
            }

            """
    }

    private func certificates() throws {
        for authority in ["ca", "stranger"] {
            try openssl(
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                    "\(authority).key", "-out", "\(authority).pem", "-days", "2", "-subj", "/CN=Test \(authority)",
                ])
        }
        for (file, name) in [("localhost", "localhost"), ("elsewhere", "elsewhere.example.com")] {
            try "subjectAltName=DNS:\(name)\n".write(
                to: folder.appendingPathComponent("\(file).ext"), atomically: true, encoding: .utf8)
            try openssl([
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "\(file).key",
                "-out", "\(file).csr", "-subj", "/CN=\(name)",
            ])
            try openssl([
                "x509", "-req", "-in", "\(file).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
                "\(file).pem", "-days", "2", "-extfile", "\(file).ext",
            ])
        }
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = Tool.openssl
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }
}
