// SPDX-License-Identifier: Apache-2.0

import Testing

/// One mistake each in a file of trunks.d, and exactly what a person is told about it.
@Suite struct BrokenTrunksTests {
    @Test(arguments: [
        Mistake(
            "trunks.d/provider.toml",
            "server = \"sip.example.com\"\nuser = \"a\"\nregister = false\nsrtp = \"required\"\n",
            "trunks.d/provider.toml:4:8: error: this trunk can have no call: its audio must be secured, and the keys for "
                + "that go over TLS only; write transport = \"tls\", or srtp = \"optional\""),
        Mistake(
            "trunks.d/both.toml",
            "[[trunk]]\nname = \"a\"\nserver = \"sip.example.com\"\nuser = \"a\"\nregister = false\n"
                + "[[trunk]]\nname = \"b\"\nserver = \"sip.example.com\"\nuser = \"a\"\nregister = false\n"
                + "[[trunk]]\nname = \"c\"\nserver = \"sip.example.com\"\nuser = \"c\"\nregister = false\n",
            "trunks.d/both.toml:9:8: warning: this account is that of the trunk \"a\" already (trunks.d/both.toml); keep "
                + "one of the two"),
        Mistake(
            "trunks.d/provider.toml", "server = \"sip.example.com\"\nuser = \"a@b\"\ntransport = \"tsl\"",
            "trunks.d/provider.toml:1:1: error: the trunk \"provider\" has no password; "
                + "write password = \"...\" or password_file = \"...\"",
            "trunks.d/provider.toml:2:8: error: the text \"a@b\" does not fit here; write a name or number without "
                + "spaces and '@' (up to 120)",
            "trunks.d/provider.toml:3:13: error: \"tsl\" is not known here; write \"tls\", or one of \"udp\", "
                + "\"tcp\", \"tls\""),
        Mistake(
            "trunks.d/provider.toml",
            "server = \"sip:example.com\"\ndomain = \"example.com:5060\"\nuser = \"a\"\nregister = false\n",
            "trunks.d/provider.toml:1:10: error: the text \"sip:example.com\" does not fit here; write a host name or "
                + "numeric address, without port",
            "trunks.d/provider.toml:2:10: error: the text \"example.com:5060\" does not fit here; write a host name or "
                + "numeric address, without port"),
        Mistake(
            "trunks.d/provider.toml",
            "server = \"[2001:db8::7]\"\ndomain = \"2001:db8::7\"\nuser = \"a\"\nregister = false\n"
                + "stun = \"stun.example.com:3478\"\n"),
    ])
    func `a mistake is named with its place and remedy`(_ mistake: Mistake) throws { try mistake.check() }
}
