// SPDX-License-Identifier: Apache-2.0

import RTP
import Testing

struct PeerBindingTests {
    private let peer = TransportAddress(ipv4: 0x0A00_0001, port: 4000)
    private let other = TransportAddress(ipv4: 0x0A00_0001, port: 4100)
    private let ms: Int64 = 1_000_000

    private func latch(on address: TransportAddress) -> SourceLatch {
        var latch = SourceLatch(expected: address)
        _ = latch.judge(from: address, ssrc: 1, sequence: 1, at: 0)
        return latch
    }

    @Test func `a call that flows for a second is bound, a silent one opened before another address is believed`() {
        var binding = PeerBinding()
        let latch = latch(on: peer)
        for now in stride(from: 0, to: 1000 * ms, by: Int(40 * ms)) {
            #expect(binding.review(latch, lastHeard: now, now: now) == .none)
        }
        #expect(binding.review(latch, lastHeard: 1000 * ms, now: 1000 * ms) == .bind(peer))
        #expect(binding.isBound)
        #expect(binding.review(latch, lastHeard: 1000 * ms, now: 1299 * ms) == .none)
        #expect(binding.review(latch, lastHeard: 1000 * ms, now: 1340 * ms) == .open)
        #expect(!binding.isBound)
        #expect(PeerBinding.silence + 80 * ms < SourceLatch.silenceBeforeMove)
    }

    @Test func `who cannot be heard through a bound socket is muted once, and never bound again`() {
        var binding = PeerBinding()
        let latch = latch(on: peer)
        var boundAt: Int64?
        var bindings = 0
        for now in stride(from: 0, to: 20_000 * ms, by: Int(40 * ms)) {
            switch binding.review(latch, lastHeard: boundAt ?? now, now: now) {
            case .bind:
                bindings += 1
                boundAt = now
            case .open: boundAt = nil
            case .none: break
            }
        }
        #expect(bindings == 1)
        #expect(!binding.isBound)
    }

    @Test func `a new address opens it at once`() {
        var binding = PeerBinding()
        _ = binding.review(latch(on: peer), lastHeard: 0, now: 0)
        #expect(binding.review(latch(on: peer), lastHeard: 1000 * ms, now: 1000 * ms) == .bind(peer))
        #expect(binding.review(latch(on: other), lastHeard: 1040 * ms, now: 1040 * ms) == .open)
        #expect(binding.review(latch(on: other), lastHeard: 2100 * ms, now: 2100 * ms) == .bind(other))
        #expect(binding.review(SourceLatch(expected: peer), lastHeard: 2100 * ms, now: 2110 * ms) == .open)
    }

    @Test func `who was only guessed is never bound: the address of the SDP may still take the call back`() {
        var latch = SourceLatch(expected: peer)
        for sequence in 0..<3 as Range<UInt16> { _ = latch.judge(from: other, ssrc: 1, sequence: sequence, at: 0) }
        #expect(latch.destination == other)
        var binding = PeerBinding()
        for now in stride(from: 0, to: 5000 * ms, by: Int(40 * ms)) {
            #expect(binding.review(latch, lastHeard: now, now: now) == .none)
        }
    }

    @Test func `who pauses again and again keeps an open socket`() {
        var binding = PeerBinding()
        let latch = latch(on: peer)
        var bindings = 0
        for now in stride(from: 0, to: 60_000 * ms, by: Int(40 * ms)) {
            // Two seconds of speech, one of nothing (a phone that sends nothing in silence).
            let phase = now % (3000 * ms)
            let heard = now - max(0, phase - 2000 * ms)
            if case .bind = binding.review(latch, lastHeard: heard, now: now) { bindings += 1 }
        }
        #expect(bindings == 4)
        #expect(!binding.isBound)
    }
}
