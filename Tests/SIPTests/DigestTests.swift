// SPDX-License-Identifier: Apache-2.0
// RFC 1321 appendix A.5, FIPS 180-4 and RFC 4231 (test vectors); RFC 7616 section 3.9.1 (example).

import Digests
import SDP
import Testing

@testable import SIP

@Suite struct DigestTests {
    @Test func `hashes give the values of their standards`() {
        #expect(DigestAlgorithm.md5.hex("") == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(DigestAlgorithm.md5.hex("message digest") == "f96b697d7cb7938d525a2f31aaf161d0")
        let eighty = String(repeating: "1234567890", count: 8)
        #expect(DigestAlgorithm.md5.hex(eighty) == "57edf4a22be3c955ac49da2e2107b67a")
        #expect(
            DigestAlgorithm.sha256.hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            DigestAlgorithm.sha256.hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        let code = SHA256.authenticationCode(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(
            DigestAlgorithm.hex(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test(arguments: [
        (DigestAlgorithm.md5, "8ca523f5e9506fed4657c9700eebdbec"),
        (.sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ])
    func `the example of RFC 7616 is answered as there`(_ algorithm: DigestAlgorithm, _ response: String) throws {
        let challenge = try #require(
            DigestChallenge(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=\(algorithm.rawValue), "
                    + "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
                    + "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""))
        let answer = challenge.answer(
            username: "Mufasa", password: "Circle of Life", method: "GET", uri: "/dir/index.html", count: 1,
            clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
        #expect(answer.response == response)
        let read = try #require(DigestCredentials(answer.text))
        #expect(read == answer)
        let secret = DigestSecret(password: "Circle of Life", username: "Mufasa", realm: "http-auth@example.org")
        #expect(read.isRight(secret, method: "GET"))
        #expect(!read.isRight(secret, method: "PUT"))
        let wrong = DigestSecret(password: "Circle of life", username: "Mufasa", realm: "http-auth@example.org")
        #expect(!read.isRight(wrong, method: "GET"))
    }

    @Test func `an old phone that knows no qop is understood`() throws {
        var challenge = DigestChallenge(realm: "box", nonce: "n", algorithm: .md5)
        challenge.offersQOP = false
        let answer = challenge.answer(
            username: "a", password: "b", method: "REGISTER", uri: "sip:box", count: 1, clientNonce: "")
        #expect(!answer.text.contains("qop"))
        let read = try #require(DigestCredentials(answer.text))
        #expect(read.isRight(DigestSecret(password: "b", username: "a", realm: "box"), method: "REGISTER"))
    }

    @Test func `quotes in a name come through and start nothing`() throws {
        let challenge = DigestChallenge(realm: "a\"b\\c\r\nX: y", nonce: "n", algorithm: .sha256)
        #expect(!challenge.text.contains("\n"))
        #expect(try #require(DigestChallenge(challenge.text)).realm == "a\"b\\cX: y")
    }

    @Test(arguments: [
        "", "Digest", "Basic abc", "Digest a", "Digest a=\"b", "Digest username=\"a\"", "Digest a=1, a=2",
        "Digest =\"\"",
        "Digest " + (0..<40).map { "a\($0)=1" }.joined(separator: ","),
        "Digest a=\"" + String(repeating: "x", count: 9_999),
        "Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\", qop=auth, nc=zz, cnonce=\"f\"",
        "Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\", algorithm=ROT13", "Digest a=\"\\",
    ])
    func `what is no answer is nil`(_ text: String) {
        #expect(DigestCredentials(text) == nil)
        if !text.contains("response") { #expect(DigestChallenge(text) == nil) }
    }

    @Test func `a nonce is known again, for its address and its time`() throws {
        let nonces = StatelessNonce(key: StatelessNonce.randomKey(), lifetime: 60)
        let source = try #require(IPAddress("192.0.2.1"))
        let nonce = nonces.make(for: source, at: 1_000)
        #expect(nonces.check(nonce, from: source, at: 1_000) == .valid)
        #expect(nonces.check(nonce, from: source, at: 1_060) == .valid)
        #expect(nonces.check(nonce, from: source, at: 1_061) == .stale)
        #expect(nonces.check(nonce, from: try #require(IPAddress("::ffff:192.0.2.1")), at: 1_000) == .valid)
        #expect(nonces.check(nonce, from: try #require(IPAddress("192.0.2.2")), at: 1_000) == .foreign)
        #expect(StatelessNonce(key: StatelessNonce.randomKey()).check(nonce, from: source, at: 1_000) == .foreign)
        // A time that nobody signed.
        #expect(nonces.check("000003e9" + nonce.dropFirst(8), from: source, at: 1_001) == .foreign)
        for text in ["", "0", String(repeating: "f", count: 48), nonce + "0", String(nonce.dropLast()) + "é"] {
            #expect(nonces.check(text, from: source, at: 1_000) == .foreign)
        }
        #expect(nonces.make(for: source, at: 1_000) != nonces.make(for: source, at: 1_000))
    }

    @Test func `a request that was overheard is not taken twice`() {
        var counts = NonceCounts()
        let taken = [1, 2, 2, 1, 5, 4, 6].map { counts.take("n", count: $0) }
        #expect(taken == [true, true, false, false, true, false, true])
        for number in 0..<(2 * NonceCounts.mostNonces) {
            let isFresh = counts.take("\(1_000_000 + number)", count: 1)
            #expect(isFresh)
        }
        let again = counts.take("\(1_000_000 + 2 * NonceCounts.mostNonces - 1)", count: 1)
        #expect(!again)
    }
}
