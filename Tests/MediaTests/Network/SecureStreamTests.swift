// SPDX-License-Identifier: Apache-2.0
// RFC 3711, RFC 7714. The packets of the first tests are what other implementations make of that key and content.

import CRealTimeProbe
import CSRTP
import RTP
import Signals
import Testing

@testable import Media

@Suite(.serialized) struct SecureStreamTests {
    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    static let counterKey = bytes("e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6")
    static let gcmKey = bytes("000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab")
    static let packet = bytes("800f1234decafbadcafebabe abababababababababababababababab")
    static let report = bytes("81c8000bcafebabe abababababababababababababababab")

    static func keys(_ suite: MediaSuite, _ seed: UInt8 = 1) -> MediaKey {
        MediaKey(suite: suite, bytes: (0..<suite.keyLength).map { UInt8($0) &* 7 &+ seed })
    }

    private func run(
        _ bytes: [UInt8], _ work: (OpaquePointer, UnsafeMutablePointer<UInt8>, Int32) -> Int32, _ stream: OpaquePointer
    ) -> [UInt8]? {
        var room = bytes + [UInt8](repeating: 0, count: Int(csrtp_most_growth))
        let count = room.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { work(stream, $0, Int32(bytes.count)) } ?? -1
        }
        return count >= 0 ? Array(room.prefix(Int(count))) : nil
    }

    @Test func `packets of known keys are what they must be`() throws {
        let counter = try #require(csrtp_create(csrtp_aes_cm_128_hmac_sha1_80, Self.counterKey, Self.counterKey.count))
        defer { csrtp_destroy(counter) }
        #expect(
            run(Self.packet, csrtp_protect, counter)
                == Self.bytes("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb"))
        #expect(
            run(Self.report, csrtp_protect_control, counter)
                == Self.bytes(
                    "81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798"))
        let gcm = try #require(csrtp_create(csrtp_aead_aes_128_gcm, Self.gcmKey, Self.gcmKey.count))
        defer { csrtp_destroy(gcm) }
        #expect(
            run(Self.packet, csrtp_protect, gcm)
                == Self.bytes(
                    "800f1234decafbadcafebabe c5002ede04cfdd2eb91159e0880aa06e d2976826f796b201df3131a127e8a392"))
    }

    @Test(arguments: MediaSuite.allCases)
    func `what is protected comes back, once, and no bit can be changed`(_ suite: MediaSuite) throws {
        let key = Self.keys(suite)
        let sender = try #require(csrtp_create(suite.code, key.bytes, key.bytes.count))
        let receiver = try #require(csrtp_create(suite.code, key.bytes, key.bytes.count))
        let stranger = try #require(csrtp_create(suite.code, Self.keys(suite, 9).bytes, key.bytes.count))
        defer { for stream in [sender, receiver, stranger] { csrtp_destroy(stream) } }
        let secret = try #require(run(Self.packet, csrtp_protect, sender))
        #expect(secret.count == Self.packet.count + Int(csrtp_growth(suite.code, false)))
        #expect(run(secret, csrtp_unprotect, stranger) == nil)
        for bit in 0..<secret.count * 8 {
            var changed = secret
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(run(changed, csrtp_unprotect, receiver) == nil)
        }
        for count in 0..<secret.count { #expect(run(Array(secret.prefix(count)), csrtp_unprotect, receiver) == nil) }
        #expect(run(secret, csrtp_unprotect, receiver) == Self.packet)
        #expect(run(secret, csrtp_unprotect, receiver) == nil, "a repetition")
        let report = try #require(run(Self.report, csrtp_protect_control, sender))
        for bit in 0..<report.count * 8 {
            var changed = report
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(run(changed, csrtp_unprotect_control, receiver) == nil)
        }
        #expect(run(report, csrtp_unprotect_control, receiver) == Self.report)
        #expect(run(report, csrtp_unprotect_control, receiver) == nil)
    }

    @Test(arguments: MediaSuite.allCases)
    func `sequence numbers go round, packets overtake each other, and nothing is allocated`(_ suite: MediaSuite) throws
    {
        let key = Self.keys(suite)
        let sender = try #require(SecureStream(key))
        let receiver = try #require(SecureStream(key))
        var talker = NetworkTalker()
        talker.sequence = 65_000
        var held: [UInt8]?
        var good = 0
        var allocations: UInt64 = 0
        for number in 0..<70_000 {
            var packet = talker.raw(
                [UInt8](repeating: UInt8(number & 255), count: 32), type: 0, timestamp: 0, marker: false)
            let count = packet.count
            packet += [UInt8](repeating: 0, count: sender.growth)
            let isProtected = packet.withUnsafeMutableBufferPointer { buffer -> Bool in
                guard let base = buffer.baseAddress else { return false }
                if number > 10 { partyline_probe_start() }
                defer { if number > 10 { allocations += UInt64(partyline_probe_stop().allocations) } }
                return sender.protect(base, count: count)
            }
            #expect(isProtected)
            // Every seventh is one late.
            if number % 7 == 0, held == nil {
                held = packet
                continue
            }
            for var arrived in [packet] + (held.map { [$0] } ?? []) {
                let length = arrived.withUnsafeMutableBufferPointer { buffer -> Int in
                    guard let base = buffer.baseAddress else { return -1 }
                    if number > 10 { partyline_probe_start() }
                    defer { if number > 10 { allocations += UInt64(partyline_probe_stop().allocations) } }
                    return receiver.unprotect(base, count: buffer.count)
                }
                if length == count { good += 1 }
            }
            held = nil
        }
        #expect(good == 70_000 - (held == nil ? 0 : 1))
        #expect(allocations == 0)
    }

    @Test func `a key of the wrong length is none`() {
        #expect(SecureStream(MediaKey(suite: .aes128CounterSHA80, bytes: Self.gcmKey)) == nil)
        #expect(SecureStream(MediaKey(suite: .aeadAES128GCM, bytes: [])) == nil)
    }

    /// Two ports that talk in secret, and a stranger who listens and talks in between.
    @Test(arguments: MediaSuite.allCases)
    func `secured ports hear each other and nobody else`(_ suite: MediaSuite) throws {
        let network = MemoryNetwork()
        let workspace = RTPWorkspace(spareBuffers: 16)
        let (first, second) = (Self.keys(suite, 3), Self.keys(suite, 5))
        func parameters(_ remote: UInt16, _ keys: MediaKeys) -> RTPParameters {
            var parameters = RTPPort.parametersForTest()
            parameters.remote = TransportAddress(ipv4: 0xC000_0201, port: remote)
            parameters.keys = keys
            return parameters
        }
        let one = try #require(
            network.open(parameters(10_002, MediaKeys(own: first, far: second)), workspace: workspace))
        let two = try #require(
            network.open(parameters(10_000, MediaKeys(own: second, far: first)), workspace: workspace))
        let inlet = PacketInlet(memory: network)
        let batch = SendBatch(packets: 16, memory: network)
        #expect(inlet.add(one))
        #expect(inlet.add(two))
        let payload = [UInt8](repeating: 0x2A, count: 160)
        var plain = 0
        var copies: [[UInt8]] = []
        network.onSend = { _, _, packet, _ in
            copies.append(Array(packet))
            if packet.suffix(170).contains(where: { $0 == 0x2A }), packet.filter({ $0 == 0x2A }).count > 100 {
                plain += 1
            }
        }
        for number in 0..<600 {
            let now = Int64(number) * 20_000_000
            payload.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                one.sender.send(
                    base, byteCount: 160, samples: 160, marker: false, now: now, through: one, into: batch)
            }
            batch.flush(now: now)
            inlet.drain(now: now)
            // In clear from the right address; and what went before once more.
            var talker = NetworkTalker()
            talker.sequence = UInt16(number)
            two.hear(
                talker.packet(payload, ticks: 160), from: TransportAddress(ipv4: 0xC000_0201, port: 10_000), at: now)
            if let copy = copies.first { two.hear(copy, from: NetworkTalker.address, at: now) }
            one.report(now: now, wallOffset: 0, into: batch)
            two.report(now: now, wallOffset: 0, into: batch)
        }
        #expect(plain == 0)
        #expect(two.receiver.counters.packets == 600)
        #expect(two.refusedPackets == 1_200)
        #expect(two.destination == one.local)
        #expect(one.control.reportsReceived > 0 && two.control.reportsReceived > 0)
        #expect(one.control.malformed == 0 && two.control.malformed == 0)
    }

    @Test(arguments: MediaSuite.allCases)
    func `comfort noise of a secured call is secured`(_ suite: MediaSuite) throws {
        let network = MemoryNetwork()
        var parameters = RTPPort.parametersForTest()
        parameters.keys = MediaKeys(own: Self.keys(suite, 3), far: Self.keys(suite, 5))
        let port = try #require(network.open(parameters, workspace: RTPWorkspace(spareBuffers: 4)))
        let batch = SendBatch(packets: 4, memory: network)
        var sent: [[UInt8]] = []
        network.onSend = { _, _, packet, _ in sent.append(Array(packet)) }
        port.sender.sendComfortNoise(levelBelowOverload: 66, samples: 160, now: 1, through: port, into: batch)
        batch.flush(now: 1)
        let packet = try #require(sent.first)
        #expect(packet.count == 13 + Int(csrtp_growth(suite.code, false)))
        let far = try #require(SecureStream(Self.keys(suite, 3)))
        var room = packet
        let length = room.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { far.unprotect($0, count: buffer.count) } ?? -1
        }
        #expect(length == 13 && room[1] & 0x7F == 13 && room[12] == 66)
    }

    @Test func `a re-INVITE with the same key goes on counting`() throws {
        let keys = MediaKeys(own: Self.keys(.aes128CounterSHA80), far: Self.keys(.aes128CounterSHA80, 2))
        let old = try #require(SecureSession(keys))
        let outgoing = old.outgoing
        let same = try #require(SecureSession(keys))
        same.takeOver(from: old)
        #expect(same.outgoing === outgoing)
        let other = try #require(SecureSession(MediaKeys(own: keys.far, far: keys.own)))
        other.takeOver(from: same)
        #expect(other.outgoing !== outgoing)
    }
}
